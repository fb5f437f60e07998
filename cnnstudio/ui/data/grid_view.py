"""A grid of pictures that can be selected, looked at closely, left out, moved and relabelled."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import SPLITS, Dataset, Sample
from cnnstudio.ui.data.curator import Curator
from cnnstudio.ui.data.picture_grid import CELL, LEFT_OUT_ROLE, SAMPLE_ROLE, PictureGrid, PicturePainter
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, grid, mnemonic_free

_BATCH = 2000


class GridView(QtWidgets.QListView):
    """Delete leaves out, Return looks closely, the context menu has everything."""

    looked_at = QtCore.Signal(Sample)
    """To see large."""

    def __init__(self, name: str, thumbnails: Thumbnails, curator: Curator) -> None:
        super().__init__()
        grid(self, name, "Pictures")
        self.grid = PictureGrid()
        self.setModel(self.grid)
        self._painter = PicturePainter(thumbnails)
        self.setItemDelegate(self._painter)
        self._curator = curator
        self._classes: tuple[str, ...] = ()
        self.setLayoutMode(QtWidgets.QListView.LayoutMode.Batched)  # 60,000 at once would hold up the window
        self.setBatchSize(_BATCH)
        self.setGridSize(CELL)
        self.setSelectionMode(QtWidgets.QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        self.activated.connect(lambda index: self.looked_at.emit(index.data(SAMPLE_ROLE)))
        self._place = 0
        self.verticalScrollBar().rangeChanged.connect(self._return)
        thumbnails.ready.connect(lambda _: self.viewport().update())
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
        self._classes = dataset.classes
        shaded = frozenset(path for group in groups[1::2] for path in group)
        self.grid.show_samples(samples, dataset.classes + dataset.gone_classes, frozenset(dataset.left_out), shaded)
        if row >= 0 and samples:  # so that several can be decided about by keyboard alone
            now = self.grid.index(min(row, len(samples) - 1))
            flags = (
                QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect
                if self.hasFocus()
                else QtCore.QItemSelectionModel.SelectionFlag.NoUpdate
            )
            self.setAutoScroll(False)  # the place stays
            self.selectionModel().setCurrentIndex(now, flags)
            self.setAutoScroll(True)

    @property
    def is_returning(self) -> bool:
        """Whether it is on its way back to a place that is not laid out yet."""
        return self._place > 0

    def _lowest(self, count: int) -> int:
        """The lowest place that so many pictures surely have, so that one that is waited for comes."""
        columns = max(1, self.viewport().width() // CELL.width())
        return max(0, (count // columns - 1) * CELL.height() - self.viewport().height())

    def _return(self, _low: int, high: int) -> None:
        """Back to where one was, as soon as so many are placed."""
        if self._place and high >= self._place:
            self.verticalScrollBar().setValue(self._place)
            self._place = 0

    def chosen(self, *, left_out: bool | None = None) -> list[Path]:
        """Selected files, or only those that are (not) left out."""
        indexes = sorted(self.selectedIndexes(), key=lambda index: index.row())
        return [
            index.data(SAMPLE_ROLE).path
            for index in indexes
            if left_out is None or index.data(LEFT_OUT_ROLE) == left_out
        ]

    def leave_out(self) -> None:
        """Leave the selected pictures out."""
        self._curator.leave_out(self.chosen(left_out=False))

    def menu(self) -> QtWidgets.QMenu:
        """What can be done with the selection."""
        menu = QtWidgets.QMenu(self)
        paths = self.chosen()
        used, out = self.chosen(left_out=False), self.chosen(left_out=True)
        look = menu.addAction("Open")
        look.triggered.connect(lambda: self.looked_at.emit(self.currentIndex().data(SAMPLE_ROLE)))
        show = menu.addAction("Show in the file manager")
        show.triggered.connect(lambda: QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(paths[0].parent))))
        menu.addSeparator()
        leave = menu.addAction("Skip")
        leave.setEnabled(bool(used))
        leave.triggered.connect(lambda: self._curator.leave_out(used))
        back = menu.addAction("Use again")
        back.setEnabled(bool(out))
        back.triggered.connect(lambda: self._curator.use_again(out))
        move = menu.addMenu("Move to split")
        for split in SPLITS:
            move.addAction(split).triggered.connect(lambda _=False, split=split: self._curator.move(used, split))
        label = menu.addMenu("Change class")
        for name in self._classes:
            label.addAction(mnemonic_free(name)).triggered.connect(
                lambda _=False, name=name: self._curator.relabel(used, name)
            )
        for action in (look, show, move.menuAction(), label.menuAction()):
            action.setEnabled(bool(paths))
        return menu

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() in (QtCore.Qt.Key.Key_Delete, QtCore.Qt.Key.Key_Backspace):
            self.leave_out()
        else:
            super().keyPressEvent(event)

    def _ask(self, place: QtCore.QPoint) -> None:
        menu = self.menu()
        menu.exec(self.viewport().mapToGlobal(place))
        menu.deleteLater()
