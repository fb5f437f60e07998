"""Answers where errors are not equally bad: the class whose expected cost is lowest. For calibrated probabilities."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlooked:
    """What becomes of a class when overlooking it costs so much more than any other error."""

    label: int
    times: float
    pictures: int
    """Of the class."""
    found: np.ndarray
    """Places of pictures of the class that are recognised."""
    missed: np.ndarray
    """Places of those that are not."""
    alarms: np.ndarray
    """Places of pictures of other classes that are predicted as it; the least sure first."""
    cost: float
    """Of all errors, an ordinary one being 1."""
    cost_before: float
    """Of the most probable answers."""


def cost_matrix(classes: int, label: int, times: float) -> np.ndarray:
    """C×C: what it costs that a picture of a row's class is answered with a column's; overlooking ``label`` more."""
    costs = 1 - np.eye(classes)
    costs[label] *= times
    return costs


def cheapest(probabilities: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """N int64: the answer to each picture that is expected to cost least."""
    found: np.ndarray = (probabilities.astype(np.float64) @ costs).argmin(1)
    return found


def overlooked(probabilities: np.ndarray, labels: np.ndarray, label: int, times: float) -> Overlooked:
    """Count a class as so many times as bad to overlook.

    Args:
        probabilities: N×C.
        labels: N.
        label: the class.
        times: 1 or more.
    """
    costs = cost_matrix(probabilities.shape[1], label, times)
    said, own = cheapest(probabilities, costs), labels == label
    alarms = np.flatnonzero((said == label) & ~own)
    return Overlooked(
        label=label,
        times=times,
        pictures=int(own.sum()),
        found=np.flatnonzero(own & (said == label)),
        missed=np.flatnonzero(own & (said != label)),
        alarms=alarms[np.argsort(probabilities[alarms, label], kind="stable")],
        cost=float(costs[labels, said].sum()),
        cost_before=float(costs[labels, probabilities.argmax(1)].sum()),
    )
