"""What the colours of the map say: classes with the mistakes ringed, mistakes alone, or splits."""

from dataclasses import dataclass

import numpy as np

from cnnstudio.core import isolated
from cnnstudio.data import SPLITS
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.picture_map.points import Mark
from cnnstudio.understanding.outcomes import PictureMap

SYMBOLS = ("o", "s", "t1", "d")
BY_CLASS, BY_MISTAKE, BY_SPLIT = "class", "mistake", "split"


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """Rows of a legend, and which mark each point has."""

    names: tuple[str, ...]
    rows: np.ndarray
    """N int64, of each point the row of the legend that it belongs to."""
    marks: tuple[Mark, ...]
    """Of each row, then of each row with a ring."""
    ringed: np.ndarray
    """N truths."""

    @property
    def kinds(self) -> np.ndarray:
        """Of each point the number of its mark."""
        return self.rows + len(self.names) * self.ringed

    def counts(self) -> list[int]:
        """Points of each row."""
        return np.bincount(self.rows, minlength=len(self.names)).tolist()


def size_for(count: int) -> float:
    """Of a point in pixels: many have to be small to be told apart."""
    return float(np.clip(40 / max(1, count) ** 0.25, 3.5, 9.0))


def coloured(found: PictureMap, by: str) -> Colouring:
    """Colours and shapes for a map: six colours and four shapes tell 24 classes apart."""
    colours = theme.current()
    nothing = np.zeros(len(found.names), bool)
    size = size_for(len(found.names))
    names: tuple[str, ...]
    if by == BY_MISTAKE:
        names = ("Correct", "Mistake")
        marks = [Mark("o", colours.muted, colours.surface, size), Mark("s", colours.bad, colours.surface, size + 1.5)]
        rows, ringed = found.mistakes.astype(np.int64), nothing
    elif by == BY_SPLIT:
        names = tuple(each.capitalize() for each in SPLITS)
        marks = [Mark("o", colours.series[number], colours.surface, size) for number in (0, 4, 2)]
        rows, ringed = np.array([SPLITS.index(each) for each in found.splits.tolist()], np.int64), nothing
    else:
        names = tuple(isolated(name) for name in found.classes)
        series = colours.series
        marks = [
            Mark(SYMBOLS[number // len(series) % len(SYMBOLS)], series[number % len(series)], colours.surface, size)
            for number in range(len(names))
        ]
        rows, ringed = found.labels, found.mistakes
    rings = [Mark(mark.symbol, mark.colour, mark.edge, mark.size, colours.text) for mark in marks]
    return Colouring(names, rows, (*marks, *rings), ringed)
