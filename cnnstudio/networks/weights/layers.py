"""Where in a file the layers of a network are, whatever they were wrapped in."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import torch

from cnnstudio.networks.kinds import family_of


def layers_of(name: str, state: Mapping[str, torch.Tensor], wanted: Collection[str]) -> dict[str, torch.Tensor]:
    """The tensors under the prefix that holds most layers of a network, by the names they have in it.

    Args:
        name: of the network, whose older names are understood.
        state: flat names with their tensors.
        wanted: the network's names.
    """
    found: Counter[str] = Counter(
        key.removesuffix(end) for key in state for end in _ends(key) if _renamed(name, end) in wanted
    )
    prefix = max(found, key=found.__getitem__, default="")  # the first in the file, of several as good
    return {_renamed(name, key.removeprefix(prefix)): value for key, value in state.items() if key.startswith(prefix)}


def _ends(key: str) -> Iterator[str]:
    """``a.b.c``, ``b.c``, ``c``."""
    yield key
    yield from (key[dot.end() :] for dot in re.finditer(r"\.", key))


def _renamed(name: str, key: str) -> str:
    for old, new in family_of(name).renamed:
        key = re.sub(old, new, key)
    return key
