"""A plot of growing curves in the colours of the theme, and a mark for the best place in it."""

import html
from collections.abc import Callable, Iterable

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.turns import soon
from cnnstudio.ui.train.curve_legend import CurveLegend, Look
from cnnstudio.ui.widgets.plots import Plot

SYMBOLS = ("o", "s", "t", "d", "+", "x")
COLOURS = 6
_EPOCH = "Epoch"
_COUNTED = (_EPOCH, "Step")
"""There is no epoch 1.5, and no step."""
_LOWEST, _USUAL = 150, 170
"""Pixels of height, where there is little room and where there is more."""


class Curve:
    """A growing line: one array that doubles, so that a long training does not copy itself again and again."""

    def __init__(self, item: pg.PlotDataItem, look: Look, on_news: Callable[[], object]) -> None:
        """``on_news`` is told when there is something to see, or nothing any more."""
        self.item, self.look = item, look
        self._points = np.empty((64, 2))
        self._count = 0
        self._on_news = on_news

    def extend(self, points: Iterable[tuple[float, float]]) -> None:
        """Add points and draw once."""
        before = self._count
        for point in points:
            if self._count == len(self._points):
                self._points = np.concatenate([self._points, np.empty_like(self._points)])
            self._points[self._count] = point
            self._count += 1
        self.item.setData(self._points[: self._count])
        if before == 0 < self._count:
            self._on_news()

    def clear(self) -> None:
        """Begin with nothing."""
        was_empty, self._count = self._count == 0, 0
        self.item.setData(self._points[:0])
        if not was_empty:
            self._on_news()

    @property
    def points(self) -> np.ndarray:
        """N×2."""
        return self._points[: self._count]


class _WholeNumbers(pg.AxisItem):
    """Ticks at whole numbers."""

    @override
    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        whole = [level for level in super().tickSpacing(minVal, maxVal, size) if level[0] >= 1]
        return whole or [(1.0, 0.0)]


