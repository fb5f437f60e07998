"""Find a learning rate: try many on the user's pictures, show the curve, and offer the best."""

import math
from collections.abc import Callable

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, Progressed
from cnnstudio.training.machine.estimate import RateCurve
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor
from cnnstudio.ui.train.panel import Panel
from cnnstudio.ui.widgets import button, label


class RateFinder(QtWidgets.QWidget):
    """A button, then a plot and a suggestion."""

    requested = QtCore.Signal()

    def __init__(self, use: Callable[[float], object]) -> None:
        super().__init__()
        self.setObjectName("rate_finder")
        self._use = use
        self._monitor: JobMonitor[RateCurve] | None = None
        self._suggestion = 0.0
        self.start = button("Find a learning rate", "find_rate", self.requested.emit, icon_name="search")
        self.stop = button("Cancel", "stop_find_rate", self._stop, icon_name="stop")
        self.take = button("Use this rate", "use_rate", self._take, icon_name="check")
        self.text = label(
            "Tries rates from tiny to huge on your pictures, for seconds with the last layer, longer with more.",
            kind="muted", wrap=True, name="rate_text",
        )  # fmt: skip
        self.plot = Panel("rate_plot", "Loss", bottom="Learning rate")
        self.plot.setFixedHeight(theme.scaled(200))
        self.plot.setLogMode(x=True, y=False)
        self.curve = self.plot.line("while the rate grows", 0)
        for entry in (self.stop, self.take, self.plot):
            entry.hide()
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (self.start, self.stop, self.take):
            row.addWidget(entry, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(row)
        column.addWidget(self.plot)

    def follow(self, monitor: JobMonitor[RateCurve]) -> None:
        """Show a search until it ended."""
        self._monitor = monitor
        self.start.hide()
        self.take.hide()
        self.stop.show()
        self.text.setText("Preparing…")
        monitor.progressed.connect(self._progressed)
        monitor.finished.connect(self._found)
        monitor.failed.connect(self._failed)
        monitor.stopped.connect(lambda _: self.text.setText("Cancelled."))
        monitor.ended.connect(self._ended)

    def _progressed(self, event: Progressed) -> None:
        self.text.setText(f"{event.text}: {event.done:,} of {event.total:,}" if event.total else event.text)

    def _found(self, curve: RateCurve) -> None:
        self.curve.clear()
        self.curve.extend(zip(curve.rates, curve.losses, strict=True))
        self.plot.show_all()
        self.plot.show()
        self._suggestion = nice(curve.suggestion)
        self.take.setVisible(self._suggestion > 0)
        self.take.setText(f"Use {self._suggestion:g}")
        self.take.setAccessibleName(f"Use the learning rate {self._suggestion:g}")
        self.text.setText(
            f"The error falls fastest at about {self._suggestion:g}."
            if self._suggestion
            else "The error never fell clearly, because the network already fits well. Automatic is a good choice."
        )

    def _failed(self, problem: Problem) -> None:
        self.text.setText(problem.sentence())

    def _ended(self) -> None:
        self._monitor = None
        self.stop.hide()
        self.start.show()

    def _stop(self) -> None:
        if self._monitor is not None:
            self._monitor.stop()

    def _take(self) -> None:
        self._use(self._suggestion)


def nice(rate: float) -> float:
    """A rate with one significant digit; 0 stays 0."""
    if rate <= 0:
        return 0.0
    digits = -math.floor(math.log10(rate))
    return round(rate, digits)
