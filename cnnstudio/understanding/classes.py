"""Figures of single classes: their ranges, and an order in which classes that are mixed up stand together. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cnnstudio.core import wilson_interval

_DRAWS = 1000
_FAINT = 1e-6
"""Of the strongest tie, that all classes have with each other, so that no group of them stands by itself."""
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRanges:
    """95 % ranges of what holds for new pictures; that of the recall is with its figures."""

    precision: Range
    f1: Range


def class_ranges(counts: np.ndarray, seed: int = 0) -> tuple[ClassRanges, ...]:
    """Of every class of a confusion matrix C×C.

    Precision is a share of pictures (Wilson). F1 is none: the matrix is drawn anew 1,000 times, as of as many pictures
    (multinomial), and what lies between the 2.5th and the 97.5th percent is taken. Where a class has no mistake, draws
    know none, either: its range begins with what Wilson gives for recall and precision.
    """
    rng, whole, found = np.random.default_rng(seed), int(counts.sum()), []
    for place, own in enumerate(counts.diagonal().tolist()):
        pictures, predicted = int(counts[place].sum()), int(counts[:, place].sum())
        precision = wilson_interval(own, predicted)
        if not (pictures or predicted):
            found.append(ClassRanges(precision=precision, f1=(0.0, 1.0)))
            continue
        kinds = np.array([own, pictures - own, predicted - own, whole - pictures - predicted + own])
        right, missed, wrong, _ = rng.multinomial(whole, kinds / whole, _DRAWS).T
        drawn = 2 * right / np.maximum(1, 2 * right + missed + wrong)
        low, high = (float(end) for end in np.quantile(drawn, (0.025, 0.975)))
        if low == high:
            ends = (wilson_interval(own, pictures), precision)
            low, high = (_harmonic(ends[0][end], ends[1][end]) for end in (0, 1))
        found.append(ClassRanges(precision=precision, f1=(low, high)))
    return tuple(found)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def similar_order(counts: np.ndarray) -> Sequence[int]:
    """Places of the classes such that those that are mixed up with each other are near each other.

    By the Fiedler vector of what they are mixed up (Atkins, Boman & Hendrickson 1998, "A spectral algorithm for
    seriation").
    """
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    ties = shares + shares.T
    np.fill_diagonal(ties, 0)
    if len(ties) < 3 or not ties.any():
        return tuple(range(len(counts)))
    ties = ties + _FAINT * ties.max()
    np.fill_diagonal(ties, 0)
    _, vectors = np.linalg.eigh(np.diag(ties.sum(1)) - ties)
    fiedler = vectors[:, 1]
    if fiedler[int(np.abs(fiedler).argmax())] < 0:  # its sign is of no meaning: the same matrix gives the same order
        fiedler = -fiedler
    return tuple(np.argsort(fiedler, kind="stable").tolist())
