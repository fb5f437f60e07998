"""The kernel that slides by itself: from output pixel to output pixel, slowly or fast."""

import time

from PySide6 import QtCore

SPEEDS = (0.5, 1.0, 2.0, 4.0, 15.0, 60.0, 300.0, 1500.0, 6000.0)
"""Output pixels in a second."""
START = 2
_FRAME_MS = 30
_SLOW = 5.0
"""Up to here, one product after the other is seen."""


class Player(QtCore.QObject):
    """Tells where the kernel is; the place goes on from where it was left."""

    moved = QtCore.Signal(int, float)
    """An output pixel, counted row by row, and how much of its sum is there, from 0 to 1."""
    switched = QtCore.Signal()
    """It plays, or rests, from now on."""
    finished = QtCore.Signal()

    def __init__(self, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._count = 0
        self._place = 0.0
        self._speed = SPEEDS[START]
        self._last = 0.0
        self._until: float | None = None
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def plays(self) -> bool:
        """Whether it moves."""
        return self._timer.isActive()

    @property
    def place(self) -> int:
        """The output pixel it is at."""
        return int(self._place)

    def set_count(self, count: int) -> None:
        """So many output pixels there are from now on."""
        self._count = count
        if self._place >= count:
            self._place = 0.0

    def set_speed(self, number: int) -> None:
        """One of ``SPEEDS``."""
        self._speed = SPEEDS[number]

    def put(self, place: int) -> None:
        """Go to an output pixel."""
        self._place = float(place)

    def toggle(self) -> None:
        """Play, or rest."""
        if self.plays:
            self.pause()
        elif self._count:
            self._until = None
            if self.place >= self._count - 1:
                self._place = 0.0
            self._run()

    def step(self) -> None:
        """Make the next output pixel, so that one can watch, and rest."""
        if self._count:
            start = self._place if self._place == self.place else self.place + 1
            self._place = float(start if start < self._count else 0)
            self._until = self._place + 1
            self._run()

    def pause(self) -> None:
        """Rest."""
        if self.plays:
            self._timer.stop()
            self.switched.emit()

    def _run(self) -> None:
        self._last = time.monotonic()
        self._timer.start()
        self.switched.emit()

    def _tick(self) -> None:
        now = time.monotonic()
        passed, self._last = min(0.1, now - self._last), now
        speed = min(self._speed, _SLOW) if self._until is not None else self._speed
        end = self._until if self._until is not None else float(self._count)
        self._place = min(end, self._place + speed * passed)
        if self._place >= end:
            self._place = end - 1 if self._until is None else end - 1e-6
            self.moved.emit(self.place, 1.0)
            if self._until is not None:
                self._place = float(min(end, self._count - 1))
            over = self._until is None
            self.pause()
            if over:
                self.finished.emit()
            return
        self.moved.emit(self.place, self._place % 1 if speed <= _SLOW else 1.0)
