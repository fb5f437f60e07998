"""Asking for jobs, and from a job's buffer to Qt signals: a timer drains it 20 times a second, one redraw per drain."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from PySide6 import QtCore

from cnnstudio.core import Problem
from cnnstudio.core.events import (
    EpochDone,
    JobFailed,
    JobFinished,
    JobStopped,
    Partial,
    Progressed,
    RunPaused,
    RunResumed,
    StepDone,
    Warned,
)
from cnnstudio.jobs import Job, Lane, Streaming
from cnnstudio.jobs.runner import JobHandle, Runner

DRAIN_MS = 50
_HURRY_MS = 4
R = TypeVar("R")
P = TypeVar("P")


class JobMonitor(QtCore.QObject, Generic[R]):
    """Follows one job until it ends. ``ended`` comes exactly once, and nothing comes after it."""

    steps = QtCore.Signal(list)
    """StepDone events of one drain."""
    epoch = QtCore.Signal(EpochDone)
    run_event = QtCore.Signal(object)  # every other RunEvent: Qt knows no unions
    progressed = QtCore.Signal(Progressed)
    partial = QtCore.Signal(object)  # the Part of a Streaming job
    warned = QtCore.Signal(Problem)
    paused = QtCore.Signal()
    resumed = QtCore.Signal()
    finished = QtCore.Signal(object)  # R; ``Studio.submit(job, done=…)`` connects with the type checked
    stopped = QtCore.Signal(object)  # what a stopped job kept, an R or None
    failed = QtCore.Signal(Problem)
    ended = QtCore.Signal()

    def __init__(self, handle: JobHandle[R], parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.handle = handle
        self.active = True
        self.is_paused = False
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self.drain)
        self._timer.start()

    def hurry(self) -> None:
        """Look for the result all the time: somebody pulls a slider, and it takes a frame."""
        self._timer.setInterval(_HURRY_MS)

    def pause(self) -> None:
        """Ask for a pause; ``paused`` tells when it is one."""
        self.handle.control.request_pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self.handle.control.resume()

    def stop(self) -> None:
        """Ask for a stop; ``stopped`` and ``ended`` tell when it is one."""
        self.handle.control.request_stop()

    def drain(self) -> None:
        """Take what is in the buffer and emit it."""
        events = self.handle.events.drain()
        steps = [event for event in events if isinstance(event, StepDone)]
        if steps:
            self.steps.emit(steps)
        for event in events:
            if not isinstance(event, StepDone) and self.active:
                self._emit(event)

    def _emit(self, event: object) -> None:
        if isinstance(event, EpochDone):
            self.epoch.emit(event)
        elif isinstance(event, Progressed):
            self.progressed.emit(event)
        elif isinstance(event, Partial):
            self.partial.emit(event.result)
        elif isinstance(event, Warned):
            self.warned.emit(event.problem)
        elif isinstance(event, RunPaused | RunResumed):
            self.is_paused = isinstance(event, RunPaused)
            (self.paused if self.is_paused else self.resumed).emit()
        elif isinstance(event, JobFinished | JobStopped | JobFailed):
            self._end(event)
        else:
            self.run_event.emit(event)

    def _end(self, event: JobFinished | JobStopped | JobFailed) -> None:
        self.active = False
        self._timer.stop()
        if isinstance(event, JobFinished):
            self.finished.emit(event.result)
        elif isinstance(event, JobStopped):
            self.stopped.emit(event.result)
        else:
            self.failed.emit(event.problem)
        self.ended.emit()


class JobDesk(QtCore.QObject):
    """Where jobs are asked for; keeps their monitors until they ended."""

    job_started = QtCore.Signal(JobMonitor)

    def __init__(self, runner: Runner, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.runner = runner
        self._monitors: set[JobMonitor[Any]] = set()

    @overload
    def submit(
        self,
        job: Streaming[R, P],
        *,
        part: Callable[[P], object],
        done: Callable[[R], object] | None = None,
        failed: Callable[[Problem], object] | None = None,
    ) -> JobMonitor[R]: ...

    @overload
    def submit(
        self,
        job: Job[R],
        *,
        done: Callable[[R], object] | None = None,
        failed: Callable[[Problem], object] | None = None,
    ) -> JobMonitor[R]: ...

    def submit(
        self,
        job: Job[R],
        *,
        part: Callable[[P], object] | None = None,
        done: Callable[[R], object] | None = None,
        failed: Callable[[Problem], object] | None = None,
    ) -> JobMonitor[R]:
        """Start a job; its monitor lives until it ended.

        Args:
            job: what is asked for; waits in its lane.
            part: takes each part of a streaming job's result, as it comes.
            done: takes the result.
            failed: takes the problem.
        """
        monitor = JobMonitor(self.runner.submit(job), self)
        for signal, slot in ((monitor.partial, part), (monitor.finished, done), (monitor.failed, failed)):
            if slot is not None:
                signal.connect(slot)
        self._monitors.add(monitor)
        monitor.ended.connect(lambda: self.forget(monitor))
        self.job_started.emit(monitor)
        return monitor

    def is_under_way(self, *kinds: type[Job[Any]]) -> bool:
        """Whether a job of one of these kinds is waiting or running."""
        return any(isinstance(monitor.handle.job, kinds) and monitor.active for monitor in self._monitors)

    def is_busy(self, *lanes: Lane) -> bool:
        """Whether a job of one of these lanes is waiting or running."""
        return any(monitor.handle.job.lane in lanes and monitor.active for monitor in self._monitors)

    def close(self, timeout_s: float = 10.0) -> bool:
        """Stop every job and wait; True when all ended in time."""
        done = self.runner.close(timeout_s)
        for _ in range(2):  # a result that comes now may have asked for more, which was stopped at once
            for monitor in list(self._monitors):
                monitor.drain()
        return done

    def forget(self, monitor: JobMonitor[Any]) -> None:
        """A job ended."""
        self._monitors.discard(monitor)
        monitor.deleteLater()
