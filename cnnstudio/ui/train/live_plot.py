"""The live plot: loss and accuracy per epoch, training loss per step."""

from collections.abc import Iterable, Sequence

from PySide6 import QtWidgets

from cnnstudio.core import EpochDone, SplitScore, StepDone
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.panel import COLOURS, SYMBOLS, BestMark, Curve, Panel


class LivePlot(QtWidgets.QWidget):
    """Loss on the left, accuracy on the right; the start of the x axis is the start of the training."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("live_plot")
        self._compared: list[tuple[Panel, Curve]] = []
        self._epochs = 0
        self.loss = Panel("loss_plot", "Loss")
        self.accuracy = Panel("accuracy_plot", "Accuracy", "%")
        self.accuracy.setLimits(yMin=-7, yMax=107)
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
        row.setSpacing(theme.M)
        for panel in self._panels:
            panel.setLimits(xMin=-1)
            row.addWidget(panel.under_legend(), 1)

    def clear(self) -> None:
        """Empty every curve."""
        for curve in self._curves():
            curve.clear()
        for panel, curve in self._compared:
            panel.remove(curve)
        self._compared = []
        self._best.hide()
        self._epochs = 0
        for panel in self._panels:
            panel.show_whatever_comes()
        self.accuracy.setYRange(0, 100, padding=0.07)  # per cent, and not a part of one, before there is a point
        self.accuracy.show_whatever_comes()

    def begin(self) -> None:
        """A new run: what was there becomes the earlier run, faint in the background."""
        earlier = self.validation_accuracy.points.copy()
        self.clear()
        if len(earlier):
            self.earlier.extend(map(tuple, earlier))

    def add_steps(self, steps: list[StepDone]) -> None:
        """Draw the steps of one drain."""
        self.step_loss.extend((_position(step), step.loss) for step in steps)
        self._reach(max((step.epochs for step in steps), default=0))

    def add_epochs(self, epochs: Iterable[EpochDone]) -> None:
        """Draw epochs."""
        epochs = list(epochs)
        self._reach(max((each.epoch for each in epochs), default=0))
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
        self._reach(longest)

    def _reach(self, epochs: int) -> None:
        """The axis goes as far as the training will, and no nearer than it went."""
        if epochs > self._epochs:
            self._epochs = epochs
            for panel in self._panels:
                panel.show_from(0, epochs)

    @property
    def _panels(self) -> tuple[Panel, Panel]:
        return self.loss, self.accuracy

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
