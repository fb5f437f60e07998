"""Sizes of what holds words: as much larger as the system's letters are."""

from PySide6 import QtGui, QtWidgets

_USUAL, _ABOUT = 15, 1.15
"""Pixels of a line, for which the sizes of everything are made; up to so many times that, they will do as they are."""


def scaled(pixels: float) -> int:
    """So many pixels with the usual letters, and more with larger ones; never fewer."""
    larger = QtGui.QFontMetrics(QtWidgets.QApplication.font()).height() / _USUAL
    return round(pixels * larger) if larger > _ABOUT else round(pixels)
