"""Colours of a confusion matrix: by the share of a row that a cell has, on the diagonal and off it."""

import numpy as np
from PySide6 import QtGui

from cnnstudio.jobs.specs.scores import DIAGONAL
from cnnstudio.ui.look import theme

_FAINTEST, _FULL = 0.14, 0.86
_INKS = ("#000000", "#ffffff")
"""Anything softer would miss a contrast of 4.5 on colours of middle brightness."""


def colour_table() -> list[int]:
    """For each level of ``Figures.levels``, in the colours in use."""
    colours = theme.current()
    ground = QtGui.QColor(colours.surface_alt)
    wrong, right = QtGui.QColor(colours.series[1]), QtGui.QColor(colours.series[2])
    off = [_mixed(ground, wrong, level / (DIAGONAL - 1)) for level in range(1, DIAGONAL)]
    on = [_mixed(ground, right, level / (255 - DIAGONAL)) for level in range(256 - DIAGONAL)]
    return [ground.rgba(), *off, *on]


def ink_on(fill: QtGui.QColor) -> QtGui.QColor:
    """Dark or light, whatever is read better on a colour; always at a contrast of 4.5 and more."""
    light = _luminance(fill)
    inks = [QtGui.QColor(ink) for ink in _INKS]
    return max(inks, key=lambda ink: _contrast(_luminance(ink), light))


def image_of_levels(levels: np.ndarray, pixels: float) -> QtGui.QImage:
    """An image with a pixel per cell; of several cells to a pixel the strongest is there.

    Args:
        levels: rows×columns uint8.
        pixels: how many there will be across.
    """
    step = max(1, round(levels.shape[1] / max(1.0, pixels)))
    if step > 1:
        for axis in (0, 1):
            levels = np.maximum.reduceat(levels, np.arange(0, levels.shape[axis], step), axis=axis)
    levels = np.ascontiguousarray(levels)
    height, width = levels.shape
    return QtGui.QImage(levels.data, width, height, width, QtGui.QImage.Format.Format_Indexed8).copy()


def _mixed(ground: QtGui.QColor, colour: QtGui.QColor, share: float) -> int:
    part = _FAINTEST + (_FULL - _FAINTEST) * share
    pairs = ((ground.red(), colour.red()), (ground.green(), colour.green()), (ground.blue(), colour.blue()))
    return QtGui.QColor(*(round(low + part * (high - low)) for low, high in pairs)).rgba()


def _luminance(colour: QtGui.QColor) -> float:
    """As WCAG has it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
