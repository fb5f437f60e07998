"""What a person decided at a second look at doubtful pictures, in its order, so that each decision can be taken back.

The decisions themselves are those of the project (``data/curation.py``), and no file is moved. Beside them a log is
kept: it knows which labels were confirmed, and what was decided before, also after a restart.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cnnstudio.core import FormatError, NewerFormat, codec
from cnnstudio.data.curation import Curation, load_curation, project_folder, save_curation
from cnnstudio.data.dataset import Split

log = logging.getLogger(__name__)
_FILE = "second-look.json"
Verdict = Literal["right", "class", "skip", "later"]
"""The label is right; it is another class; do not use it; ask again at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One decision."""

    name: str
    """Of the picture, relative to the folder, with forward slashes."""
    label: str
    """The class that it had."""
    verdict: Verdict
    to: str = ""
    """The class that it got."""
    answer: str = ""
    """What the network answered."""
    p_label: float = 0.0
    p_answer: float = 0.0
    split: Split = "train"
    before: str | None = None
    """Another class than the folder says, if one was decided before."""
    was_skipped: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything is different since."""
        return self.verdict in ("class", "skip")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """All of a folder, the oldest first."""

    looks: tuple[Look, ...] = ()


def load_second_look(root: Path) -> SecondLook:
    """What was looked at so far; a log that cannot be understood is put aside.

    Raises:
        NewerFormat: it was written by a newer version.
    """
    file = project_folder(root) / _FILE
    try:
        return codec.load_json(file, SecondLook)
    except NewerFormat:
        raise
    except OSError:
        return SecondLook()
    except FormatError as error:
        log.warning("%s", error)
        with suppress(OSError):
            file.replace(file.with_name(file.name + ".unreadable"))
        return SecondLook()


def take_look(root: Path, look: Look) -> SecondLook:
    """Decide, and remember what was decided before.

    Raises:
        NewerFormat, StorageError: then nothing changed.
    """
    looked, curation = load_second_look(root), load_curation(root)
    look = replace(look, before=curation.classes.get(look.name), was_skipped=look.name in curation.left_out)
    after = _decided(curation, look)
    if after != curation:
        save_curation(root, after)
    return _keep(root, (*looked.looks, look))


def take_back_look(root: Path) -> SecondLook:
    """Take the newest decision back; what was changed elsewhere since then stays.

    Raises:
        NewerFormat, StorageError: then nothing changed.
    """
    looked, curation = load_second_look(root), load_curation(root)
    if not looked.looks:
        return looked
    look = looked.looks[-1]
    after = _taken_back(curation, look)
    if after != curation:
        save_curation(root, after)
    return _keep(root, looked.looks[:-1])


def _decided(curation: Curation, look: Look) -> Curation:
    if look.verdict == "class":
        return curation.relabelled((look.name,), look.to)
    return curation.without((look.name,)) if look.verdict == "skip" else curation


def _taken_back(curation: Curation, look: Look) -> Curation:
    if look.verdict == "skip" and not look.was_skipped:
        return curation.back((look.name,))
    if look.verdict == "class" and curation.classes.get(look.name) == look.to:
        others = {name: to for name, to in curation.classes.items() if name != look.name}
        return replace(curation, classes=others if look.before is None else {**others, look.name: look.before})
    return curation


def _keep(root: Path, looks: tuple[Look, ...]) -> SecondLook:
    kept = SecondLook(looks=looks)
    codec.save_json(project_folder(root) / _FILE, kept)
    return kept
