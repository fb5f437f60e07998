"""Network names as people write them. No torch."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from cnnstudio.core import NetworkError

_SHOWN = 3
_OWN = re.compile(r"(.+)@[0-9a-f]{8}")


def own_title(name: str) -> str:
    """What a person called the network that they built, by its key ``My network@3f2a9c1b``; empty for any other."""
    found = _OWN.fullmatch(name)
    return found[1] if found else ""


def near_names(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """The networks that a name may mean, at most three: ``ResNet-18``, ``mobilenetv3``, ``timm/resnet50.a1_in1k``."""
    by_letters = {_letters(known): known for known in names}
    for part in (name, *re.split(r"[/.:]", name)):
        asked = _letters(part)
        if asked in by_letters:
            return (by_letters[asked],)
    asked = _letters(name)
    if not asked:
        return ()
    longer = [known for known in by_letters if known.startswith(asked)]
    near = longer[:_SHOWN] or get_close_matches(asked, by_letters, n=_SHOWN)
    return tuple(by_letters[known] for known in near)


def unknown_network(name: str, names: Iterable[str]) -> NetworkError:
    """Of a name that is no network's, with those that may have been meant."""
    return NetworkError(
        f"There is no network called {name}.",
        meaning=did_you_mean(near_names(name, names))
        or "CNN Studio offers torchvision's classification networks and some classics.",
        remedy="Choose one from the list of networks (cnnstudio models).",
    )


def did_you_mean(names: Sequence[str]) -> str:
    """``Did you mean resnet18, resnet34 or resnet50?``; empty without names."""
    if len(names) < 2:
        return f"Did you mean {names[0]}?" if names else ""
    return f"Did you mean {', '.join(names[:-1])} or {names[-1]}?"


def _letters(name: str) -> str:
    """A name without what differs between spellings: case, hyphens, lines, blanks; numbers stay apart."""
    return re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", re.sub(r"(?<=\d)[\W_]+(?=\d)", ".", name)).lower()
