"""How numbers and their colours are written into small squares."""

from PySide6 import QtCore, QtGui

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.colours import contrast

_POINT = 0.0005


def figure(value: float, letters: int = 5) -> str:
    """A number in about so many letters, without zeros that say nothing: ``−0.11``; ``−.11`` in four."""
    tight = letters < 5
    if value and abs(value) < (0.005 if tight else _POINT):
        return ".00" if tight else "0.00"  # and not 0, which would be another number
    for places in range(2 if tight else 3, -1, -1):
        text = f"{abs(value):.{places}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if tight and text.startswith("0."):
            text = text[1:]
        if len(text) <= letters - 1 or (not places and len(text) <= letters):
            return f"−{text}" if value < 0 and text != "0" else text
    return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e−").replace("-", "−")


def signed_colour(value: float, largest: float) -> QtGui.QColor:
    """Orange above zero, blue below, the ground at zero; strongest at ``largest``."""
    colours = theme.current()
    strength = min(1.0, abs(value) / largest) if largest > 0 else 0.0
    hue = QtGui.QColor(colours.series[1] if value > 0 else colours.series[0])
    return mixed(QtGui.QColor(colours.surface_alt), hue, 0.85 * strength)


def grey(value: float) -> QtGui.QColor:
    """Black at 0, white at 1."""
    level = round(255 * min(1.0, max(0.0, value)))
    return QtGui.QColor(level, level, level)


def mixed(one: QtGui.QColor, other: QtGui.QColor, share: float) -> QtGui.QColor:
    """So much of the other colour."""
    parts = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QtGui.QColor(*(round(a + share * (b - a)) for a, b in parts))


def ink_on(ground: QtGui.QColor) -> QtGui.QColor:
    """Black or white, whichever is read better."""
    dark, light = QtGui.QColor("#10161e"), QtGui.QColor("#ffffff")
    return dark if contrast(dark, ground) >= contrast(light, ground) else light


def write_in(painter: QtGui.QPainter, cell: QtCore.QRectF, text: str, ground: QtGui.QColor) -> None:
    """A number in the middle of a square, as large as it fits; nothing where it could not be read."""
    size = min(0.34 * cell.height(), 1.55 * (cell.width() - 4) / max(3, len(text)))
    if size < 6.5:
        return
    font = painter.font()
    font.setPixelSize(round(min(size, 17)))
    font.setWeight(QtGui.QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(ink_on(ground))
    painter.drawText(cell, int(QtCore.Qt.AlignmentFlag.AlignCenter), text)
