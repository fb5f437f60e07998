"""The live plot: loss and accuracy per epoch, training loss per step."""

import html
from collections.abc import Iterable

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtWidgets

from cnnstudio.core import EpochDone, StepDone
from cnnstudio.ui.look import theme

pg.setConfigOptions(antialias=True)
_SYMBOLS = ("o", "s", "t", "d", "+", "x")
_COLOURS = 6


class Curve:
    """A growing line: one array that doubles, so that a long training does not copy itself again and again."""

    def __init__(self, item: pg.PlotDataItem) -> None:
        self.item = item
        self._points = np.empty((64, 2))
        self._count = 0

    def extend(self, points: Iterable[tuple[float, float]]) -> None:
        """Add points and draw once."""
        for point in points:
            if self._count == len(self._points):
                self._points = np.concatenate([self._points, np.empty_like(self._points)])
            self._points[self._count] = point
            self._count += 1
        self.item.setData(self._points[: self._count])

    def clear(self) -> None:
        """Start anew."""
        self._count = 0
        self.item.setData(self._points[:0])

    @property
    def points(self) -> np.ndarray:
        """N×2."""
        return self._points[: self._count]


class Panel(pg.PlotWidget):
    """One plot in the colours of the theme."""

    def __init__(self, name: str, title: str, unit: str, legend: tuple[int, int], bottom: str = "Epoch") -> None:
        super().__init__()
        self._bottom = bottom
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._title, self._unit = title, unit
        self._looks: dict[pg.PlotDataItem, tuple[int, bool, str | None, float]] = {}
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=True, y=False)
        self.hideButtons()
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.18)
        self.getPlotItem().getViewBox().setDefaultPadding(0.04)
        self.legend = self.addLegend(offset=legend)
        self.setFixedHeight(290)
        theme.notifier().changed.connect(self.restyle)
        self.restyle()

    def line(
        self, label: str, colour: int, *, dashed: bool = False, symbol: str | None = None, width: float = 2
    ) -> Curve:
        """Add a curve with its own colour, line style and marker."""
        item = self.plot([], name=html.escape(label))  # the legend shows markup
        curve = Curve(item)
        self._looks[item] = (colour, dashed, symbol, width)
        self._paint(item)
        return curve

    def remove(self, curve: Curve) -> None:
        """Take a curve away again."""
        del self._looks[curve.item]
        self.removeItem(curve.item)

    def name_in_legend(self, curve: Curve, *, shown: bool) -> None:
        """Show or hide a curve's name."""
        self.legend.removeItem(curve.item)
        if shown:
            self.legend.addItem(curve.item, curve.item.name())

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colours = theme.current()
        self.setBackground(colours.surface)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(colours.border)
            axis.setTextPen(colours.muted)
        self.setLabel("bottom", self._bottom, color=colours.muted)
        self.setLabel("left", self._title + (f" ({self._unit})" if self._unit else ""), color=colours.muted)
        self.legend.setLabelTextColor(colours.text)
        for item in self._looks:
            self._paint(item)

    def _paint(self, item: pg.PlotDataItem) -> None:
        index, dashed, symbol, width = self._looks[item]
        colours = theme.current()
        colour = colours.muted if index < 0 else colours.series[index]
        style = QtCore.Qt.PenStyle.DashLine if dashed else QtCore.Qt.PenStyle.SolidLine
        item.setPen(pg.mkPen(colour, width=width, style=style))
        item.setSymbol(symbol)
        item.setSymbolSize(6)
        item.setSymbolBrush(pg.mkBrush(colour))
        item.setSymbolPen(pg.mkPen(colour))


