"""Which files of a folder are pictures, and of which class: whatever layout people have."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.core.errors import LabelsInNames
from cnnstudio.data.csv_labels import LabelTable, find_label_table
from cnnstudio.data.dataset import FileProblem
from cnnstudio.data.image_suffixes import SUFFIXES
from cnnstudio.data.name_labels import guess_labels, in_words
from cnnstudio.data.spec import SPLIT_NAMES, Split

SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db", "$recycle.bin"})
_DEEPEST = 3
_LISTED = frozenset(SUFFIXES) | {".heic", ".heif", ""}
"""Looked at; what can then not be read is said."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file that may be a picture."""

    path: Path
    class_name: str
    split: Split | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lies in a folder."""

    files: tuple[Listed, ...]
    problems: tuple[FileProblem, ...]
    has_splits: bool
    """Whether the folder or its table says which pictures are for training and which for testing."""


def list_pictures(folder: Path, *, names_are_labels: bool, control: Control) -> Listing:
    """Recognise the layout and list the files.

    In that order: folders named train, validation (val, valid) and test with classes inside; a folder per class; both
    also one level further down; a table of file names and labels; labels in file names, once a person has agreed.

    Raises:
        LabelsInNames: the names look like labels, and nobody has agreed yet.
        StopRequested: a stop was asked for.
    """
    folder = _inner(folder)
    problems: list[FileProblem] = []
    if _class_folders(folder) < 2 and not _split_folders(folder) and (table := find_label_table(folder)):
        return _from_table(table)
    split_folders = _split_folders(folder)
    files: list[Listed] = []
    places: list[tuple[Path, Split | None]] = [*split_folders] or [(folder, None)]
    for place, split in places:
        files += [Listed(path, name, split) for path, name in _walk_classes(place, problems, control)]
    if not files and (labels := guess_labels(_loose(folder))):
        if not names_are_labels:
            raise LabelsInNames(
                f"The pictures in {folder.name} lie in no class folders, but their names look like labels.",
                meaning=f"{in_words(labels)}.",
                remedy="Use the names as classes, or make one subfolder per class.",
            )
        files = [Listed(path, label, None) for path, label in labels.items()]
        problems = [problem for problem in problems if problem.path not in labels]
    return Listing(files=tuple(files), problems=tuple(problems), has_splits=bool(split_folders))


def _from_table(table: LabelTable) -> Listing:
    problems = []
    if table.missing:
        detail = f"{table.missing:,} lines of {table.file.name} name files that are not there."
        problems.append(FileProblem(path=table.file, kind="unreadable", detail=detail))
    files = tuple(Listed(row.path, row.label, row.split if table.has_splits else None) for row in table.rows)
    return Listing(files=files, problems=tuple(problems), has_splits=table.has_splits)


def _inner(folder: Path) -> Path:
    """The folder that holds the classes, where others are wrapped around it, as archives often do."""
    for _ in range(_DEEPEST):
        entries = [entry for entry in folder.iterdir() if _ignored(entry) is None]
        if len(entries) != 1 or not entries[0].is_dir():
            break
        if not _split_folders(entries[0]) and _class_folders(entries[0]) < 2:
            break
        folder = entries[0]
    return folder


def _class_folders(folder: Path) -> int:
    return sum(entry.is_dir() and _ignored(entry) is None for entry in folder.iterdir())


def _loose(folder: Path) -> list[Path]:
    """Pictures that lie directly in the folder."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and _ignored(path) is None)


def _split_folders(folder: Path) -> list[tuple[Path, Split]]:
    """The split folders, when there is a training folder and each of them holds classes."""
    found = [
        (entry, SPLIT_NAMES[entry.name.lower()])
        for entry in sorted(folder.iterdir())
        if entry.is_dir() and entry.name.lower() in SPLIT_NAMES
    ]
    has_train = any(split == "train" and any(sub.is_dir() for sub in entry.iterdir()) for entry, split in found)
    return found if has_train else []


def _walk_classes(folder: Path, problems: list[FileProblem], control: Control) -> Iterator[tuple[Path, str]]:
    """Files that may be pictures, with their class; everything else becomes a problem."""
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        control.check()
        if (ignored := _ignored(entry)) is not None:
            problems.append(ignored)
        elif not entry.is_dir():
            detail = f"{entry.name} lies beside the class folders, so its class is not known."
            problems.append(FileProblem(path=entry, kind="outside-classes", detail=detail))
        else:
            found = False
            for path in _walk(entry, {_identity(entry)}, problems, control):
                found = True
                yield path, entry.name
            if not found:
                detail = f"The folder {entry.name} has no pictures, so it is not a class."
                problems.append(FileProblem(path=entry, kind="empty-class", detail=detail))


def _walk(folder: Path, seen: set[tuple[int, int]], problems: list[FileProblem], control: Control) -> Iterator[Path]:
    with os.scandir(folder) as entries:  # asking every file whether it is a folder is felt at 60,000
        plain = {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        control.check()
        if (ignored := _ignored(entry)) is not None:
            problems.append(ignored)
        elif entry.name not in plain and entry.is_dir():
            identity = _identity(entry)
            if identity in seen:
                detail = f"The link {entry.name} leads back to a folder that was already read."
                problems.append(FileProblem(path=entry, kind="loop", detail=detail))
                continue
            seen.add(identity)
            yield from _walk(entry, seen, problems, control)
        elif entry.suffix.lower() in _LISTED:
            yield entry
        else:
            detail = f"{entry.name} is not a picture."
            problems.append(FileProblem(path=entry, kind="not-an-image", detail=detail))


def _ignored(entry: Path) -> FileProblem | None:
    if entry.name.startswith("."):
        return FileProblem(path=entry, kind="hidden", detail=f"{entry.name} is hidden.")
    if entry.name.lower() in SYSTEM_NAMES:
        return FileProblem(path=entry, kind="system-file", detail=f"{entry.name} belongs to the operating system.")
    return None


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino
