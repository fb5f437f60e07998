"""The live plot: loss and accuracy per epoch, training loss per step."""

import html
from collections.abc import Iterable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtWidgets

from cnnstudio.core import EpochDone, SplitScore, StepDone
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Plot

SYMBOLS = ("o", "s", "t", "d", "+", "x")
COLOURS = 6


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


class Panel(Plot):
    """One plot in the colours of the theme."""

    def __init__(self, name: str, title: str, unit: str, legend: tuple[int, int], bottom: str = "Epoch") -> None:
        super().__init__()
        self._bottom = bottom
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._title, self._unit = title, unit
        self._looks: dict[pg.PlotDataItem, tuple[int, bool, str | None, float]] = {}
        self.setMouseEnabled(x=True, y=False)
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.18)
        self.getPlotItem().getViewBox().setDefaultPadding(0.04)
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(enable=False)  # a loss of 0.4 is not "400 (x0.001)"
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
            axis.setPen(colours.outline)
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
        self._best = BestMark()
        self.accuracy.addItem(self._best)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.loss)
        row.addWidget(self.accuracy)

    def clear(self) -> None:
        """Empty every curve."""
        for curve in self._curves():
            curve.clear()
            self._show(curve, shown=True)
        for panel, curve in self._compared:
            panel.remove(curve)
        self._compared = []
        self._best.hide()
        for panel in (self.loss, self.accuracy):
            panel.show_all()  # also after somebody zoomed into the run before

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
        checked = _validation(epochs)
        self.validation_loss.extend((place, loss) for place, loss, _ in checked)
        self.validation_accuracy.extend((place, 100 * accuracy) for place, _, accuracy in checked)
        best = [e.epoch for e in epochs if e.is_best]
        if best:
            self._best.move_to(best[-1])

    def compare(self, runs: Iterable[tuple[str, Sequence[EpochDone], SplitScore | None]]) -> None:
        """Draw the validation curves of several runs over each other, in place of a single one's.

        A run without epochs is a level line at its validation score.
        """
        self.clear()
        runs = list(runs)
        longest = max((epochs[-1].epoch for _, epochs, _ in runs if epochs), default=1)
        for number, (name, epochs, score) in enumerate(runs):
            colour, symbol, dashed = number % COLOURS, SYMBOLS[number % len(SYMBOLS)], number % 2 == 1
            loss = self.loss.line(name, colour, symbol=symbol, dashed=dashed)
            accuracy = self.accuracy.line(name, colour, symbol=symbol, dashed=dashed)
            points = _validation(epochs)
            if not epochs and score is not None:
                points = [(place, score.loss, score.accuracy) for place in (1, longest)]
            loss.extend((place, value) for place, value, _ in points)
            accuracy.extend((place, 100 * value) for place, _, value in points)
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


def _validation(epochs: Iterable[EpochDone]) -> list[tuple[float, float, float]]:
    """Epoch, loss and accuracy of those that were checked."""
    return [
        (epoch.epoch, epoch.validation_loss, epoch.validation_accuracy)
        for epoch in epochs
        if epoch.validation_loss is not None and epoch.validation_accuracy is not None
    ]


def _position(step: StepDone) -> float:
    """A step's place on the epoch axis."""
    return step.step / step.steps * step.epochs
