"""What comes of a folder of pictures, as plain values. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cnnstudio.inference.results import Prediction

Form = Literal["long", "wide", "probabilities"]
"""Of a table of answers: a row for each of a picture's best answers; one row for a picture, with its best and second
answer; the same with the probability of every class."""
FLUSH_S = 2.0
"""Answers are on the disk after so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """Where answers are written, and how."""

    file: Path
    form: Form = "long"
    top: int = 5
    """Rows for a picture in the long form."""
    parquet: Path | None = None
    """The same once more when all is done, for pandas and others; needs the package pyarrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many pictures were answered how."""

    classes: Mapping[str, int] = field(default_factory=dict)
    """Pictures per best answer, most first; of classes that were answered at all."""
    unreadable: int = 0
    """Files without an answer, each with its reason in the table."""
    unlike: int = 0
    """Of those with an answer, the ones that are unlike anything that was learned from."""
    between: int = 0
    """The ones that lie between two classes."""

    @property
    def answered(self) -> int:
        """Pictures with an answer."""
        return sum(self.classes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSoFar:
    """How far the table is; once a second or so while it grows."""

    done: int
    total: int
    counts: Counts
    latest: tuple[Prediction, ...]
    """The last few answers."""
    pictures_per_second: float
    seconds_left: float | None
    """None while nobody can know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderAnswers:
    """A table of answers, complete or stopped."""

    table: Path
    parquet: Path | None = None
    done: int
    """Files that have their rows."""
    total: int
    """Files to be answered."""
    counts: Counts
    kept: int = 0
    """Of those done, how many were taken over from an earlier beginning of this table."""
    seconds: float = 0.0
    hidden: int = 0
    """Hidden files and files of the system that were passed over."""

    @property
    def complete(self) -> bool:
        """Whether every file has its rows."""
        return self.done == self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """What an earlier beginning of a table left."""

    file: Path
    done: int
    total: int
    network: str
    """Its title then."""
    written: str
    """When, ISO 8601, UTC."""

    @property
    def complete(self) -> bool:
        """Whether every file has its rows."""
        return self.done == self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """What a watched folder is like, whenever that changes."""

    there: bool
    """False while the folder is gone, or its drive does not answer."""
    waiting: int
    """Files that are still being written, as it seems."""
    answered: int
    """Since the beginning."""
    unreadable: int
    """Of these, files that stand still and cannot be read."""
