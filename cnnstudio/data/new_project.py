"""A project that begins without a folder: one is made where a person says, with a subfolder for each class."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import platformdirs

from cnnstudio.core import DatasetError, safe_file_name, storage_error
from cnnstudio.core.paths import projects_folder
from cnnstudio.data.collect import folder_of_class
from cnnstudio.data.curation import project_folder
from cnnstudio.data.dataset import sample_key
from cnnstudio.data.overview import COVERS, Overview, load_overview, save_cover, save_overview
from cnnstudio.data.reading import is_picture

_NEWEST = 8
"""Pictures of a class that are shown."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A class of a project whose pictures are being collected."""

    name: str
    pictures: int
    newest: tuple[Path, ...]
    """Some of its pictures, the newest first."""


def usual_place() -> Path:
    """What was chosen, or where people keep pictures, or documents; their home where there is none of these."""
    if (chosen := projects_folder()) is not None:
        return chosen
    places = (platformdirs.user_pictures_path(), platformdirs.user_documents_path())
    return next((place for place in places if place.is_dir()), Path.home())


def begin_project(place: Path, name: str) -> Path:
    """Make a folder of its own; where there is one of that name with something in it, with a number behind.

    Raises:
        StorageError: nothing can be written there.
    """
    plain = safe_file_name(name, "My-pictures")
    try:
        place.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            folder = place / (plain if number == 1 else f"{plain}-{number}")
            with suppress(FileExistsError, NotADirectoryError):
                folder.mkdir(exist_ok=folder.is_dir() and not any(folder.iterdir()))
                return folder
    except OSError as error:
        raise storage_error(place, error) from error
    raise AssertionError


def rename_class(folder: Path, name: str) -> Path:
    """Give a class folder another name; gives where it is then.

    Raises:
        DatasetError: there is a class of this name.
        StorageError: it cannot be renamed.
    """
    target = folder_of_class(folder.parent, name)
    try:
        if target.exists() and not target.samefile(folder):
            raise DatasetError(f"There is a class called {target.name} already.", remedy="Choose another name.")
        return folder.rename(target)
    except OSError as error:
        raise storage_error(folder, error) from error


def collected(root: Path) -> tuple[Collected, ...]:
    """The classes of a project that is being collected, also empty ones.

    Raises:
        OSError: the folder may not be opened.
    """
    found = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        pictures = [path for path in folder.iterdir() if is_picture(path.name) and path.is_file()]
        newest = sorted(pictures, key=lambda path: path.stat().st_mtime_ns, reverse=True)[:_NEWEST]
        found.append(Collected(folder.name, len(pictures), tuple(newest)))
    return tuple(found)


def note_collected(root: Path, classes: tuple[Collected, ...], opened: str) -> None:
    """Keep what a list of projects tells of one that is being collected.

    Raises:
        StorageError: the project's folder cannot be written.
    """
    folder = project_folder(root)
    before = load_overview(folder)
    if before is not None and not before.collecting:
        return
    shown = [each.newest[row] for row in range(COVERS) for each in classes if row < len(each.newest)][:COVERS]
    covers = tuple(sample_key(path).hex() for path in shown)
    if before is None or before.covers != covers:
        save_cover(folder, shown)
    filled = [each for each in classes if each.pictures]
    save_overview(
        Overview(
            root=str(root),
            opened=opened,
            pictures=sum(each.pictures for each in filled),
            classes=len(classes),
            collecting=True,
            covers=covers,
        ),
        folder,
    )
