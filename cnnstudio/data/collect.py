"""Add pictures to a folder: copied or recorded, under new names, never over anything."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from cnnstudio.core.atomic import storage_error
from cnnstudio.core.errors import DatasetError
from cnnstudio.core.paths import safe_file_name
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.image_suffixes import SUFFIXES


def class_folder(dataset: Dataset, name: str) -> Path:
    """Where new pictures of a class go: where most of its training pictures are, or a new folder beside the others."""
    label = dataset.classes.index(name) if name in dataset.classes else -1
    own = [sample.path.parent for sample in dataset.samples if sample.label == label and sample.split == "train"]
    if own:
        return max(set(own), key=own.count)
    others = [sample.path.parent.parent for sample in dataset.samples if sample.split == "train"]
    place = max(set(others), key=others.count) if others else dataset.root
    return place / safe_file_name(name)


def add_pictures(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Copy pictures, and those in folders, into ``folder``; returns the new files.

    A file that is there already under another name is added again: the scan finds copies.

    Raises:
        DatasetError: there is no picture among them.
        StorageError: the folder cannot be written.
    """
    pictures = list(_pictures(paths))
    if not pictures:
        raise DatasetError("There is no picture among these files.", remedy="Drop pictures, or folders that hold some.")
    added = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in pictures:
            target = _free_name(folder, source)
            shutil.copyfile(source, target)
            added.append(target)
    except OSError as error:
        raise storage_error(folder, error) from error
    return added


def add_frame(content: bytes, folder: Path, stem: str) -> Path:
    """Write one encoded picture of a recording as ``folder/STEM-0001.jpg`` and so on.

    Raises:
        StorageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = next(path for n in count(1) if not (path := folder / f"{stem}-{n:04d}.jpg").exists())
        path.write_bytes(content)
    except OSError as error:
        raise storage_error(folder, error) from error
    return path


def _pictures(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def _free_name(folder: Path, source: Path) -> Path:
    target, number = folder / source.name, 2
    while target.exists():
        target = folder / f"{source.stem}-{number}{source.suffix}"
        number += 1
    return target
