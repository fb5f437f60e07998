"""Carry out one job: in this thread for scripts and the command line, or with one terminal event for a window."""

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from cnnstudio.core.control import StopRequested
from cnnstudio.core.events import Event, JobFailed, JobFinished, JobStopped, TerminalEvent
from cnnstudio.core.machine import give_back, keep_large_blocks
from cnnstudio.core.watch import Watch
from cnnstudio.jobs.explain import explain
from cnnstudio.jobs.job import Job

log = logging.getLogger(__name__)
T = TypeVar("T")


class StoppedWith(StopRequested):
    """A stop that kept something: the result goes into JobStopped."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


def execute(job: Job[object], watch: Watch) -> None:
    """Carry out one job. Emits its events and then exactly one of JobFinished, JobStopped, JobFailed."""
    ending: TerminalEvent
    try:
        ending = JobFinished(result=run_inline(job, watch))
    except StoppedWith as stop:
        ending = JobStopped(result=stop.result)
    except StopRequested:
        ending = JobStopped()
    except BaseException as error:
        log.info("%s failed", type(job).__name__, exc_info=True)
        ending = JobFailed(problem=explain(error))
    give_back()
    watch.emit(ending)


def run_inline(job: Job[T], watch: Watch | None = None) -> T:
    """Carry out one job in this thread and return its result.

    Raises:
        StudioError and others: as the engine raised them.
        StopRequested: a stop was asked for; a StoppedWith carries what was kept.
    """
    keep_large_blocks()  # here, because a job may be the first to import torch
    return job.handle(watch or Watch())


def carry(events: Generator[Event, None, T], emit: Callable[[Event], None]) -> T:
    """Exhaust an engine generator: pass its events on and return its result; it is closed in this thread."""
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                result: T = end.value
                return result
            emit(event)
