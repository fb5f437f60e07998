"""AddPictures: copy dropped files into a class."""

from collections.abc import Callable
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.data.collect import add_pictures
from cnnstudio.jobs.specs import AddPictures


def run(spec: AddPictures, _control: Control, _emit: Callable[[Event], None]) -> list[Path]:
    """The new files.

    Raises:
        DatasetError: there is no picture among them.
        StorageError: the folder cannot be written.
    """
    return add_pictures(spec.pictures, spec.folder)
