"""*Answer only when sure*: a threshold that keeps a promised share of correct answers, not only on these pictures.

Thresholds are tested from the strictest down, and the first that fails ends it: so the last that passed holds with 95 %
confidence, without a correction for how many were tried (fixed-sequence testing). Each test is exact: Clopper and
Pearson's upper end of the share of errors. Taken is the one before the last: in 1,000 re-splits of 713 photographs, by
two networks and for 90 and 95 %, it kept the promise in 91 to 95 %; the last one, in steps of 0.02, in 90 to 94 %.
"""

import math
from dataclasses import dataclass

import numpy as np

from cnnstudio.core import ALONE, grouped_mean

DOUBT = 0.05
"""A promise is broken so often at most."""
FEWEST_ANSWERED = 20
THRESHOLDS = tuple(round(0.99 - 0.01 * step, 2) for step in range(99))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What comes of answering only from a threshold on."""

    target: float
    """The share of answers that shall be correct."""
    threshold: float | None
    """Smallest probability of an answer that is given; None where nothing can be promised."""
    answers: float
    """Share of pictures that are answered; 0 where nothing can be promised."""
    right: float
    """Share of these answers that are correct."""
    pictures: int
    without_error: int
    """So many answers without a single error would be enough to promise it."""
    needed: int | None
    """So many pictures would be enough if errors came as often as they do; None where no number is, or these are."""


def promise(probabilities: np.ndarray, labels: np.ndarray, groups: np.ndarray, target: float) -> Promise:
    """Find the threshold.

    Args:
        probabilities: N×C of pictures that the network did not learn from.
        labels: N.
        groups: N; all within a group are taken to be alike.
        target: share in (0, 1).
    """
    surest, right = probabilities.max(1), probabilities.argmax(1) == labels
    enough = max(FEWEST_ANSWERED, without_error(target))
    found, passed = None, list[float]()
    for threshold in THRESHOLDS:
        chosen = surest >= threshold
        answered, wrong = _alone(right[chosen], groups[chosen])
        if answered < enough:  # known before it is tested, so that passing over it costs nothing
            continue
        if not is_kept(wrong, answered, target):
            found = passed[-2] if len(passed) > 1 else found  # the last one passed by a hair, and perhaps by luck
            break
        found = threshold
        passed.append(threshold)
    chosen = surest >= (found if found is not None else 2)
    return Promise(
        target=target,
        threshold=found,
        answers=float(chosen.mean()) if len(chosen) else 0.0,
        right=float(right[chosen].mean()) if chosen.any() else 0.0,
        pictures=len(labels),
        without_error=without_error(target),
        needed=_needed(surest, right, groups, target) if found is None else None,
    )


def at_threshold(probabilities: np.ndarray, labels: np.ndarray, threshold: float) -> tuple[float, float]:
    """Shares of pictures that are answered, and of these answers that are correct; 0 where there are none."""
    chosen = probabilities.max(1) >= threshold
    right = (probabilities.argmax(1) == labels)[chosen]
    return float(chosen.mean()) if len(chosen) else 0.0, float(right.mean()) if len(right) else 0.0


def without_error(target: float) -> int:
    """So many correct answers in a row show that a share is kept."""
    return math.ceil(math.log(DOUBT) / math.log(target))


def is_kept(wrong: int, answered: int, target: float) -> bool:
    """Whether so few errors would be a chance of 5 % at most, if the share of correct answers were less than that.

    The same as that the upper end of Clopper and Pearson's one-sided interval of the errors is ``1 - target`` or less.
    """
    errors = 1 - target
    if wrong >= errors * answered:
        return False
    count = np.arange(wrong + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log((answered - count[:-1]) / (count[:-1] + 1)))])
    terms = logs + count * math.log(errors) + (answered - count) * math.log(target)
    return float(np.exp(terms - terms.max()).sum()) <= DOUBT * math.exp(min(700.0, -terms.max()))


def _alone(right: np.ndarray, groups: np.ndarray) -> tuple[int, int]:
    """Pictures and errors, as if as many stood alone as tell as much."""
    if (groups == ALONE).all():
        return len(right), len(right) - int(right.sum())
    alone = math.floor(grouped_mean([0.0] * len(right), groups.tolist()).like_alone + 1e-9)
    return alone, math.ceil((len(right) - int(right.sum())) * alone / len(right))


def _needed(surest: np.ndarray, right: np.ndarray, groups: np.ndarray, target: float) -> int | None:
    """How many times as many pictures as these would do, for the threshold that needs the fewest."""
    sums = [_alone(right[surest >= threshold], groups[surest >= threshold]) for threshold in THRESHOLDS]
    for times in sorted({*range(2, 50), *(round(1.1**power) for power in range(41, 73))}):
        for answered, wrong in sums:
            often = answered * times
            if often >= max(FEWEST_ANSWERED, without_error(target)) and is_kept(wrong * times, often, target):
                return times * len(surest)
    return None
