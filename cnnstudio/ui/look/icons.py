"""Our own icons: SVG files with one stroke colour, tinted for the theme and sharp at every scale."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cnnstudio.core.paths import resource
from cnnstudio.ui.look import theme

_SIZES = (16, 20, 24, 32, 48, 64, 96)


def icon(name: str, colour: str | None = None) -> QIcon:
    """The icon ``resources/icons/NAME.svg`` in the text colour of the theme, or in ``colour``."""
    return _icon(name, colour or theme.current().text)


@lru_cache(maxsize=256)
def _icon(name: str, colour: str) -> QIcon:
    result = QIcon()
    for size in _SIZES:
        for scale in (1, 2):
            result.addPixmap(pixmap(name, size, colour, scale))
    return result


def pixmap(name: str, size: int, colour: str, scale: float = 1.0) -> QPixmap:
    """The icon as a picture of ``size`` device-independent pixels."""
    svg = resource("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    picture = QPixmap(round(size * scale), round(size * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture
