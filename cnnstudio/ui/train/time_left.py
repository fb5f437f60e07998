"""How long a training still takes: by what was estimated until its steps tell it better. No widgets."""

import time
from collections.abc import Callable

from cnnstudio.core import seconds_in_words

_SURE_S = 2.0
"""So long steps are watched before they are believed."""


class TimeLeft:
    """Of one training; pauses do not count."""

    def __init__(self, estimate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """``estimate`` in seconds, of the whole; 0 where there is none."""
        self._clock, self._estimate = clock, estimate
        self._begin = clock()
        self._paused = 0.0
        self._first: tuple[int, float] | None = None
        self._by_steps: float | None = None
        """Moment of the end, as the steps have it."""

    def step(self, done: int, total: int) -> None:
        """So many steps of the whole training are done."""
        now = self._clock()
        if self._first is None:
            self._first = done, now
        first, since = self._first
        if done > first and now - since >= _SURE_S:
            self._by_steps = now + (total - done) * (now - since) / (done - first)

    def pause(self) -> None:
        """The training waits."""
        self._paused = self._clock()

    def resume(self) -> None:
        """It waits no longer."""
        waited = self._clock() - self._paused
        self._begin += waited
        if self._first is not None:
            self._first = self._first[0], self._first[1] + waited
        if self._by_steps is not None:
            self._by_steps += waited

    @property
    def words(self) -> str:
        """Such as ``About 40 s left``; empty where nobody knows, or where it should have ended by now."""
        end = self._by_steps or (self._begin + self._estimate if self._estimate else 0.0)
        left = end - self._clock()
        return f"About {seconds_in_words(left)} left" if left >= 1 else ""
