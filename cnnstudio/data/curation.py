"""What a person decided about a folder of pictures, kept beside its runs: the folder itself is never changed."""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from cnnstudio.core import FormatError, NewerFormat, StorageError, codec, runs_folder, safe_file_name
from cnnstudio.data.dataset import FileProblem, Split, SplitSpec

log = logging.getLogger(__name__)
_DECISIONS, _SPLIT, _UNREADABLE = "project.json", "split.json", ".unreadable"
ASK_AGAIN = "ask"
"""In place of a choice: forget the one that was made."""
T = TypeVar("T")


def _with_one_answer(plain: codec.Plain) -> codec.Plain:
    """Version 1 knew one question, whether the labels in file names are to be used."""
    others = {key: value for key, value in plain.items() if key != "names_are_labels"}
    return {**others, "classes_from": "names" if plain.get("names_are_labels") else ""}


@codec.versioned(_with_one_answer)
@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """Decisions about pictures, by path relative to the folder, with forward slashes, and about classes."""

    left_out: tuple[str, ...] = ()
    classes: dict[str, str] = field(default_factory=dict)
    """Another class than the folder says."""
    splits: dict[str, Split] = field(default_factory=dict)
    """Another split than the folder says, or than was drawn."""
    merged: dict[str, str] = field(default_factory=dict)
    """Classes that are others as a whole, also for pictures that are added later."""
    classes_from: str = ""
    """Which reading of the folder's layout a person chose, where it allows several: the key of a ``Choice``."""

    def without(self, paths: tuple[str, ...]) -> "Curation":
        """With these left out as well."""
        return replace(self, left_out=tuple(dict.fromkeys([*self.left_out, *paths])))

    def back(self, paths: tuple[str, ...]) -> "Curation":
        """With these used again."""
        return replace(self, left_out=tuple(path for path in self.left_out if path not in set(paths)))

    def moved(self, paths: tuple[str, ...], split: Split) -> "Curation":
        """With these in another split."""
        return replace(self, splits={**self.splits, **dict.fromkeys(paths, split)})

    def relabelled(self, paths: tuple[str, ...], name: str) -> "Curation":
        """With these in another class, which is then one of its own again."""
        merged = {each: into for each, into in self.merged.items() if each != name}
        return replace(self, classes={**self.classes, **dict.fromkeys(paths, name)}, merged=merged)

    def with_merged(self, merges: Iterable[tuple[str, str]]) -> "Curation":
        """With each first class as a part of the second."""
        merged = dict(self.merged)
        for name, into in merges:
            merged = {each: into if old == name else old for each, old in merged.items()} | {name: into}
            merged.pop(into, None)
        return replace(self, merged=merged)

    def separated(self, name: str) -> "Curation":
        """With the classes that were merged into this one as classes of their own again."""
        return replace(self, merged={each: into for each, into in self.merged.items() if into != name})


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSplit:
    """Where pictures went when the split was drawn; kept, so that added files move nothing."""

    spec: SplitSpec = field(default_factory=SplitSpec)
    """With another one everything is drawn anew."""
    names: dict[Split, tuple[str, ...]] = field(default_factory=dict)

    def by_name(self) -> dict[str, Split]:
        """The split of each picture."""
        return {name: split for split, names in self.names.items() for name in names}


def project_folder(root: Path) -> Path:
    """Where runs on a folder of pictures, and the decisions about it, are kept."""
    return runs_folder() / project_name(root)


def project_name(root: Path) -> str:
    """What that folder is called, which follows from where the pictures are."""
    real = root.resolve()  # the same by every way that leads there
    digest = hashlib.blake2b(os.fsencode(real), digest_size=4).hexdigest()
    return f"{safe_file_name(real.name)}-{digest}"


def load_curation(root: Path) -> Curation:
    """What was decided so far. A file that cannot be understood is put aside, not overwritten.

    Raises:
        NewerFormat: it was written by a newer version, which alone can go on with it.
    """
    return _load(project_folder(root) / _DECISIONS, Curation)


def save_curation(root: Path, curation: Curation) -> None:
    """Remember decisions.

    Raises:
        StorageError: the project's folder cannot be written.
    """
    codec.save_json(project_folder(root) / _DECISIONS, curation)


def load_drawn(root: Path) -> DrawnSplit:
    """How the split was drawn the last time; a file that cannot be understood is put aside.

    Raises:
        NewerFormat: it was written by a newer version.
    """
    return _load(project_folder(root) / _SPLIT, DrawnSplit)


def save_drawn(root: Path, drawn: DrawnSplit) -> None:
    """Remember it; where that cannot be written, the same is drawn again, as long as no file is added."""
    with suppress(StorageError):
        codec.save_json(project_folder(root) / _SPLIT, drawn, indent=None)


def put_aside(root: Path) -> Iterator[FileProblem]:
    """What was decided earlier and cannot be read."""
    for name in (_DECISIONS, _SPLIT):
        path = project_folder(root) / (name + _UNREADABLE)
        if path.is_file():
            detail = f"What was decided earlier about this folder could not be read; it is kept in {path.name}."
            yield FileProblem(path=path, kind="unreadable", detail=detail)


def _load(file: Path, kind: type[T]) -> T:
    try:
        return codec.load_json(file, kind)
    except NewerFormat:
        raise
    except OSError:
        return kind()
    except FormatError as error:
        log.warning("%s", error)
        with suppress(OSError):
            file.replace(file.with_name(file.name + _UNREADABLE))
        return kind()
