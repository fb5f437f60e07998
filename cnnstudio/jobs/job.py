"""What a job is: a frozen request, what it gives and in which lane it waits; and how one is carried out."""

import errno
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import ClassVar, Generic, Literal, TypeVar

from cnnstudio.core import (
    Problem,
    StopRequested,
    StudioError,
    Watch,
    give_back,
    is_out_of_memory,
    keep_large_blocks,
    name_too_long,
    wait_shortly,
)
from cnnstudio.core.errors import details_of, is_runtime_missing, not_whole
from cnnstudio.core.events import Event, JobFailed, JobFinished, JobStopped, TerminalEvent

Result = TypeVar("Result", covariant=True)
Part = TypeVar("Part", covariant=True)

Lane = Literal[
    "training", "predicting", "viewing", "scanning", "chores", "estimating", "measuring", "downloads", "copying",
    "files", "places", "judging", "trying", "asking", "serving", "folders", "watching",
]  # fmt: skip
WIDTH: dict[Lane, int] = {
    "training": 1, "predicting": 1, "viewing": 1, "scanning": 1, "chores": 1, "estimating": 1, "measuring": 1,
    "downloads": 3, "copying": 1, "files": 1, "places": 2, "judging": 1, "asking": 1,
    "trying": 1, "serving": 1, "folders": 1, "watching": 1,
}  # fmt: skip
"""Jobs of a lane that run at once; those of different lanes never wait for each other.

``files`` are our own small ones, read and written in the order asked for; ``places`` are a person's, which may lie on a
drive that answers late or never; ``copying`` writes where a person keeps pictures; ``judging`` takes seconds to say
something of all pictures of a folder; ``trying`` answers while a slider moves, and waits for nothing else; ``asking``
looks things up in what a run keeps, which somebody waits for; ``serving`` answers other programs until it is stopped;
``folders`` answer a hundred thousand pictures, and a single one is not to wait for them; ``watching`` never ends by
itself.
"""
FINISHED_ON_CLOSE: frozenset[Lane] = frozenset({"files"})
"""What a person decided is written before the window is gone."""
ONLY_LOOK: frozenset[Lane] = frozenset(
    {"predicting", "viewing", "estimating", "measuring", "places", "judging", "trying", "asking", "serving"}
)
"""Nothing is lost when the process ends in the middle of them."""


class Job(ABC, Generic[Result]):
    """A use case as a frozen value: plain fields, no torch, no Qt, so that any front end can ask for it.

    What it needs is imported when it is carried out: asking for a job costs nothing.
    """

    __slots__ = ()
    lane: ClassVar[Lane] = "chores"
    latest_wins: ClassVar[bool] = False
    """Whether one that still waits is dropped when a newer one of its kind comes: only the last view is looked at."""

    @abstractmethod
    def handle(self, watch: Watch) -> Result:
        """Carry the job out in this thread.

        Raises:
            StudioError: it cannot be done, in plain words.
            StopRequested: a stop was asked for; a StoppedWith carries what was kept.
        """


class Streaming(Job[Result], Generic[Result, Part]):
    """A job that hands over parts of its result as they come: a Partial event holds a Part."""

    __slots__ = ()


_LOST_PROCESS = ("connection closed by peer", "connection reset by peer", "ncclremoteerror", "gloo/transport")
_DISTRIBUTED = ("DistBackendError", "DistNetworkError", "DistStoreError")
"""Types of torch's errors, by name: this module does without torch."""


def explain(error: BaseException) -> Problem:
    """What happened, what it means, what to do. Never a traceback outside ``details``."""
    if isinstance(error, StudioError):
        return error.problem
    details = details_of(error)
    text = str(error).lower()
    kind = type(error).__name__
    if is_out_of_memory(error):
        return Problem(
            kind="memory",
            title="There was not enough memory.",
            meaning="Nothing that was saved is lost; a training keeps its last finished epoch.",
            remedy="Choose a smaller batch size or a smaller network, or close other programs, and try again.",
            details=details,
        )
    if kind == "AcceleratorError" or "cuda error" in text:
        return Problem(
            kind="device",
            title="The graphics card reported an error.",
            meaning="Its driver cannot be used again until CNN Studio is restarted; the last finished epoch is kept.",
            remedy="Restart CNN Studio and resume the run, on the CPU if it happens again.",
            details=details,
        )
    if kind in _DISTRIBUTED or any(sign in text for sign in _LOST_PROCESS):
        return Problem(
            kind="processes",
            title="Another process of this training ended.",
            meaning="Without its share of the pictures the others cannot continue; the last finished epoch is kept.",
            remedy="Look at the messages above for why it ended, then continue with --resume.",
            details=details,
        )
    if is_runtime_missing(error) or isinstance(error, ImportError):
        return not_whole(error)
    if isinstance(error, FileNotFoundError):
        return Problem(
            kind="file",
            title=f"A file or folder is not there: {error.filename or error}.",
            meaning="It was moved, renamed or deleted, or its drive is not connected.",
            remedy="Put it back, or choose it again.",
            details=details,
        )
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG and isinstance(error.filename, str):
        return name_too_long(Path(error.filename), error).problem
    if isinstance(error, OSError):
        return Problem(
            kind="file",
            title=f"A file could not be used: {error.filename or 'the system refused it'}.",
            meaning=f"The system says: {error.strerror or error}.",
            remedy="Check that its disk is connected, has space, and that you may use it; then try again.",
            details=details,
        )
    return Problem(
        kind="failed",
        title=f"CNN Studio made a mistake: {_first_line(error)}.",
        meaning="Your pictures are untouched and everything saved so far is kept.",
        remedy="Try again; if it happens again, please report it with the details.",
        details=details,
    )


def _first_line(error: BaseException) -> str:
    """What a library said to programmers, which a search engine may know."""
    said = next(iter(str(error).strip().splitlines()), "")[:160].rstrip(".")
    return f"{type(error).__name__}, {said}" if said else type(error).__name__


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
    wait_shortly()
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
