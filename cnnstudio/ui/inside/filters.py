"""Filters of a first layer as small pictures in rows."""

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import image_of

_CELL, _GAP = 34, 4


class FilterSheet(QtWidgets.QWidget):
    """As many in a row as there is room for."""

    spoken_role = Role.Graphic

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._images: list[QtGui.QImage] = []
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)

    def show_pictures(self, pictures: np.ndarray) -> None:
        """Replace them: N×h×w×3 uint8."""
        self._images = [image_of(picture) for picture in pictures]
        self._fit()

    def spoken(self) -> str:
        """How many there are."""
        return counted(self.count, "filter") if self.count else ""

    @property
    def count(self) -> int:
        """How many are shown."""
        return len(self._images)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self._fit()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, columns = QtGui.QPainter(self), self._columns()
        for number, image in enumerate(self._images):
            row, column = divmod(number, columns)
            cell = QtCore.QRectF(column * (_CELL + _GAP), row * (_CELL + _GAP), _CELL, _CELL)
            painter.drawImage(cell, image)  # without smoothing: every weight stays a square

    def _columns(self) -> int:
        return max(1, (self.width() + _GAP) // (_CELL + _GAP))

    def _fit(self) -> None:
        rows = -(-len(self._images) // self._columns())
        self.setFixedHeight(max(1, rows * (_CELL + _GAP)))
        self.update()
