"""The classes as a list that takes drops, and what one can do with them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated, one_spelling
from cnnstudio.data import Dataset
from cnnstudio.data.reading import SUFFIXES
from cnnstudio.jobs.specs import SortPaths
from cnnstudio.jobs.specs.pictures import Dropped
from cnnstudio.ui.data.class_list import ClassList, Kind, Row
from cnnstudio.ui.data.class_painter import ClassDelegate
from cnnstudio.ui.data.grid_view import PICTURES, dragged_pictures
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Curator, Studio
from cnnstudio.ui.widgets import Thumbnails, has_local_paths, plain
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.ui.widgets.drops import uri_list
from cnnstudio.ui.widgets.file_dialogs import ask_files


class ClassView(QtWidgets.QListView):
    """A row per class: choosing one shows its pictures; files and pictures can be dropped on it."""

    chosen = QtCore.Signal(Row)
    """What to show the pictures of."""

    def __init__(self, studio: Studio, curator: Curator, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("class_list")
        self.setAccessibleName("Classes; pictures can be dropped onto them")
        self._studio, self._curator = studio, curator
        self.rows = ClassList()
        self.setModel(self.rows)
        self._painter = ClassDelegate(thumbnails)
        self.setItemDelegate(self._painter)
        self._kept: tuple[Kind, str] = ("all", "")
        self._said: Row | None = None
        self.asks_below: QtWidgets.QWidget = self
        """Where a question for a class is asked."""
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        thumbnails.ready.connect(self._arrived)
        theme.notifier().changed.connect(self.viewport().update)
        self.selectionModel().currentChanged.connect(lambda now, _: self._tell(now))
        self.rows.modelReset.connect(self._stay)

    def choose(self, name: str) -> None:
        """Show a class; the search does not hide it."""
        self._kept = ("class", name)
        if (row := self.rows.row_of("class", name)) >= 0:
            self.setCurrentIndex(self.rows.index(row))

    def choose_all(self) -> None:
        """Show all pictures."""
        self._kept = ("all", "")
        self._said = None
        self._stay()
        self._tell(self.currentIndex())

    def show_dataset(self, dataset: Dataset, counts: dict[str, dict[str, int]], *, is_other: bool) -> None:
        """Show a folder's classes; another folder begins with all pictures."""
        self._said = None
        if is_other:
            self._kept = ("all", "")
        self.rows.show_dataset(dataset, counts)
        self._painter.measure(self.rows.names())
        self._fit_names()

    def current(self) -> Row:
        """What is chosen."""
        return self.rows.find(*self._kept) or Row("all", "All pictures")

    def add_pictures(self, paths: list[Path], name: str) -> None:
        """Copy pictures into a class, old or new, and look again."""
        self._curator.add(paths, name)

    def take(self, row: Row, paths: Sequence[Path] = (), uris: bytes = b"", *, on_name: bool = True) -> None:
        """Dropped files: pictures for a class, or for one that is asked for, anything else as if dropped anywhere.

        Args:
            row: they are for.
            paths: files and folders.
            uris: more of them, as they came: making paths of a hundred thousand would hold up the window.
            on_name: they were dropped on its name, and not only on its pictures, where a folder is one to be opened.
        """
        job = SortPaths(paths=tuple(paths), dropped=uris)
        self._studio.submit(
            job, done=lambda found: self._take(row, found, on_name=on_name), failed=self._studio.problem.emit
        )

    def add_class(self) -> None:
        """Ask for a name; the class then waits for its pictures."""
        name, agreed = QtWidgets.QInputDialog.getText(self, "A new class", "What is on these pictures?")
        name = one_spelling(name.strip())
        if agreed and name:
            if self.rows.row_of("class", name) < 0:
                self._curator.new_class(name)
            self.choose(name)

    def choose_pictures(self, name: str) -> None:
        """Ask for pictures of a class."""
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        self._curator.add(ask_files(self, f"Pictures of “{name}”", f"Pictures ({endings})"), name)

    def ask_class(self, take: Callable[[str], object], below: QtWidgets.QWidget | None = None) -> None:
        """One of the classes, or a new one."""
        dataset = self._studio.dataset
        classes = dataset.classes if dataset is not None else ()
        chooser = ClassChooser((*classes, *self._curator.new_classes), parent=self, may_be_new=True)
        chooser.chosen.connect(take)
        chooser.open_below(below or self.asks_below)

    def menu(self, name: str) -> QtWidgets.QMenu:
        """What can be done with a class."""
        menu = QtWidgets.QMenu(self)
        menu.addAction("Add pictures…").triggered.connect(lambda: self.choose_pictures(name))
        menu.addAction("Rename or merge…\tF2").triggered.connect(lambda: self._ask_name(name))
        if self._studio.dataset is not None and name in self._studio.dataset.merged:
            menu.addAction("Separate what was merged").triggered.connect(lambda: self._curator.separate(name))
        return menu

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        row = self.current()
        if event.key() == QtCore.Qt.Key.Key_F2 and row.is_class:
            self._ask_name(row.name)
        else:
            super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_names()

    @override
    def dragEnterEvent(self, event: QtGui.QDragEnterEvent) -> None:
        if has_local_paths(event.mimeData()) or event.mimeData().hasFormat(PICTURES):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QtGui.QDragMoveEvent) -> None:
        """What is chosen stays chosen: the row below the mouse is only marked."""
        super().dragMoveEvent(event)  # scrolls near the edges
        row = self._row_at(event)
        files = has_local_paths(event.mimeData())
        fits = files or (row is not None and row.kind != "all" and event.mimeData().hasFormat(PICTURES))
        self._mark(self.indexAt(event.position().toPoint()).row() if fits and row is not None else -1)
        event.setAccepted(fits)

    @override
    def dragLeaveEvent(self, event: QtGui.QDragLeaveEvent) -> None:
        self._mark(-1)
        super().dragLeaveEvent(event)

    @override
    def dropEvent(self, event: QtGui.QDropEvent) -> None:
        """Files are copied into the class; pictures of the grid get it."""
        self._mark(-1)
        row, mime = self._row_at(event), event.mimeData()
        event.acceptProposedAction()
        if not mime.hasFormat(PICTURES):
            self.take(row or Row("all", ""), uris=bytes(uri_list(mime).data()))
        elif row is not None and row.is_class:
            self._curator.relabel(dragged_pictures(mime), row.name)
        elif row is not None and row.kind == "skipped":
            self._curator.leave_out(dragged_pictures(mime))

    def _arrived(self, key: str) -> None:
        row = self.rows.row_with(key)
        if row >= 0:
            self.update(self.rows.index(row))

    def _fit_names(self) -> None:
        if self._painter.fit(self.viewport().width()):
            self.scheduleDelayedItemsLayout()

    def _take(self, row: Row, found: Dropped, *, on_name: bool) -> None:
        paths = list(found.paths)
        only_pictures = bool(paths) and len(found.pictures) == len(paths)
        if row.is_class and (on_name or only_pictures or row.kind == "new"):
            self._curator.add(paths, row.name)
        elif only_pictures:
            self.ask_class(lambda name: self._curator.add(paths, name))
        else:
            self._studio.paths_wanted.emit(paths)

    def _row_at(self, event: QtGui.QDropEvent) -> Row | None:
        index = self.indexAt(event.position().toPoint())
        return self.rows.rows[index.row()] if index.isValid() else None

    def _mark(self, row: int) -> None:
        if row != self._painter.target:
            self._painter.target = row
            self.viewport().update()

    def _tell(self, now: QtCore.QModelIndex) -> None:
        if now.isValid():
            row = self.rows.rows[now.row()]
            self._kept = (row.kind, row.name)
            self._say(row)

    def _say(self, row: Row) -> None:
        if row != self._said:
            self._said = row
            self.chosen.emit(row)

    def _stay(self) -> None:
        """On the same class after every change, also where the search hides it; where it is gone, all pictures."""
        row, hidden = self.rows.row_of(*self._kept), self.rows.find(*self._kept)
        if row < 0 and hidden is not None:
            self._say(hidden)
        elif self.rows.rows:
            self.setCurrentIndex(self.rows.index(max(row, 0)))

    def _ask_name(self, name: str) -> None:
        text = (
            f"Another name for “{isolated(name)}”. The name of another class merges the two; your folders stay as "
            "they are."
        )
        new, agreed = QtWidgets.QInputDialog.getText(self, "Rename or merge", plain(text), text=name)
        new = one_spelling(new.strip())
        if agreed and new:
            self._kept = ("class", new)
            self._curator.rename(name, new)

    def _ask(self, place: QtCore.QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid() and self.rows.rows[index.row()].is_class:
            menu = self.menu(index.data())
            menu.exec(self.viewport().mapToGlobal(place))
            menu.deleteLater()
