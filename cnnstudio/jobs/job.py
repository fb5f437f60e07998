"""What a job is: a frozen request that says what it gives, in which lane it waits, and what carries it out."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Literal, TypeVar

from cnnstudio.core.watch import Watch

Result = TypeVar("Result", covariant=True)
Part = TypeVar("Part", covariant=True)

Lane = Literal["training", "predicting", "viewing", "scanning", "chores", "measuring", "downloads", "files", "places"]
WIDTH: dict[Lane, int] = {
    "training": 1, "predicting": 1, "viewing": 1, "scanning": 1, "chores": 1, "measuring": 1, "downloads": 3,
    "files": 1, "places": 2,
}  # fmt: skip
"""Jobs of a lane that run at once; those of different lanes never wait for each other.

``files`` are our own small ones, read and written in the order asked for; ``places`` are a person's, which may lie on a
drive that answers late or never.
"""
FINISHED_ON_CLOSE: frozenset[Lane] = frozenset({"files"})
"""What a person decided is written before the window is gone."""


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
