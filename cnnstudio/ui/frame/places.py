"""How the window was left: its size, columns, splitters, page and folder."""

import json
from collections.abc import Callable
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.jobs.specs import ExistingFolders, ScanFolder
from cnnstudio.ui.state import Studio

_GEOMETRY, _PAGE, _FOLDER = "geometry", "page", "folder"
_MOVABLE = QtWidgets.QHeaderView.ResizeMode.Interactive


class Places:
    """Written once, when the window closes; read when the window and each of its pages are made."""

    def __init__(self, window: QtWidgets.QMainWindow, studio: Studio, is_first: Callable[[], bool]) -> None:
        """``is_first`` tells whether the page is shown that every window begins with."""
        self._window, self._studio, self._is_first = window, studio, is_first
        self._settings = QtCore.QSettings()

    def restore(self) -> None:
        """The size as it was; the first time as large as fits."""
        geometry = self._settings.value(_GEOMETRY)
        if not isinstance(geometry, QtCore.QByteArray) or not self._window.restoreGeometry(geometry):
            self._window.resize(QtCore.QSize(1280, 820).boundedTo(self._window.screen().availableSize()))

    def restore_parts(self, page: QtWidgets.QWidget) -> None:
        """The columns and splitters of a page as they were."""
        for splitter in _splitters(page):
            state = self._settings.value(f"splitter/{splitter.objectName()}")
            if isinstance(state, QtCore.QByteArray):
                splitter.restoreState(state)
        for name, header in _headers(page):
            _set_widths(header, str(self._settings.value(f"columns/{name}") or ""))

    def save(self, page: str) -> None:
        """What is shown now; ``page`` is the name of the page."""
        dataset = self._studio.dataset
        self._settings.setValue(_GEOMETRY, self._window.saveGeometry())
        self._settings.setValue(_PAGE, page)
        self._settings.setValue(_FOLDER, str(dataset.root) if dataset is not None else "")
        for splitter in _splitters(self._window):
            self._settings.setValue(f"splitter/{splitter.objectName()}", splitter.saveState())
        for name, header in _headers(self._window):
            self._settings.setValue(f"columns/{name}", json.dumps(_widths(header)))

    def open_last(self) -> None:
        """Open the folder of the last time where it still is, on the page that was shown."""
        page, folder = str(self._settings.value(_PAGE) or ""), str(self._settings.value(_FOLDER) or "")
        if folder:
            job = ExistingFolders(folders=(Path(folder),))
            self._studio.submit(job, done=lambda found: self._open(page, found))

    def _open(self, page: str, folders: tuple[Path, ...]) -> None:
        if folders and self._studio.dataset is None and not self._studio.is_under_way(ScanFolder):
            stays = not self._is_first()  # whoever was quicker wants to be where they are
            self._studio.open_folder(folders[0])
            if (
                not stays and self._window.findChild(QtWidgets.QWidget, f"{page}_page") is not None
            ):  # and not of another version
                self._studio.navigate.emit(page)


def _splitters(of: QtWidgets.QWidget) -> list[QtWidgets.QSplitter]:
    return [each for each in of.findChildren(QtWidgets.QSplitter) if each.objectName()]


def _headers(of: QtWidgets.QWidget) -> list[tuple[str, QtWidgets.QHeaderView]]:
    tables = [(view.objectName(), view.horizontalHeader()) for view in of.findChildren(QtWidgets.QTableView)]
    trees = [(view.objectName(), view.header()) for view in of.findChildren(QtWidgets.QTreeView)]
    return [(name, header) for name, header in (*tables, *trees) if name]


def _widths(header: QtWidgets.QHeaderView) -> list[int]:
    """Of every column, 0 for one that is hidden or finds its width by itself."""
    return [
        0
        if header.isSectionHidden(number) or header.sectionResizeMode(number) is not _MOVABLE
        else header.sectionSize(number)
        for number in range(header.count())
    ]


def _set_widths(header: QtWidgets.QHeaderView, told: str) -> None:
    try:
        widths = json.loads(told)
    except ValueError:
        return
    if isinstance(widths, list) and len(widths) == header.count():  # and not those of another version
        for number, width in enumerate(widths):
            if isinstance(width, int) and 0 < width < 4000 and header.sectionResizeMode(number) is _MOVABLE:
                header.resizeSection(number, width)
