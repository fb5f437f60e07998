"""What is told of one answer. Plain values, no torch."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.inference.results import ClassScore

SQUARES = 7
"""Covered squares in a row; each a fourth of the picture wide, and half over its neighbours."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the side, 0 to 1."""


def average_colour(pixels: np.ndarray) -> tuple[int, int, int]:
    """Of H×W×3 uint8: what parts are covered with."""
    red, green, blue = np.round(pixels.mean((0, 1))).astype(int).tolist()
    return red, green, blue


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What each place of a picture adds to the scores of some classes."""

    layer: str
    """Whose output the places are."""
    classes: tuple[int, ...]
    """K of them, by number."""
    maps: np.ndarray
    """K×H×W float32 in logits; above 0 speaks for the class, below 0 against it."""
    logits: np.ndarray
    """Of the K classes."""
    rest: np.ndarray
    """Of the K classes, what is left where nothing is seen; the maps and this add up where it is ``exact``."""
    exact: bool
    """Whether that is so; else the maps are an approximation."""
    probabilities: np.ndarray
    """Of all classes."""

    @property
    def largest(self) -> float:
        """The one scale of all maps: the size of the strongest place."""
        return float(np.abs(self.maps).max(initial=0.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """Why a network answers as it does, as far as that can be seen in the picture."""

    path: Path
    labels: tuple[str, ...]
    """All classes of the network."""
    pixels: np.ndarray
    """Crop×crop×3 uint8, the part of the picture that it saw."""
    evidence: Evidence
    """For the answer and the runner-up, in this order."""

    @property
    def top(self) -> tuple[ClassScore, ...]:
        """The five most likely classes, best first."""
        probabilities = self.evidence.probabilities
        best = np.argsort(-probabilities, kind="stable")[:5].tolist()
        return tuple(ClassScore(self.labels[each], float(probabilities[each])) for each in best)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes that the maps are for."""
        return tuple(self.labels[each] for each in self.evidence.classes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occlusion:
    """How much surer each of K classes was before a square was covered."""

    classes: tuple[int, ...]
    drops: np.ndarray
    """K×SQUARES×SQUARES float32: fall of the class's score (its logit less the mean of all); below 0 it rose."""
    falls: np.ndarray
    """K×SQUARES×SQUARES float32: fall of its probability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A picture that was learned from."""

    path: Path
    label: str
    similarity: float
    """Cosine of the features, -1 to 1."""
    same: bool
    """Whether it is the picture itself, or a copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The training pictures most like one picture, in the network's own eyes."""

    alike: tuple[Alike, ...]
    """Three of the answer's class, then one of the runner-up's."""
    among: int
    """Training pictures that were compared."""
    learned: bool
    """Whether the picture itself, or a copy of it, is among them."""
