"""Who carries a job: the protocol, the handle the asker keeps, the lanes of worker threads, the buffer of events."""

import itertools
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from cnnstudio.core import Control, Event, JobStopped, Progressed, StepDone, Watch, lower_priority
from cnnstudio.jobs.job import FINISHED_ON_CLOSE, ONLY_LOOK, WIDTH, Job, Lane, execute

MAX_STEPS = 4096
_PATIENCE_S = 1.0


class EventBuffer:
    """Lossless for every event but two: StepDone is bounded, and of several Progressed in a row the newest is kept.

    Never blocks the worker, and a window that stops pulling cannot make memory grow without end.
    """

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self._events: deque[Event] = deque()
        self._steps = 0
        self._max_steps = max_steps
        self._lock = threading.Lock()

    def put(self, event: Event) -> None:
        """Add an event; called from the worker."""
        with self._lock:
            if isinstance(event, StepDone):
                if self._steps >= self._max_steps:
                    return
                self._steps += 1
            elif isinstance(event, Progressed) and self._events and isinstance(self._events[-1], Progressed):
                self._events.pop()
            self._events.append(event)

    def drain(self) -> list[Event]:
        """Take everything that is there, in order; called from the window."""
        with self._lock:
            events = list(self._events)
            self._events.clear()
            self._steps = 0
            return events


R = TypeVar("R")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class JobHandle(Generic[R]):
    """A submitted job: pull its events, or control it."""

    job: Job[R]
    number: int = field(default_factory=lambda: next(_numbers))
    control: Control = field(default_factory=Control)
    events: EventBuffer = field(default_factory=EventBuffer)


class Runner(Protocol):
    """Carries jobs; every job it takes ends with exactly one terminal event."""

    def submit(self, job: Job[R]) -> JobHandle[R]:
        """Start a job, or queue it behind those of its lane."""

    def close(self, timeout_s: float) -> bool:
        """Stop everything; True when all ended in time."""


class ThreadRunner:
    """Worker threads per lane, started on first use; a lane works through its jobs in order, ``WIDTH`` at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Lane, deque[JobHandle[Any]]] = {lane: deque() for lane in WIDTH}
        self._running: dict[int, JobHandle[Any]] = {}
        self._threads: dict[Lane, list[threading.Thread]] = {lane: [] for lane in WIDTH}
        self._closed = False

    def submit(self, job: Job[R]) -> JobHandle[R]:
        """Queue a job in its lane; returns at once. After ``close`` it is stopped before it begins."""
        handle, lane = JobHandle(job), job.lane
        with self._changed:
            if self._closed:
                handle.events.put(JobStopped())
                return handle
            waiting = self._waiting[lane]
            if job.latest_wins:
                for old in [old for old in waiting if type(old.job) is type(job)]:
                    waiting.remove(old)
                    old.events.put(JobStopped())
            waiting.append(handle)
            busy = sum(running.job.lane == lane for running in self._running.values())
            if len(self._threads[lane]) < min(WIDTH[lane], busy + len(waiting)):
                thread = threading.Thread(target=self._work, args=(lane,), name=f"cnnstudio-{lane}", daemon=True)
                self._threads[lane].append(thread)
                thread.start()
            self._changed.notify_all()
        return handle

    def close(self, timeout_s: float) -> bool:
        """Ask everything to stop and wait, but finish small files; True when every thread ended in time.

        What only looks is waited for a second at most.
        """
        with self._changed:
            self._closed = True
            for lane, waiting in self._waiting.items():
                while waiting and lane not in FINISHED_ON_CLOSE:
                    waiting.popleft().events.put(JobStopped())
            for handle in self._running.values():
                if handle.job.lane not in FINISHED_ON_CLOSE:
                    handle.control.request_stop()
            self._changed.notify_all()
        start = time.monotonic()
        threads = [(lane, thread) for lane, started in self._threads.items() for thread in started]
        for lane, thread in threads:
            patience = min(timeout_s, _PATIENCE_S) if lane in ONLY_LOOK else timeout_s
            thread.join(max(0.0, start + patience - time.monotonic()))
        return not any(thread.is_alive() for _, thread in threads)

    def _work(self, lane: Lane) -> None:
        lower_priority()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._waiting[lane]))
                if not self._waiting[lane]:
                    return
                handle = self._waiting[lane].popleft()
                self._running[handle.number] = handle
            execute(handle.job, Watch(handle.control, handle.events.put))
            with self._changed:
                del self._running[handle.number]
