"""A grid of pictures that can be selected, opened, skipped, moved, and given another class."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import Dataset, Sample
from cnnstudio.ui.data.picture_grid import LARGEST, LEFT_OUT_ROLE, SAMPLE_ROLE, SMALLEST, PictureGrid, PicturePainter
from cnnstudio.ui.data.picture_menu import picture_menu
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Curator
from cnnstudio.ui.widgets import Thumbnails, acted_on, grid

PICTURES = "application/x-cnnstudio-pictures"
"""What is dragged from a grid onto a class."""
_BATCH = 2000
_STEP = 16
"""Pixels that a notch of the wheel with Ctrl makes pictures larger."""
_Flag = QtCore.QItemSelectionModel.SelectionFlag


class GridView(QtWidgets.QListView):
    """Space or Return opens, Delete skips, digits give a class; the context menu has everything."""

    looked_at = QtCore.Signal(Sample)
    """To see large."""
    class_wanted = QtCore.Signal(list)
    """Paths of pictures that are to get a class that has no key."""
    side_wanted = QtCore.Signal(int)
    """How large pictures are to be, in pixels."""

    def __init__(self, name: str, sizes: tuple[Thumbnails, Thumbnails], curator: Curator) -> None:
        """``sizes`` read the small and the large thumbnails."""
        super().__init__()
        grid(self, name, "Pictures")
        self.grid = PictureGrid()
        self.setModel(self.grid)
        self._painter = PicturePainter(*sizes)
        self.setItemDelegate(self._painter)
        self.curator = curator
        self.keys: Callable[[], list[str]] = list
        """The classes that the digits give, from 1."""
        self.setLayoutMode(QtWidgets.QListView.LayoutMode.Batched)  # 60,000 at once would hold up the window
        self.setBatchSize(_BATCH)
        self.setGridSize(self._painter.cell)
        self.setSelectionMode(QtWidgets.QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self.setDragEnabled(True)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        self.activated.connect(lambda index: self.looked_at.emit(index.data(SAMPLE_ROLE)))
        self._place = 0
        self.verticalScrollBar().rangeChanged.connect(self._return)
        for thumbnails in sizes:
            thumbnails.ready.connect(self._arrived)
        theme.notifier().changed.connect(self.viewport().update)

    def show_samples(self, samples: Sequence[Sample], dataset: Dataset, groups: Sequence[Sequence[Path]] = ()) -> None:
        """Replace the pictures; the place stays where that is possible.

        Args:
            samples: the pictures.
            dataset: that they are of.
            groups: what belongs together, in their order.
        """
        row = self.currentIndex().row()
        self._place = min(self._place or self.verticalScrollBar().value(), self._lowest(len(samples)))
        shaded = frozenset(path for group in groups[1::2] for path in group)
        self.grid.show_samples(samples, dataset.classes + dataset.gone_classes, frozenset(dataset.left_out), shaded)
        if row >= 0 and samples:  # so that several can be decided about by keyboard alone
            now = self.grid.index(min(row, len(samples) - 1))
            self.setAutoScroll(False)  # the place stays
            self.selectionModel().setCurrentIndex(now, _Flag.ClearAndSelect if self.hasFocus() else _Flag.NoUpdate)
            self.setAutoScroll(True)

    def go_to_top(self) -> None:
        """Other pictures are shown from their beginning."""
        self._place = 0
        self.clearSelection()
        self.setCurrentIndex(QtCore.QModelIndex())
        self.verticalScrollBar().setValue(0)

    def reveal(self, paths: Sequence[Path]) -> bool:
        """Select these pictures and scroll to the first; False where none of them is shown."""
        wanted = frozenset(paths)
        rows = [row for row, sample in enumerate(self.grid.samples) if sample.path in wanted]
        if not rows:
            return False
        chosen = QtCore.QItemSelection()
        for row in rows:
            chosen.select(self.grid.index(row), self.grid.index(row))
        self.setAutoScroll(False)
        self.selectionModel().setCurrentIndex(self.grid.index(rows[0]), _Flag.NoUpdate)
        self.selectionModel().select(chosen, _Flag.ClearAndSelect)
        self.setAutoScroll(True)
        self._go_to(rows[0])
        return True

    def set_side(self, side: int) -> None:
        """How large pictures are shown; the one that was in sight stays there."""
        current = self.currentIndex()
        seen = self.indexAt(QtCore.QPoint(self._painter.side // 2, self._painter.side // 2))
        keep = current if current.isValid() and self._is_seen(current) else seen
        self._painter.side = max(SMALLEST, min(side, LARGEST))
        self._share_width()
        if keep.isValid():
            self._go_to(keep.row())

    @property
    def is_returning(self) -> bool:
        """Whether it is on its way back to a place that is not laid out yet."""
        return self._place > 0

    def chosen(self, *, left_out: bool | None = None) -> list[Path]:
        """Files to act on, or only those of them that are (not) left out."""
        return [
            index.data(SAMPLE_ROLE).path
            for index in acted_on(self)
            if left_out is None or index.data(LEFT_OUT_ROLE) == left_out
        ]

    def leave_out(self) -> None:
        """Leave the selected pictures out."""
        self.curator.leave_out(self.chosen(left_out=False))

    def menu(self) -> QtWidgets.QMenu:
        """What can be done with the selection."""
        return picture_menu(self)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        key, plain = QtCore.Qt.Key(event.key()), not event.modifiers() & ~QtCore.Qt.KeyboardModifier.KeypadModifier
        digit = key - QtCore.Qt.Key.Key_0
        if key in (QtCore.Qt.Key.Key_Delete, QtCore.Qt.Key.Key_Backspace):
            self.leave_out()
        elif key == QtCore.Qt.Key.Key_Space and plain and self.currentIndex().isValid():
            self.looked_at.emit(self.currentIndex().data(SAMPLE_ROLE))
        elif key == QtCore.Qt.Key.Key_Escape and self.selectedIndexes():
            self.clearSelection()
        elif plain and 1 <= digit <= 9:
            self._give_key(digit)
        else:
            super().keyPressEvent(event)

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self.side_wanted.emit(self._painter.side + (_STEP if event.angleDelta().y() > 0 else -_STEP))
            event.accept()
        else:
            super().wheelEvent(event)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self._share_width()
        super().resizeEvent(event)

    @override
    def startDrag(self, supportedActions: QtCore.Qt.DropAction) -> None:
        """Onto a class. Qt's own would carry what is painted of every picture that is selected."""
        used = self.chosen(left_out=False)
        if not used:
            return
        drag, mime = QtGui.QDrag(self), QtCore.QMimeData()
        mime.setData(PICTURES, QtCore.QByteArray(b"\0".join(os.fsencode(path) for path in used)))
        drag.setMimeData(mime)
        drag.setPixmap(self.viewport().grab(self.visualRect(self.currentIndex())))
        drag.exec(QtCore.Qt.DropAction.CopyAction)

    def _arrived(self, key: str) -> None:
        """Only its own place is painted again: of a full screen there are hundreds a second."""
        if not self.isVisible():
            return
        columns, height = self._columns(), self._painter.cell.height()
        first = self.verticalScrollBar().value() // height * columns
        last = first + (self.viewport().height() // height + 2) * columns
        for row, sample in enumerate(self.grid.samples[first:last], first):
            if str(sample.path) == key:
                self.update(self.grid.index(row))

    def _give_key(self, digit: int) -> None:
        keys, used = self.keys(), self.chosen(left_out=False)
        if used and digit <= len(keys):
            self.curator.relabel(used, keys[digit - 1])

    def _ask(self, place: QtCore.QPoint) -> None:
        menu = self.menu()
        menu.exec(self.viewport().mapToGlobal(place))
        menu.deleteLater()

    def _room(self) -> int:
        """What Qt lays out in: it leaves room for its own scroll bar, however wide the style sheet makes that."""
        bar = self.style().pixelMetric(QtWidgets.QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        return min(self.viewport().width(), self.maximumViewportSize().width() - bar) - 1

    def _columns(self) -> int:
        return max(1, self._room() // self._painter.cell.width())

    def _share_width(self) -> None:
        """As many columns as fit, which share what is left."""
        cell = self._painter.cell
        wide = max(cell.width(), self._room() // self._columns())
        if self.gridSize() != QtCore.QSize(wide, cell.height()):
            self.setGridSize(QtCore.QSize(wide, cell.height()))

    def _lowest(self, count: int) -> int:
        """The lowest place that so many pictures surely have, so that one that is waited for comes."""
        rows = count // self._columns() - 1
        return max(0, rows * self._painter.cell.height() - self.viewport().height())

    def _is_seen(self, index: QtCore.QModelIndex) -> bool:
        return self.viewport().rect().intersects(self.visualRect(index))

    def _go_to(self, row: int) -> None:
        """Into sight, as soon as it is laid out."""
        place = row // self._columns() * self._painter.cell.height()
        self._place = min(max(0, place - theme.S), self._lowest(len(self.grid.samples)))
        self.verticalScrollBar().setValue(self._place)
        if not self._place or self.verticalScrollBar().value() == self._place:
            self._place = 0

    def _return(self, _low: int, high: int) -> None:
        """Back to where one was, as soon as so many are placed."""
        if self._place and high >= self._place:
            self.verticalScrollBar().setValue(self._place)
            self._place = 0


def dragged_pictures(mime: QtCore.QMimeData) -> list[Path]:
    """What was dragged from a grid; empty for anything else."""
    content = mime.data(PICTURES).data()
    return [Path(os.fsdecode(name)) for name in bytes(content).split(b"\0") if name]
