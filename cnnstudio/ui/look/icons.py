"""Our own drawings: SVG files, all read when the first is wanted; icons are tinted and sharp at every scale."""

from functools import cache, lru_cache

from PySide6 import QtCore, QtGui, QtSvg
from typing_extensions import override

from cnnstudio.core import resource
from cnnstudio.ui.look import theme

_SIZES = (16, 20, 24, 32, 48, 64, 96)
"""What is named where a system asks for sizes before it asks for an icon: windows and notifications."""


def icon(name: str, colour: str | None = None) -> QtGui.QIcon:
    """The icon ``resources/icons/NAME.svg`` in the text colour of the theme, or in ``colour``.

    On what is disabled it is muted, as the text beside it.
    """
    return QtGui.QIcon(_Drawn(name, colour or theme.current().text, theme.current().muted))


class _Drawn(QtGui.QIconEngine):
    """Draws when it is seen, and only in the size that is: all sizes of a button's icon take 5 ms."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._name = name
        self._colours = colour, disabled

    @override
    def clone(self) -> QtGui.QIconEngine:
        return _Drawn(self._name, *self._colours)

    @override
    def availableSizes(
        self, mode: QtGui.QIcon.Mode = QtGui.QIcon.Mode.Normal, state: QtGui.QIcon.State = QtGui.QIcon.State.Off
    ) -> list[QtCore.QSize]:
        return [QtCore.QSize(size, size) for size in _SIZES]

    @override
    def pixmap(self, size: QtCore.QSize, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State) -> QtGui.QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    @override
    def scaledPixmap(
        self, size: QtCore.QSize, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State, scale: float
    ) -> QtGui.QPixmap:
        colour = self._colours[mode == QtGui.QIcon.Mode.Disabled]
        return pixmap(self._name, min(size.width(), size.height()), colour, scale)

    @override
    def paint(
        self, painter: QtGui.QPainter, rect: QtCore.QRect, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State
    ) -> None:
        drawn = self.scaledPixmap(rect.size(), mode, state, painter.device().devicePixelRatio())
        place = QtCore.QRectF(QtCore.QPointF(), drawn.deviceIndependentSize())
        place.moveCenter(QtCore.QRectF(rect).center())
        painter.drawPixmap(place.topLeft(), drawn)


@lru_cache(maxsize=512)
def pixmap(name: str, size: int, colour: str, scale: float = 1.0) -> QtGui.QPixmap:
    """The icon as a picture of ``size`` device-independent pixels."""
    picture = blank(size, size, scale)
    painter = QtGui.QPainter(picture)
    drawing("icons", name, colour).render(painter, QtCore.QRectF(0, 0, size, size))
    painter.end()
    return picture


def blank(width: int, height: int, scale: float) -> QtGui.QPixmap:
    """A transparent picture of that many device-independent pixels."""
    picture = QtGui.QPixmap(round(width * scale), round(height * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(QtCore.Qt.GlobalColor.transparent)
    return picture


def drawing(folder: str, name: str, colour: str = "") -> QtSvg.QSvgRenderer:
    """One of ours, in ``colour`` where it has none of its own."""
    return QtSvg.QSvgRenderer(QtCore.QByteArray(_drawings()[folder, name].replace("currentColor", colour).encode()))


@cache
def _drawings() -> dict[tuple[str, str], str]:
    """By folder and name; a quarter of a megabyte, so that no click ever waits for a file."""
    files = [path for folder in ("icons", "lab", "practice") for path in resource(folder).glob("*.svg")]
    return {(path.parent.name, path.stem): path.read_text(encoding="utf-8") for path in files}
