"""What is told of pictures and networks: plain values, made elsewhere in this room. No torch."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

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

    @property
    def mistakes(self) -> np.ndarray:
        """N truths."""
        found: np.ndarray = self.labels != self.answers
        return found
