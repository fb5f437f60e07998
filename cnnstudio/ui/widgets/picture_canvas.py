"""One picture, as large as there is room."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role

_LARGEST = 3.0
"""Times its own size that a small picture is enlarged."""


class PictureCanvas(QtWidgets.QWidget):
    """Says in words why there is no picture, where there is none."""

    spoken_role = Role.Graphic

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._picture = QtGui.QPixmap()
        self._words = ""
        self.setMinimumSize(200, 180)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)

    @property
    def picture(self) -> QtGui.QPixmap:
        """What is shown; null for nothing."""
        return self._picture

    def spoken(self) -> str:
        """Why there is no picture; what there is to say of one stands in its name and its tooltip."""
        return self._words if self._picture.isNull() else self.accessibleDescription()

    def show_picture(self, picture: QtGui.QPixmap | None, words: str = "") -> None:
        """Show a picture, or the words where there is none."""
        self._picture, self._words = picture or QtGui.QPixmap(), words
        self.update()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, area = QtGui.QPainter(self), self.rect()
        if self._picture.isNull():
            painter.setPen(QtGui.QColor(theme.current().muted))
            flags = int(QtCore.Qt.AlignmentFlag.AlignCenter) | int(QtCore.Qt.TextFlag.TextWordWrap)
            painter.drawText(area, flags, self._words)
            return
        own = self._picture.size()
        size = own.scaled(area.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
        if size.width() > _LARGEST * own.width():
            size = (QtCore.QSizeF(own) * _LARGEST).toSize()
        place = QtCore.QRect(QtCore.QPoint(0, 0), size)
        place.moveCenter(area.center())
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, self._picture)
