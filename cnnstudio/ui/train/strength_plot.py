"""How a last layer is solved for: the loss and the accuracy of each strength that was tried, and the best."""

import math
from collections.abc import Iterable

from PySide6 import QtWidgets

from cnnstudio.core import StrengthTried
from cnnstudio.ui.train.panel import COLOURS, SYMBOLS, BestMark, Curve, Panel

_BOTTOM = "Strength of the regularisation"


class StrengthPlot(QtWidgets.QWidget):
    """Loss on the left, accuracy on the right, of pictures that were not learned from; strengths by powers of ten."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("strength_plot")
        self._tried: dict[float, StrengthTried] = {}
        self._compared: list[tuple[Panel, Curve]] = []
        self.loss = Panel("strength_loss_plot", "Loss", bottom=_BOTTOM)
        self.accuracy = Panel("strength_accuracy_plot", "Accuracy", "%", bottom=_BOTTOM)
        self.accuracy.setLimits(yMin=-7, yMax=107, minYRange=5)  # all alike are no reason to show 100.4 %
        self._marks = (BestMark("chosen"), BestMark("chosen"))
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for panel, line in zip((self.loss, self.accuracy), self._marks, strict=True):
            panel.setAccessibleName(f"{panel.accessibleName()}, cross-validated")
            panel.setLogMode(x=True, y=False)
            panel.addItem(line)
            row.addWidget(panel.under_legend(), 1)
        self.losses = self.loss.line("", 1, symbol="s")  # the axes say what they are
        self.accuracies = self.accuracy.line("", 1, symbol="s")

    @property
    def best(self) -> StrengthTried | None:
        """The one with the lowest loss."""
        return min(self._tried.values(), key=lambda each: each.loss, default=None)

    def clear(self) -> None:
        """Empty every curve."""
        self._tried = {}
        for panel, curve in self._compared:
            panel.remove(curve)
        self._compared = []
        for curve in (self.losses, self.accuracies):
            curve.clear()
        for line in self._marks:
            line.hide()
        self.accuracy.setYRange(0, 100, padding=0.07)  # all of it, with room for its figures, before there is a point
        for panel in (self.loss, self.accuracy):
            panel.show_all()

    def add(self, tried: Iterable[StrengthTried]) -> None:
        """Draw strengths, in whatever order they come."""
        self._tried |= {each.strength: each for each in tried}
        _draw(self.losses, self.accuracies, self._tried.values())
        if (best := self.best) is not None:
            for line in self._marks:
                line.move_to(math.log10(best.strength))

    def compare(self, runs: Iterable[tuple[str, Iterable[StrengthTried]]]) -> None:
        """Draw those of several runs over each other, in place of a single one's."""
        self.clear()
        for number, (name, tried) in enumerate(runs):
            colour, symbol, dashed = number % COLOURS, SYMBOLS[number % len(SYMBOLS)], number % 2 == 1
            loss = self.loss.line(name, colour, symbol=symbol, dashed=dashed)
            accuracy = self.accuracy.line(name, colour, symbol=symbol, dashed=dashed)
            _draw(loss, accuracy, tried)
            self._compared += [(self.loss, loss), (self.accuracy, accuracy)]


def _draw(losses: Curve, accuracies: Curve, tried: Iterable[StrengthTried]) -> None:
    by_strength = sorted(tried, key=lambda each: each.strength)
    losses.clear()
    losses.extend((each.strength, each.loss) for each in by_strength)
    accuracies.clear()
    accuracies.extend((each.strength, 100 * each.accuracy) for each in by_strength)
