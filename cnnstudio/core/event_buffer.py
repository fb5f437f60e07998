"""A thread-safe buffer between a worker that puts events and a window that pulls them."""

import threading
from collections import deque

from cnnstudio.core.events import TERMINAL, Event, Progressed, StepDone

MAX_STEPS = 4096


class EventBuffer:
    """Lossless for every event but two: StepDone is bounded, and of several Progressed in a row the newest is kept.

    Never blocks the worker, and a window that stops pulling cannot make memory grow without end.
    """

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self._events: deque[Event] = deque()
        self._steps = 0
        self._max_steps = max_steps
        self._dropped = 0
        self._filled = threading.Condition()

    @property
    def dropped(self) -> int:
        """How many StepDone events were dropped because nobody pulled."""
        return self._dropped

    def put(self, event: Event) -> None:
        """Add an event; called from the worker."""
        with self._filled:
            if isinstance(event, StepDone):
                if self._steps >= self._max_steps:
                    self._dropped += 1
                    return
                self._steps += 1
            elif isinstance(event, Progressed) and self._events and isinstance(self._events[-1], Progressed):
                self._events.pop()
            self._events.append(event)
            self._filled.notify_all()

    def drain(self) -> list[Event]:
        """Take everything that is there, in order; called from the window."""
        with self._filled:
            events = list(self._events)
            self._events.clear()
            self._steps = 0
            return events

    def wait_for_end(self, timeout_s: float | None = None) -> bool:
        """Block until a terminal event waits in the buffer; for callers without a timer. Returns False on time-out."""
        with self._filled:
            return self._filled.wait_for(lambda: any(isinstance(e, TERMINAL) for e in self._events), timeout_s)