class LivePlot(QtWidgets.QWidget):
    """Loss on the left, accuracy on the right; the start of the x axis is the start of the training."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("live_plot")
        self._compared: list[tuple[Panel, Curve]] = []
        self.loss = Panel("loss_plot", "Loss", "", (-8, 8))
        self.accuracy = Panel("accuracy_plot", "Accuracy", "%", (-8, -8))
        self.accuracy.setYRange(0, 100)
        self.accuracy.setLimits(yMin=-2, yMax=102)
        self.step_loss = self.loss.line("per step", -1, width=1)
        self.train_loss = self.loss.line("train", 0, symbol="o")
        self.validation_loss = self.loss.line("validation", 1, dashed=True, symbol="s")
        self.earlier = self.accuracy.line("validation, earlier run", -1, dashed=True, width=1)
        self.train_accuracy = self.accuracy.line("train", 0, symbol="o")
        self.validation_accuracy = self.accuracy.line("validation", 1, dashed=True, symbol="s")
        self._best = pg.InfiniteLine(angle=90, movable=False, label="best", labelOpts={"position": 0.95})
        self._best.hide()
        self.accuracy.addItem(self._best)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.loss)
        row.addWidget(self.accuracy)
        theme.notifier().changed.connect(self._restyle)
        self._restyle()

    def clear(self) -> None:
        """Empty every curve."""
        for curve in self._curves():
            curve.clear()
            self._show(curve, shown=True)
        for panel, curve in self._compared:
            panel.remove(curve)
        self._compared = []
        self._best.hide()

    def begin(self) -> None:
        """A new run: what was there becomes the earlier run, faint in the background."""
        earlier = self.validation_accuracy.points.copy()
        self.clear()
        if len(earlier):
            self.earlier.extend(map(tuple, earlier))

    def add_steps(self, steps: list[StepDone]) -> None:
        """Draw the steps of one drain."""
        self.step_loss.extend((_position(step), step.loss) for step in steps)

    def add_epochs(self, epochs: Iterable[EpochDone]) -> None:
        """Draw epochs."""
        epochs = list(epochs)
        self.train_loss.extend((e.epoch, e.train_loss) for e in epochs)
        self.train_accuracy.extend((e.epoch, 100 * e.train_accuracy) for e in epochs)
        checked = [e for e in epochs if e.validation_loss is not None and e.validation_accuracy is not None]
        self.validation_loss.extend((e.epoch, e.validation_loss or 0.0) for e in checked)
        self.validation_accuracy.extend((e.epoch, 100 * (e.validation_accuracy or 0.0)) for e in checked)
        best = [e.epoch for e in epochs if e.is_best]
        if best:
            self._best.setValue(best[-1])
            self._best.show()

    def compare(self, runs: Iterable[tuple[str, Iterable[EpochDone]]]) -> None:
        """Draw the validation curves of several runs over each other, in place of a single one's."""
        self.clear()
        for number, (name, epochs) in enumerate(runs):
            checked = [epoch for epoch in epochs if epoch.validation_accuracy is not None]
            colour, symbol, dashed = number % _COLOURS, _SYMBOLS[number % len(_SYMBOLS)], number % 2 == 1
            loss = self.loss.line(name, colour, symbol=symbol, dashed=dashed)
            accuracy = self.accuracy.line(name, colour, symbol=symbol, dashed=dashed)
            loss.extend((epoch.epoch, epoch.validation_loss or 0.0) for epoch in checked)
            accuracy.extend((epoch.epoch, 100 * (epoch.validation_accuracy or 0.0)) for epoch in checked)
            self._compared += [(self.loss, loss), (self.accuracy, accuracy)]
        for curve in self._curves():
            self._show(curve, shown=not self._compared)

    def _show(self, curve: Curve, *, shown: bool) -> None:
        """The curves of a single run leave the legend while runs are compared."""
        for panel in (self.loss, self.accuracy):
            if curve.item in panel.getPlotItem().items:
                panel.name_in_legend(curve, shown=shown)

    def _curves(self) -> tuple[Curve, ...]:
        return (
            self.step_loss, self.train_loss, self.validation_loss, self.earlier, self.train_accuracy,
            self.validation_accuracy,
        )  # fmt: skip

    def _restyle(self) -> None:
        colours = theme.current()
        self._best.setPen(pg.mkPen(colours.good, width=1, style=QtCore.Qt.PenStyle.DotLine))
        self._best.label.setColor(colours.good)


def _position(step: StepDone) -> float:
    """A step's place on the epoch axis."""
    return step.step / step.steps * step.epochs
