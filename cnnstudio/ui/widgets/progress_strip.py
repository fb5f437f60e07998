"""A bar, what is being done, the time left, and a way to stop."""

import time
from collections.abc import Callable
from typing import Any

from PySide6 import QtWidgets

from cnnstudio.core import Progressed, seconds_in_words
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor
from cnnstudio.ui.widgets.controls import button, label

_STEPS = 10_000


class ProgressStrip(QtWidgets.QWidget):
    """Hidden while nothing runs."""

    def __init__(self, name: str, on_stop: Callable[[], object] | None = None, stop_text: str = "Cancel") -> None:
        super().__init__()
        self.setObjectName(name)
        self.text = label("", name=f"{name}_text")
        self.left = label("", "caption", kind="muted", name=f"{name}_left")
        self.bar = QtWidgets.QProgressBar()
        self.bar.setObjectName(f"{name}_bar")
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self.stop = button(stop_text, f"{name}_stop", on_stop)
        if on_stop is None:  # shown before it has a parent, it would be a window for a moment
            self.stop.hide()
        self._start = self._held = 0.0
        self._done = self._total = 0
        self.followed: JobMonitor[Any] | None = None
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.text)
        top.addStretch(1)
        top.addWidget(self.left)
        column = QtWidgets.QVBoxLayout()
        column.setSpacing(theme.XS)
        column.addLayout(top)
        column.addWidget(self.bar)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addLayout(column, 1)
        row.addWidget(self.stop)
        self.hide()

    def follow(self, monitor: JobMonitor[Any]) -> None:
        """Show a job's progress until it ends."""
        self.begin("")
        self.followed = monitor
        monitor.progressed.connect(self._moved)  # not lambdas, which would live on where this is gone
        monitor.ended.connect(self._ended)
        self.stop.clicked.connect(monitor.stop)
        self.stop.show()

    def _moved(self, event: Progressed) -> None:
        if self.sender() is self.followed:  # and not another job by now
            self.show_progress(event)

    def _ended(self) -> None:
        if self.sender() is self.followed:
            self.hide()

    def begin(self, text: str) -> None:
        """Show that something started whose size is not known yet."""
        self._done, self._total, self._start = 0, 0, time.monotonic()
        self.text.setText(text)
        self.left.setText("")
        self.bar.setRange(0, 0)
        self.show()

    def hold(self, text: str) -> None:
        """Nothing moves until ``resume``: neither the bar nor the time."""
        self._held = time.monotonic()
        self.text.setText(text)
        self.left.setText("")
        if self.bar.maximum() == 0:  # which swings for ever
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(0)

    def resume(self, text: str) -> None:
        """Show again what is being done."""
        self._start += time.monotonic() - self._held
        self.text.setText(text)
        if self._total <= 0:
            self.bar.setRange(0, 0)

    def show_progress(self, event: Progressed) -> None:
        """Show counts and the time left."""
        self.advance(event.text, event.done, event.total)

    def advance(self, text: str, done: int, total: int, count: str = "") -> None:
        """Show ``done`` of ``total``; the time left is told once it can be."""
        if total != self._total or done < self._done:  # something else is being done now
            self._start = time.monotonic()
        self._done, self._total = done, total
        self.text.setText(text)
        if total <= 0:
            self.bar.setRange(0, 0)
            return
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(round(_STEPS * done / total))
        elapsed = time.monotonic() - self._start
        counts = count or f"{done:,} of {total:,}"
        if 0 < done < total and elapsed > 1:
            self.left.setText(f"{counts} · {seconds_in_words(elapsed / done * (total - done))} left")
        else:
            self.left.setText(counts)
