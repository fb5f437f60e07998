"""The picture behind a point, beside the mouse."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, label

SIDE = 96
_AWAY = 16


class PointHint(QtWidgets.QFrame):
    """Floats over its parent and takes no mouse."""

    def __init__(self, parent: QtWidgets.QWidget, thumbnails: Thumbnails) -> None:
        super().__init__(parent)
        self.setObjectName("map_hint")
        self.setProperty("kind", "toast")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._thumbnails = thumbnails
        self._path, self._plot = Path(), parent
        self.picture = QtWidgets.QLabel()
        self.picture.setFixedSize(SIDE, SIDE)
        self.picture.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.words = label("", "caption", name="map_hint_words")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.XS)
        column.setSpacing(theme.XS)
        column.addWidget(self.picture, 0, QtCore.Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.words)
        thumbnails.ready.connect(lambda key: self._draw() if key == str(self._path) else None)
        self.hide()

    def tell(self, path: Path, words: str, place: QtCore.QPoint) -> None:
        """Show a picture beside a place of the parent."""
        self._path = path
        self.words.setText(words)
        self._draw()
        self.adjustSize()
        room = self._plot.rect()
        x = place.x() + _AWAY if place.x() + _AWAY + self.width() < room.width() else place.x() - _AWAY - self.width()
        y = min(max(0, place.y() - self.height() // 2), max(0, room.height() - self.height()))
        self.move(max(0, x), y)
        self.show()
        self.raise_()

    def _draw(self) -> None:
        picture = self._thumbnails.get(self._path)
        if picture is None or picture.isNull():
            self.picture.setPixmap(QtGui.QPixmap())
            return
        ratio = self.devicePixelRatioF()
        scaled = picture.scaled(
            self.picture.size() * ratio,
            QtCore.Qt.AspectRatioMode.KeepAspectRatio,
            QtCore.Qt.TransformationMode.SmoothTransformation,
        )
        scaled.setDevicePixelRatio(ratio)
        self.picture.setPixmap(scaled)
