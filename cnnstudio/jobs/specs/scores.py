"""What there is to show of a score, counted beside the window's thread: a thousand classes are a million cells."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cnnstudio.core import ClassFigures, SplitScore, Watch, beside_sentence, class_figures
from cnnstudio.core.scores import MixUp
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs import RunRecord, open_run
from cnnstudio.understanding.classes import ClassRanges, class_ranges, similar_order
from cnnstudio.understanding.mistakes import Mistakes, find_mistakes

DIAGONAL = 128
"""The level from which on a cell is on the diagonal."""
MANY = 20
"""Classes beyond which they are put in an order of their own."""
_MOST_MIX_UPS = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """The figures of one split of a run."""

    classes: tuple[str, ...]
    """In the run's order; of many, in one where those that are mixed up are near each other."""
    counts: np.ndarray
    """C×C int64; row = actual class, column = predicted class."""
    levels: np.ndarray
    """C×C uint8: which share of its row a cell has. 0 is an empty cell, 1 to 127 lie off the diagonal, the others on
    it, from faint to full."""
    figures: tuple[ClassFigures, ...]
    """Of every class, in order."""
    ranges: tuple[ClassRanges, ...]
    """Of every class, in order."""
    mix_ups: tuple[MixUp, ...]
    """The most frequent ones, the worst first; a thousand at most."""
    mix_up_kinds: int
    """How many there are."""
    beside: str
    """What else has to be known of the accuracy."""
    mix: str
    """That the splits' classes are mixed differently; empty where they are not."""

    def strongest_near(self, row: int, column: int, reach: int) -> tuple[int, int]:
        """The mix-up with the largest share of its row within ``reach`` cells; the cell itself where there is none."""
        top, left = max(0, row - reach), max(0, column - reach)
        near = self.levels[top : row + reach + 1, left : column + reach + 1]
        off = np.where(near < DIAGONAL, near, 0)
        if not off.any():
            return row, column
        down, across = divmod(int(off.argmax()), near.shape[1])
        return top + down, left + across


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFigures(Job[Figures]):
    """Count what a page shows of a run's score."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    record: RunRecord
    split: str

    def handle(self, watch: Watch) -> Figures:
        """Milliseconds up to a hundred classes, half a second for a thousand."""
        watch.check()
        score = self.record.scores[self.split]
        counts, classes = _counts(score), self.record.classes
        figures = class_figures(classes, score.confusion, score.class_intervals)
        if len(classes) > MANY:
            order = list(similar_order(counts))
            counts, classes = counts[np.ix_(order, order)], tuple(classes[place] for place in order)
            figures = [figures[place] for place in order]
        totals = counts.sum(1, keepdims=True)
        share = counts / np.maximum(totals, 1)
        levels = np.where(counts > 0, 1 + np.rint(share * (DIAGONAL - 2)), 0).astype(np.uint8)
        own, correct = np.diag_indices(len(counts)), counts.diagonal()
        on = DIAGONAL + np.rint(share[own] * (255 - DIAGONAL))
        levels[own] = np.where(correct > 0, on, 0).astype(np.uint8)
        return Figures(
            classes=classes,
            counts=counts,
            levels=levels,
            figures=tuple(figures),
            ranges=class_ranges(counts),
            mix_ups=_worst(counts),
            mix_up_kinds=int(np.count_nonzero(counts) - np.count_nonzero(correct)),
            beside=beside_sentence(score),
            mix=self.record.mix_sentence if self.split == "test" else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TellBeside(Job[str]):
    """What else has to be known of an accuracy, in words."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    score: SplitScore

    def handle(self, watch: Watch) -> str:
        """A tenth of a second for a thousand classes."""
        watch.check()
        return beside_sentence(self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindMistakes(Job[Mistakes]):
    """What a run answered for each picture, by cell and class, the hardest first."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    run: Path

    def handle(self, watch: Watch) -> Mistakes:
        """Raises RunError, FormatError when there is no run. A second for 60,000 pictures."""
        watch.check()
        return find_mistakes(open_run(self.run))


def _worst(counts: np.ndarray) -> tuple[MixUp, ...]:
    """As ``worst_mix_ups``, which would take a tenth of a second for a thousand classes."""
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    rows, columns = wrong.nonzero()
    order = np.argsort(-wrong[rows, columns], kind="stable")[:_MOST_MIX_UPS]
    places = zip(rows[order].tolist(), columns[order].tolist(), strict=True)
    return tuple(MixUp(true=true, predicted=said, count=int(counts[true, said])) for true, said in places)


def _counts(score: SplitScore) -> np.ndarray:
    """Row by row, so that other threads get their turn."""
    counts = np.empty((len(score.confusion), len(score.confusion)), np.int64)
    for number, row in enumerate(score.confusion):
        counts[number] = row
    return counts
