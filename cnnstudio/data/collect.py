"""Collect pictures: those in what a person points at, and into a folder, copied or recorded, never over anything."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.parse import unquote_to_bytes
from urllib.request import url2pathname

import numpy as np
from PIL import Image

from cnnstudio.core import Control, DatasetError, numbered_name, one_spelling, safe_file_name, storage_error
from cnnstudio.data.dataset import Dataset, FileProblem
from cnnstudio.data.layouts.folder import SYSTEM_NAMES, look_into
from cnnstudio.data.layouts.folder import pictures_in as names_in
from cnnstudio.data.layouts.folder_words import split_of
from cnnstudio.data.reading import is_picture

_JPEG_QUALITY = 92


def pictures_in(
    paths: Iterable[Path], control: Control | None = None, skipped: list[FileProblem] | None = None
) -> list[Path]:
    """Files as they are, and of folders what a scan would look at, in the order that people count in.

    So hidden files and those of the operating system are left out, links in a circle are followed once, and what only
    may be a picture is there: whoever opens it says what is wrong with it. A file without an ending is one where it
    begins as one.

    Args:
        paths: files and folders.
        control: asked for a stop.
        skipped: gets what else there is in the folders, with the reason.

    Raises:
        StopRequested: a stop was asked for.
        OSError: a folder may not be opened.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [path / name for name in names_below(path, control, skipped)]
        else:
            found.append(path)
    return found


def names_below(folder: Path, control: Control | None = None, skipped: list[FileProblem] | None = None) -> list[str]:
    """As ``pictures_in`` of one folder: names relative to it, with forward slashes."""
    aside = [] if skipped is None else skipped
    return sorted(names_in(look_into(folder), aside, control or Control(), above=folder), key=_as_people_count)


def dropped_paths(uris: bytes) -> list[Path]:
    """Local files and folders in what a file manager hands over: a list of URIs, one a line (``text/uri-list``).

    Split by hand, since urllib wants ASCII, and refuses names that it takes for addresses.
    """
    found = []
    for line in map(bytes.strip, uris.splitlines()):
        scheme, _, place = line.partition(b":")
        if scheme.lower() != b"file":
            continue
        host = b""
        if place.startswith(b"//"):
            host, slash, path = place[2:].partition(b"/")
            place = slash + path
        if host.lower() in (b"", b"localhost"):
            found.append(_local(place))
        elif os.name == "nt":  # on a server
            found.append(_local(b"//" + host + place))
    return found


def _local(path: bytes) -> Path:
    if os.name == "nt":
        return Path(url2pathname(path.decode()))
    return Path(os.fsdecode(unquote_to_bytes(path)))  # also a name that is no UTF-8


UNSAID = frozenset({"hidden", "system-file"})
"""Kinds of skipped files that nobody put there, so that their number is enough."""


def class_folder(dataset: Dataset, name: str) -> Path:
    """Where new pictures of a class go: into the folder of its name where there is one, or into a new one beside it.

    A class that a person gave another name has no such folder yet, and gets one.
    """
    parents = Counter(sample.path.parent for sample in dataset.samples if sample.split == "train")
    places, beside = Counter[Path](), Counter[Path]()
    for parent, own in parents.items():
        beside[parent.parent] += own
        for place in (parent, *parent.parents):
            if place == dataset.root:
                break
            places[place] += own
    named = [place for place in places if one_spelling(place.name) == name]
    if named:
        return max(named, key=places.__getitem__)
    place = beside.most_common(1)[0][0] if beside else dataset.root
    return folder_of_class(place if place.is_relative_to(dataset.root) else dataset.root, name)


def folder_of_class(root: Path, name: str) -> Path:
    """Where pictures of a class go; one that is called like a split, or as no class may be, gets ``class-`` before."""
    plain = safe_file_name(name)
    taken = split_of(plain) is not None or plain.lower() in SYSTEM_NAMES
    return root / (f"class-{plain}" if taken else plain)


def names_of_folders(classes: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """As ``folder_of_class`` calls the folder of each class; all different, also where case does not count.

    Args:
        classes: their names.
        taken: what none of them may be called.
    """
    names, known = list[str](), {name.casefold() for name in taken}
    for label in classes:
        name = folder_of_class(Path(), label).name
        if name.casefold() in known:
            name = f"class-{name}"
        number, first = 2, name
        while name.casefold() in known:
            name, number = f"{first}-{number}", number + 1
        known.add(name.casefold())
        names.append(name)
    return names


def add_pictures(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Copy pictures, and those in folders, into ``folder``; returns the new files.

    A file that is there already under another name is added again: the scan finds copies.

    Raises:
        DatasetError: there is no picture among them.
        StorageError: the folder cannot be written.
    """
    pictures = [path for path in pictures_in(paths) if is_picture(path.name) and path.is_file()]
    if not pictures:
        raise DatasetError("There is no picture among these files.", remedy="Drop pictures, or folders that hold some.")
    added = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in pictures:
            target = free_name(folder, source)
            shutil.copyfile(source, target)
            added.append(target)
    except OSError as error:
        raise storage_error(folder, error) from error
    return added


def keep_frame(pixels: np.ndarray, folder: Path, stem: str, number: int = 1) -> Path:
    """Write a picture of a recording as ``folder/STEM-0001.jpg`` and so on.

    Args:
        pixels: H×W×3 uint8.
        folder: made where it is new.
        stem: of this recording.
        number: of the picture in it; where that is taken, the next one that is free.

    Raises:
        StorageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for free in count(number):
            path = folder / f"{stem}-{free:04d}.jpg"
            with suppress(FileExistsError), path.open("xb") as file:
                Image.fromarray(pixels).save(file, "JPEG", quality=_JPEG_QUALITY)
                return path
    except OSError as error:
        raise storage_error(folder, error) from error
    raise AssertionError


def _as_people_count(name: str) -> tuple[list[tuple[str, int]], str]:
    """Sorts img2 before img10, in every folder on the way."""
    parts = re.split(r"([0-9]+)", name.lower())
    counted = [(text, int(digits)) for text, digits in zip(parts[::2], [*parts[1::2], "-1"], strict=True)]
    return counted, name


def free_name(folder: Path, source: Path) -> Path:
    """Where a copy of ``source`` goes in ``folder``, so that it replaces nothing."""
    target, number = folder / source.name, 2
    while target.exists():
        target = folder / numbered_name(source.name, number)
        number += 1
    return target
