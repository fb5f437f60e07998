"""What is told of pictures and networks: plain values, made elsewhere in this room. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from cnnstudio.core import counted, isolated
from cnnstudio.data import Split

STRONG = 10
"""Times as likely as its label is an answer that asks for a second look."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A picture whose label is not what the network answers."""

    name: str
    """Relative to the folder, with forward slashes."""
    label: str
    answer: str
    p_label: float
    """Probability of its label, in [0, 1]."""
    p_answer: float
    split: Split
    like_label: tuple[str, ...] = ()
    """Names of the pictures of its class that are most like it, the nearest first."""
    like_answer: tuple[str, ...] = ()
    """The same of the class that is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """All of a folder, the most doubtful first."""

    root: Path
    doubts: tuple[Doubt, ...]
    pictures: int
    """That were answered."""
    unanswered: int
    """The only ones of their class."""
    tests: int
    """Of all pictures, how many are for testing."""
    network: str

    @property
    def strong(self) -> tuple[Doubt, ...]:
        """Those whose answer is ten times as likely as their label, or more: what a person is asked to look at."""
        return tuple(doubt for doubt in self.doubts if doubt.p_answer >= STRONG * doubt.p_label)

    def rows(self) -> Iterator[tuple[object, ...]]:
        """As a table, the titles of its columns first."""
        yield "path", "label", "answer", "p_label", "split"
        for each in self.doubts:
            yield each.name, each.label, each.answer, f"{each.p_label:.6f}", each.split


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureMap:
    """Pictures as points in a plane, those near each other that are alike to the network."""

    root: Path
    classes: tuple[str, ...]
    names: tuple[str, ...]
    """N, relative to ``root``, with forward slashes; absolute where a picture lies elsewhere."""
    labels: np.ndarray
    """N int64, into ``classes``."""
    answers: np.ndarray
    """N int64, into ``classes``."""
    sure: np.ndarray
    """N float32, the probability of the answer."""
    splits: np.ndarray
    """N strings."""
    held_out: np.ndarray
    """N truths: whether what answered had not learned from the picture."""
    places: np.ndarray
    """N×2 float32."""
    before: "PictureMap | None" = None
    """The same pictures as the run had them that this one continues, in the same plane; those that it did not have
    have NaN for places. None where it continues none that can be shown."""

    @property
    def mistakes(self) -> np.ndarray:
        """N truths."""
        found: np.ndarray = self.labels != self.answers
        return found

    def rows(self) -> Iterator[tuple[object, ...]]:
        """As a table, the titles of its columns first."""
        yield "path", "x", "y", "label", "answer", "split"
        columns = (self.places.tolist(), self.labels.tolist(), self.answers.tolist(), self.splits.tolist())
        for name, (x, y), label, answer, split in zip(self.names, *columns, strict=True):
            yield name, round(x, 4), round(y, 4), self.classes[label], self.classes[answer], split


FEWEST = 40
"""Pictures of a class from which on a forecast is made."""
Unsaid = Literal["", "few", "rises", "perfect"]
"""Why nothing is forecast: there are too few pictures, more of them did not help so far, or nothing is left to gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How a share of correct pictures grew with the number of pictures, and what twice as many may bring."""

    name: str
    """Of the class; empty for all pictures."""
    pictures: int
    shares: tuple[float, ...]
    """Correct with an eighth, a quarter, a half and all of the pictures, each in [0, 1]."""
    interval: tuple[float, float]
    """95 % interval of the last one."""
    forecast: tuple[float, float] | None
    """With twice as many pictures, in [0, 1]."""
    why: Unsaid = ""

    @property
    def now(self) -> float:
        """With all pictures."""
        return self.shares[-1]

    @property
    def gain(self) -> float:
        """The middle of what twice as many may bring; 0 where nothing is forecast."""
        return sum(self.forecast) / 2 - self.now if self.forecast is not None else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Whether there are enough pictures."""

    root: Path
    network: str
    overall: Curve
    classes: tuple[Curve, ...]
    """In the order of the folder's."""

    @property
    def by_gain(self) -> tuple[Curve, ...]:
        """The classes, those first whose pictures would help most, and those without a forecast last."""
        return tuple(sorted(self.classes, key=lambda each: (each.forecast is None, -each.gain)))

    @property
    def next_class(self) -> Curve | None:
        """Of which to collect pictures next; None where nothing can be said or gained."""
        best = next(iter(self.by_gain), None)
        return best if best is not None and best.gain > 0 else None

    @property
    def sentence(self) -> str:
        """What to do next."""
        overall, best = self.overall, self.next_class
        if best is not None and best.forecast is not None:
            low, high = (100 * end for end in best.forecast)
            pictures = counted(best.pictures, "more picture")
            return (
                f"Most is to be gained from {isolated(best.name)}: now {100 * best.now:.0f} % of its pictures are "
                f"recognised, with {pictures} perhaps {low:.0f} to {high:.0f} %."
            )
        if overall.why == "few" or all(each.why == "few" for each in self.classes):
            return f"Collect more of every class: below {counted(FEWEST, 'picture')} nothing can be forecast of one."
        if overall.why == "rises":
            return (
                "More pictures have not helped so far. Better ones may: look at the mistakes and the doubtful labels."
            )
        return "More pictures of single classes promise little. Look at the mistakes and the doubtful labels instead."
