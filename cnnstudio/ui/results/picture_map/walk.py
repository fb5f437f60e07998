"""Points that walk from one place to another, so that the eye can follow them."""

import numpy as np
from PySide6 import QtCore

from cnnstudio.ui.look.motion import may_move

_MS = 450


class Walk(QtCore.QObject):
    """Some frames of a way that begins and ends gently."""

    moved = QtCore.Signal(object, bool)
    """Places N×2, and whether they are the last ones."""

    def __init__(self, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._start, self._end = np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
        self._clock = QtCore.QVariantAnimation(self)
        self._clock.setDuration(_MS)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.valueChanged.connect(self._step)

    @property
    def is_under_way(self) -> bool:
        """Whether there are steps to come."""
        return self._clock.state() == QtCore.QAbstractAnimation.State.Running

    def begin(self, start: np.ndarray, end: np.ndarray) -> None:
        """From N×2 to N×2 float32; at once where nothing is to move."""
        self._clock.stop()
        self._start, self._end = start, end
        if may_move():
            self._clock.start()
        else:
            self._step(1.0)

    def stop(self) -> None:
        """Stay where they are."""
        self._clock.stop()

    def _step(self, share: float) -> None:
        gentle = np.float32(3 * share**2 - 2 * share**3)
        self.moved.emit(self._start + gentle * (self._end - self._start), share == 1)
