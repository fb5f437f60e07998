"""Many points in a plot, each with one of a few marks: 60,000 are painted in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyqtgraph as pg
import shiboken6
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6 import QtCore, QtGui
from typing_extensions import override

HIDDEN = -1
_CELL = 22
"""Of the sheet of marks, in pixels of the screen."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a point looks."""

    symbol: str
    colour: str
    edge: str
    size: float = 7.0
    ring: str = ""
    """Colour of a ring around it."""


def drawn(mark: Mark, ratio: float = 1.0) -> QtGui.QPixmap:
    """A mark in the middle of a transparent square."""
    side = round(_CELL * ratio)
    picture = QtGui.QPixmap(side, side)
    picture.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(picture)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    painter.translate(_CELL / 2, _CELL / 2)
    if mark.colour:
        drawSymbol(painter, mark.symbol, mark.size, pg.mkPen(mark.edge, width=0.6 / mark.size), pg.mkBrush(mark.colour))
    if mark.ring:
        painter.resetTransform()
        painter.scale(ratio, ratio)
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        painter.setPen(QtGui.QPen(QtGui.QColor(mark.ring), 1.2))
        radius = mark.size / 2 + 1.2
        painter.drawEllipse(QtCore.QPointF(_CELL / 2, _CELL / 2), radius, radius)
    painter.end()
    return picture


class Points(pg.GraphicsObject):
    """N points; what is hidden is neither painted nor found."""

    def __init__(self) -> None:
        super().__init__()
        self.places = np.zeros((0, 2), np.float32)
        self.kinds = np.zeros(0, np.int64)
        """Of each point the number of its mark, or HIDDEN."""
        self._marks: tuple[Mark, ...] = ()
        self._sheet: tuple[float, QtGui.QPixmap] | None = None

    def show_points(self, places: np.ndarray, kinds: np.ndarray) -> None:
        """Replace them: N×2 places and N marks."""
        self.prepareGeometryChange()
        self.places, self.kinds = places, kinds
        self.update()

    def show_kinds(self, kinds: np.ndarray) -> None:
        """The same points with other marks."""
        self.kinds = kinds
        self.update()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """What the numbers look like."""
        self._marks, self._sheet = tuple(marks), None
        self.update()

    @override
    def boundingRect(self) -> QtCore.QRectF:
        if not len(self.places):
            return QtCore.QRectF()
        (left, top), (right, bottom) = self.places.min(0).tolist(), self.places.max(0).tolist()
        return QtCore.QRectF(left, top, right - left, bottom - top)

    @override
    def paint(self, painter: QtGui.QPainter, *_args: object) -> None:
        shown = np.flatnonzero(self.kinds >= 0)
        if not len(shown) or not self._marks:
            return
        transform = painter.transform()
        x, y = self.places[shown].astype(np.float64).T
        fragments = np.zeros((len(shown), 10))
        fragments[:, 0] = transform.m11() * x + transform.m21() * y + transform.dx()
        fragments[:, 1] = transform.m12() * x + transform.m22() * y + transform.dy()
        ratio = painter.device().devicePixelRatioF()
        side = round(_CELL * ratio)
        fragments[:, 2] = self.kinds[shown] * side
        fragments[:, 4:6] = side
        fragments[:, 6:8] = 1 / ratio
        fragments[:, 9] = 1
        painter.save()
        painter.resetTransform()
        first = shiboken6.wrapInstance(fragments.ctypes.data, QtGui.QPainter.PixmapFragment)
        painter.drawPixmapFragments(cast("QtGui.QPainter.PixmapFragment", first), len(shown), self._sheet_at(ratio))
        painter.restore()

    def _sheet_at(self, ratio: float) -> QtGui.QPixmap:
        """All marks side by side."""
        if self._sheet is None or self._sheet[0] != ratio:
            side = round(_CELL * ratio)
            sheet = QtGui.QPixmap(side * len(self._marks), side)
            sheet.fill(QtCore.Qt.GlobalColor.transparent)
            painter = QtGui.QPainter(sheet)
            for number, mark in enumerate(self._marks):
                painter.drawPixmap(number * side, 0, drawn(mark, ratio))
            painter.end()
            self._sheet = ratio, sheet
        return self._sheet[1]
