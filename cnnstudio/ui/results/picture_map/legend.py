"""What the marks mean; a tick shows or hides all of one kind."""

from dataclasses import replace

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.ui.results.picture_map.colouring import Colouring
from cnnstudio.ui.results.picture_map.points import drawn
from cnnstudio.ui.widgets import plain

_MARK = 10.0
"""Pixels: larger than the points, to be told apart."""


class MapLegend(QtWidgets.QListWidget):
    """Space ticks; a double click shows one kind alone, and another all again."""

    toggled = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_legend")
        self.setAccessibleName("Kinds of points; a tick shows them")
        self.setProperty("spaced", "true")
        self.setUniformItemSizes(True)
        self.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemChanged.connect(lambda _: self.toggled.emit())
        self.itemDoubleClicked.connect(self._alone)

    def show_colouring(self, colouring: Colouring, *, keep: bool) -> None:
        """Replace the rows; ``keep`` leaves the ticks where the rows are the same ones."""
        hidden = set(np.flatnonzero(~self.shown())) if keep else set()
        with QtCore.QSignalBlocker(self):
            self.clear()
            for number, (name, count) in enumerate(zip(colouring.names, colouring.counts(), strict=True)):
                item = QtWidgets.QListWidgetItem(f"{name}  {count:,}")
                item.setToolTip(plain(name))
                item.setIcon(QtGui.QIcon(drawn(replace(colouring.marks[number], size=_MARK), self.devicePixelRatioF())))
                item.setFlags(item.flags() | QtCore.Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(_state(shown=number not in hidden))
                self.addItem(item)
        row = self.sizeHintForRow(0) if self.count() else 0
        self.setMaximumHeight(self.count() * row + 2 * self.frameWidth() + 2)

    def shown(self) -> np.ndarray:
        """Truths, of each row."""
        checked = QtCore.Qt.CheckState.Checked
        return np.array([self.item(row).checkState() == checked for row in range(self.count())], bool)

    def _alone(self, item: QtWidgets.QListWidgetItem) -> None:
        row, shown = self.row(item), self.shown()
        is_alone = bool(shown[row]) and shown.sum() == 1
        with QtCore.QSignalBlocker(self):
            for each in range(self.count()):
                self.item(each).setCheckState(_state(shown=is_alone or each == row))
        self.toggled.emit()


def _state(*, shown: bool) -> QtCore.Qt.CheckState:
    return QtCore.Qt.CheckState.Checked if shown else QtCore.Qt.CheckState.Unchecked
