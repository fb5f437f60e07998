"""Our own drawings: SVG files, all read when the first is wanted; icons are tinted and sharp at every scale."""

from functools import cache, lru_cache

from PySide6 import QtCore, QtGui, QtSvg

from cnnstudio.core import resource
from cnnstudio.ui.look import theme

_SIZES = (16, 20, 24, 32, 48, 64, 96)


def icon(name: str, colour: str | None = None) -> QtGui.QIcon:
    """The icon ``resources/icons/NAME.svg`` in the text colour of the theme, or in ``colour``.

    On what is disabled it is muted, as the text beside it.
    """
    return _icon(name, colour or theme.current().text, theme.current().muted)


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, disabled: str) -> QtGui.QIcon:
    result = QtGui.QIcon()
    for mode, paint in ((QtGui.QIcon.Mode.Normal, colour), (QtGui.QIcon.Mode.Disabled, disabled)):
        for size in _SIZES:
            for scale in (1, 2):
                result.addPixmap(pixmap(name, size, paint, scale), mode)
    return result


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