class _Powers(pg.AxisItem):
    """Figures at powers of ten only: pyqtgraph writes ``3·10²`` at ticks between, one over the other."""

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Each once; pyqtgraph repeats the powers among the small ones."""
        told: set[float] = set()
        levels = []
        for spacing, values in super().tickValues(minVal, maxVal, size):
            levels.append((spacing, [value for value in values if round(value, 6) not in told]))
            told.update(round(value, 6) for value in values)
        return levels

    @override
    def logTickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        return [f"{10 ** round(value):,g}" if abs(value - round(value)) < 1e-6 else "" for value in values]


class _Shares(pg.AxisItem):
    """Ticks at per cent that there are: a curve at 100 needs room above it, and no 101 there."""

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        levels = super().tickValues(minVal, maxVal, size)
        return [(spacing, [value for value in values if 0 <= value <= 100]) for spacing, values in levels]


class Panel(Plot):
    """One plot in the colours of the theme, with a legend to be put above it."""

    def __init__(self, name: str, title: str, unit: str = "", bottom: str = _EPOCH) -> None:
        axes: dict[str, pg.AxisItem] = {"bottom": (_WholeNumbers if bottom in _COUNTED else _Powers)("bottom")}
        if unit == "%":
            axes["left"] = _Shares("left")
        super().__init__(axisItems=axes)
        self._bottom = bottom
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._title, self._unit = title, unit
        self._curves: list[Curve] = []
        self._whole: tuple[float, float] | None = None
        self.legend = CurveLegend()
        self.setMouseEnabled(x=True, y=False)
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.18)
        self.getPlotItem().getViewBox().setDefaultPadding(0.04)
        self.getPlotItem().layout.setContentsMargins(0, 0, 0, theme.S)  # or the name of the axis is cut off below
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(enable=False)  # a loss of 0.4 is not "400 (x0.001)"
        self.setMinimumHeight(theme.scaled(_LOWEST))
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        theme.notifier().changed.connect(self._restyle_soon)
        self.restyle()

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(320, _USUAL)

    def spoken(self) -> str:
        """Where each curve begins and ends, and its best."""
        return " ".join(self._told(curve) for curve in self._curves if len(curve.points)) or "Nothing to show yet."

    def _told(self, curve: Curve) -> str:
        name, unit, points = curve.look.name or self._title, self._unit and f" {self._unit}", curve.points
        across = self._bottom.lower()
        if len(points) == 1:
            return f"{name}: {points[0, 1]:.3g}{unit} at {across} {points[0, 0]:g}."
        (first, start), (last, end) = points[0], points[-1]
        line = f"{name}: from {start:.3g}{unit} at {across} {first:g} to {end:.3g}{unit} at {across} {last:g}"
        if self._unit:
            top, most = points[points[:, 1].argmax()]
            return f"{line}, highest {most:.3g}{unit} at {across} {top:g}."
        low, least = points[points[:, 1].argmin()]
        return f"{line}, lowest {least:.3g} at {across} {low:g}."

    def show_from(self, first: float, last: float) -> None:
        """What ``show_all`` shows of the axis below, and show it."""
        self._whole = first, last
        self.show_all()

    @override
    def show_all(self) -> None:
        """As it was before somebody zoomed."""
        box = self.getPlotItem().getViewBox()
        box.enableAutoRange(axis=box.YAxis if self._whole else box.XYAxes)
        if self._whole is not None:
            self.setXRange(*self._whole, padding=0.03)

    def show_whatever_comes(self) -> None:
        """Forget what was to be shown of the axis below."""
        self._whole = None
        self.show_all()

    def under_legend(self) -> QtWidgets.QWidget:
        """Itself with its legend above."""
        box = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.legend)
        column.addWidget(self, 1)
        return box

    def line(
        self, label: str, colour: int, *, dashed: bool = False, symbol: str | None = None, width: float = 2
    ) -> Curve:
        """Add a curve with its own colour, line style and marker; the legend names it while it has points."""
        item = self.plot([], name=html.escape(label))
        curve = Curve(item, Look(label, colour, dashed, symbol, width), self._name_curves)
        self._curves.append(curve)
        self._paint(curve)
        return curve

    def remove(self, curve: Curve) -> None:
        """Take a curve away again."""
        self._curves.remove(curve)
        self.removeItem(curve.item)
        self._name_curves()

    @QtCore.Slot()
    def _restyle_soon(self) -> None:
        """In a turn of its own: it takes 3 ms, and there are a dozen plots."""
        soon(self, self.restyle, seen=self.isVisible())

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colours = theme.current()
        self.setBackground(colours.surface)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(colours.outline)
            axis.setTextPen(colours.muted)
        self.setLabel("bottom", self._bottom, color=colours.muted)
        self.setLabel("left", self._title + (f" ({self._unit})" if self._unit else ""), color=colours.muted)
        for curve in self._curves:
            self._paint(curve)

    def _name_curves(self) -> None:
        self.legend.show_looks([curve.look for curve in self._curves if len(curve.points)])

    def _paint(self, curve: Curve) -> None:
        item, look = curve.item, curve.look
        item.setPen(look.pen())
        item.setSymbol(look.symbol)
        item.setSymbolSize(6)
        item.setSymbolBrush(pg.mkBrush(look.paint))
        item.setSymbolPen(pg.mkPen(look.paint))


class BestMark(pg.InfiniteLine):
    """An upright line where the best was; hidden until there is one."""

    def __init__(self, text: str = "best") -> None:
        super().__init__(angle=90, movable=False, label=text, labelOpts={"position": 0.95})
        self.hide()
        theme.notifier().changed.connect(self.restyle)
        self.restyle()

    def move_to(self, place: float) -> None:
        """Show it there."""
        self.setValue(place)
        self.show()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colours = theme.current()
        self.setPen(pg.mkPen(colours.good, width=1, style=QtCore.Qt.PenStyle.DotLine))
        self.label.setColor(colours.good)
