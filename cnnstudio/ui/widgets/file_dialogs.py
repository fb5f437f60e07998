"""Asking for files and folders: a dialog begins where the last one of its kind ended, never where a program started."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6 import QtCore, QtWidgets

Holds = Literal["pictures", "files"]
"""What a folder holds: pictures of people, or what this program reads and writes besides."""

_Places = QtCore.QStandardPaths.StandardLocation
_USUAL = {"pictures": _Places.PicturesLocation, "files": _Places.DocumentsLocation}


def ask_file(parent: QtWidgets.QWidget, title: str, kinds: str, holds: Holds = "files", start: str = "") -> Path | None:
    """Which file to open; ``kinds`` is one of Qt's filters."""
    name, _ = QtWidgets.QFileDialog.getOpenFileName(parent, title, start or begins_in(holds), kinds)
    return _remembered(holds, Path(name)) if name else None


def ask_files(parent: QtWidgets.QWidget, title: str, kinds: str) -> Sequence[Path]:
    """Which pictures to open; ``kinds`` is one of Qt's filters."""
    names, _ = QtWidgets.QFileDialog.getOpenFileNames(parent, title, begins_in("pictures"), kinds)
    return [_remembered("pictures", Path(name)) for name in names]


def ask_new_file(parent: QtWidgets.QWidget, title: str, name: str, kinds: str) -> Path | None:
    """Where to write a file that is called ``name`` unless a person types another name."""
    chosen, _ = QtWidgets.QFileDialog.getSaveFileName(parent, title, str(Path(begins_in("files")) / name), kinds)
    return _remembered("files", Path(chosen)) if chosen else None


def ask_folder(parent: QtWidgets.QWidget, title: str, holds: Holds = "pictures", start: str = "") -> Path | None:
    """Which folder; it may be a new one."""
    name = QtWidgets.QFileDialog.getExistingDirectory(parent, title, start or begins_in(holds))
    return _remembered(holds, Path(name)) if name else None


def begins_in(holds: Holds) -> str:
    """Where the last one was, where the system keeps such things, or at home: the first of these that is there."""
    last = str(QtCore.QSettings().value(_key(holds)) or "")
    places = (last, QtCore.QStandardPaths.writableLocation(_USUAL[holds]), QtCore.QDir.homePath())
    return next((place for place in places if place and QtCore.QFileInfo(place).isDir()), "")


def _remembered(holds: Holds, chosen: Path) -> Path:
    QtCore.QSettings().setValue(_key(holds), str(chosen.parent))
    return chosen


def _key(holds: Holds) -> str:
    return f"dialogs/{holds}"
