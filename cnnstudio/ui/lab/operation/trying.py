"""Asking for results while settings change: one at a time is computed, and only the newest waits."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6 import QtCore

from cnnstudio.core import Problem
from cnnstudio.jobs.specs import TryOperations
from cnnstudio.lab import Operation, Tried
from cnnstudio.lab.drawing import View, planes_of
from cnnstudio.ui.state import JobMonitor, Studio


class Trying(QtCore.QObject):
    """Computes nothing while nobody looks: whoever asks says when."""

    came = QtCore.Signal(Tried, np.ndarray)
    """A result and what it is of, N×C×H×W float32; newer ones may be under way."""
    failed = QtCore.Signal(Problem)

    def __init__(self, studio: Studio, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self._job: JobMonitor[Tried] | None = None
        self._next: TryOperations | None = None
        self._known: tuple[np.ndarray, bool, np.ndarray] | None = None

    def ask(self, operations: Sequence[Operation], pixels: np.ndarray, *, grey: bool, view: View) -> None:
        """Compute this next, in place of what waits."""
        self._next = TryOperations(operations=tuple(operations), pixels=pixels, grey=grey, view=view)
        if self._job is None:
            self._start()

    @property
    def is_busy(self) -> bool:
        """Whether something is computed or waits."""
        return self._job is not None

    def _start(self) -> None:
        wanted, self._next = self._next, None
        if wanted is not None:
            monitor = self._studio.submit(wanted, done=partial(self._done, wanted), failed=self.failed.emit)
            self._job = monitor
            monitor.hurry()
            monitor.ended.connect(self._ended)

    def _done(self, job: TryOperations, tried: Tried) -> None:
        if self._known is None or self._known[0] is not job.pixels or self._known[1] is not job.grey:
            planes = planes_of(job.pixels, grey=job.grey)
            self._known = job.pixels, job.grey, planes if planes.ndim == 4 else planes[None]
        self.came.emit(tried, self._known[2])

    def _ended(self) -> None:
        self._job = None
        self._start()
