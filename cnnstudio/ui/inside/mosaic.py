"""Nine crops that excite a channel beside nine that chance gave, painted as one."""

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import image_of
from cnnstudio.understanding.inside.values import By, CropPictures

_COLUMNS, _CELL, _GAP, _TITLE = 3, 52, 2, 20


class Mosaic(QtWidgets.QWidget):
    """Three by three crops, under a line of words."""

    spoken_role = Role.Graphic

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._images: list[QtGui.QImage] = []
        side = _COLUMNS * (_CELL + _GAP)
        self._words = theme.scaled(_TITLE)
        self.setFixedSize(side, side + self._words)
        theme.notifier().changed.connect(self.update)

    def show_crops(self, title: str, pictures: tuple[np.ndarray, ...]) -> None:
        """Replace what is shown."""
        self._title, self._images = title, [image_of(picture) for picture in pictures]
        self.setAccessibleName(title)
        self.update()

    def spoken(self) -> str:
        """How many crops there are."""
        return counted(len(self._images), "crop")

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(theme.current().muted))
        words = painter.fontMetrics().elidedText(self._title, QtCore.Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QtCore.QRectF(0, 0, self.width(), self._words), QtCore.Qt.AlignmentFlag.AlignVCenter, words)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        for number in range(_COLUMNS * _COLUMNS):
            row, column = divmod(number, _COLUMNS)
            cell = QtCore.QRectF(column * (_CELL + _GAP), self._words + row * (_CELL + _GAP), _CELL, _CELL)
            painter.fillRect(cell, QtGui.QColor(theme.current().surface_alt))
            if number < len(self._images):
                painter.drawImage(_fitted(cell, self._images[number]), self._images[number])


IDLE: dict[By, str] = {"activation": "active", "contribution": "of use"}
"""What a channel never is that shows nothing."""


def _fitted(cell: QtCore.QRectF, image: QtGui.QImage) -> QtCore.QRectF:
    """A crop at the edge of a picture is no square, and stays what it is."""
    size = QtCore.QSizeF(image.size()).scaled(cell.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
    place = QtCore.QRectF(QtCore.QPointF(0, 0), size)
    place.moveCenter(cell.center())
    return place


def title_of(found: CropPictures) -> str:
    """What is written over the crops of a channel."""
    if not found.silent:
        return f"channel {found.channel}"
    return f"channel {found.channel}: never {IDLE[found.by]}"
