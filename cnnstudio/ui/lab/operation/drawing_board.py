"""A small black board that a person draws on, white on black as handwritten digits are."""

import numpy as np
from PySide6 import QtCore

_SOFT = 0.75
"""Pixels over which the edge of a line fades."""


class DrawingBoard(QtCore.QObject):
    """Holds what is drawn; whoever shows it tells where the pen is."""

    drawn = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pixels = np.zeros((1, 1, 3), np.uint8)
        """Side×side×3 uint8."""
        self._last: tuple[float, float] | None = None

    def begin(self, side: int) -> None:
        """An empty board."""
        self.pixels = np.zeros((side, side, 3), np.uint8)
        self._last = None
        self.drawn.emit()

    def clear(self) -> None:
        """Wipe it."""
        self.begin(len(self.pixels))

    def pen(self, column: float, row: float, was_down: bool, erase: bool) -> None:
        """Draw a line from where the pen was, if it was down, to here."""
        start = self._last if was_down and self._last is not None else (column, row)
        self._last = (column, row)
        side = len(self.pixels)
        ys, xs = np.mgrid[0:side, 0:side] + 0.5
        distance = _to_line(xs, ys, start, (column, row))
        ink = np.clip((max(0.8, side / 22) - distance) / _SOFT + 0.5, 0, 1)[..., None]
        pixels = self.pixels.astype(np.float32)
        self.pixels = np.round(pixels * (1 - ink) if erase else np.maximum(pixels, 255 * ink)).astype(np.uint8)
        self.drawn.emit()


def _to_line(xs: np.ndarray, ys: np.ndarray, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """How far each pixel is from a line."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    share = np.clip(((xs - start[0]) * dx + (ys - start[1]) * dy) / length, 0, 1) if length else 0.0
    nearest: np.ndarray = np.hypot(xs - start[0] - share * dx, ys - start[1] - share * dy)
    return nearest
