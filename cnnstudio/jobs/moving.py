"""Moving what CNN Studio keeps to another folder, such as on a larger disk."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cnnstudio.core import (
    StopRequested,
    StorageError,
    Watch,
    cache_folder,
    config_folder,
    data_folder,
    runs_folder,
    size_in_words,
)
from cnnstudio.core.atomic import storage_error, write_text_atomically
from cnnstudio.core.chosen_folders import Kind, choose, load
from cnnstudio.core.paths import free_bytes
from cnnstudio.data.curation import project_name

_NAMES: dict[Kind, str] = {"data": "CNN Studio data", "runs": "CNN Studio runs", "cache": "CNN Studio cache"}
_RECORDS = "run.json", "overview.json"
_NOTED = {"overview.json", "cover.jpg", "split.json"}
"""What comes of opening a folder, before a person does anything."""
_MEGABYTE = 10**6


def move_folder(kind: Kind, target: Path, watch: Watch) -> Path:
    """Copy, use the copy from now on, and remove what was copied; gives the new folder.

    Args:
        kind: data, runs or cache.
        target: an empty folder; in one that holds something, a folder of ours is made.
        watch: progress in megabytes; a stop leaves everything as it was.

    Raises:
        StorageError: there is no room, or it cannot be written.
    """
    old = {"data": data_folder, "runs": runs_folder, "cache": cache_folder}[kind]()
    try:
        new = _place_for(kind, target.absolute(), old)
        _copy(old, new, watch)
        runs = runs_folder()
        inside = runs.is_relative_to(old)
        if inside:  # else they are where others may look at them, until the copy is used
            _follow(old, new, new / runs.relative_to(old))
    except OSError as error:
        raise storage_error(target, error) from error
    choose(config_folder(), kind, new)
    if kind == "data" and (chosen := load(config_folder()).runs) and Path(chosen).is_relative_to(old):
        choose(config_folder(), "runs", new / Path(chosen).relative_to(old))
    if kind == "data" and not inside:
        _follow(old, new, runs)
    shutil.rmtree(old, ignore_errors=True)
    return new


def follow_pictures(before: Path, now: Path) -> None:
    """A person moved a folder of pictures: what was decided about it and trained on it goes with it.

    Raises:
        StorageError: there is a project on the new place already, or ours cannot be written.
    """
    runs = runs_folder()
    kept, place = runs / project_name(before), runs / project_name(now)
    if place.is_dir() and {each.name for each in place.iterdir()} - _NOTED:
        raise StorageError(
            "This folder is a project of its own.",
            meaning="Something was decided about it or trained on it already, and two projects cannot be joined.",
            remedy="Open it as it is, and take the other one off the list.",
        )
    try:
        if kept.is_dir():
            shutil.rmtree(place, ignore_errors=True)  # nothing but what opening it noted
            kept.rename(place)
        _tell_records(runs, [(kept, place), (before, now)])
    except OSError as error:
        raise storage_error(place, error) from error


def _place_for(kind: Kind, target: Path, old: Path) -> Path:
    new = target / _NAMES[kind] if target.is_dir() and any(target.iterdir()) else target
    if new.resolve().is_relative_to(old.resolve()) or old.resolve().is_relative_to(new.resolve()):
        raise StorageError(
            "This folder lies in the one that is to be moved.",
            meaning=f"It is {old} that is moved.",
            remedy="Choose a folder outside it.",
        )
    if new.is_dir() and any(new.iterdir()):
        raise StorageError(
            f"There is already a folder {new} with something in it.", remedy="Choose another folder, or empty this one."
        )
    return new


def _copy(old: Path, new: Path, watch: Watch) -> None:
    files = list(_files_in(old))
    total = sum(size for _, size in files)
    if total > (room := free_bytes(new)):
        raise StorageError(
            "There is not enough room on that disk.",
            meaning=f"{size_in_words(total)} are to be moved, and {size_in_words(room)} are free.",
            remedy="Choose a folder on another disk.",
        )
    done, megabytes = 0, max(1, total // _MEGABYTE)
    try:
        new.mkdir(parents=True, exist_ok=True)
        for file, size in files:
            watch.check()
            watch.progress(min(done // _MEGABYTE, megabytes), megabytes, "Moving, in MB")
            place = new / file.relative_to(old)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, place, follow_symlinks=False)
            done += size
    except (OSError, StopRequested):
        shutil.rmtree(new, ignore_errors=True)
        raise


def _files_in(folder: Path) -> Iterator[tuple[Path, int]]:
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            with suppress(FileNotFoundError):  # of a program that has just ended
                yield file, file.lstat().st_size


def _follow(old: Path, new: Path, runs: Path) -> None:
    """Projects on pictures that were moved along are found by the new place, and so is what names that place.

    Args:
        old: what was copied.
        new: the copy.
        runs: where the projects are by now.
    """
    named = [(old, new)]
    for place, folders, _ in os.walk(new):
        for folder in folders:
            pictures = Path(place, folder)
            before = runs / project_name(old / pictures.relative_to(new))
            if before.is_dir():
                after = runs / project_name(pictures)
                before.rename(after)
                named.append((before, after))
    _tell_records(runs, named)


def _tell_records(runs: Path, named: list[tuple[Path, Path]]) -> None:
    """Write each new name in place of the old one."""
    records = [record for name in _RECORDS for record in runs.rglob(name)]
    for record in records:
        text = record.read_text(encoding="utf-8")
        for before, after in named:
            was, now = (json.dumps(str(folder), ensure_ascii=False)[1:-1] for folder in (before, after))
            for end in ("/", "\\\\", '"'):
                text = text.replace(f'"{was}{end}', f'"{now}{end}')
        write_text_atomically(record, text)
