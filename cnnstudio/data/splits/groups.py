"""What belongs together, from pairs that do."""

import numpy as np


def connected(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """For each of 0 … count - 1 the smallest number that pairs lead to, its own where there is none.

    Args:
        count: how many there are.
        first: one end of each pair.
        second: the other ends.
    """
    leader = np.arange(count)
    while True:
        low = np.minimum(leader[first], leader[second])
        before = leader.copy()
        np.minimum.at(leader, leader[first], low)
        np.minimum.at(leader, leader[second], low)
        leader = leader[leader]
        if np.array_equal(before, leader):
            return leader


def members(leader: np.ndarray) -> list[list[int]]:
    """The parts with more than one member, from what ``connected`` gives; all in ascending order."""
    order = np.argsort(leader, kind="stable")
    return runs(order, leader[order][1:] == leader[order][:-1])


def runs(order: np.ndarray, joined: np.ndarray) -> list[list[int]]:
    """Cut a row into pieces of at least two.

    Args:
        order: N numbers.
        joined: N - 1 truths, whether each belongs with the next.
    """
    starts = np.flatnonzero(joined & ~np.append(False, joined[:-1]))
    ends = np.flatnonzero(joined & ~np.append(joined[1:], False)) + 2
    return [order[start:end].tolist() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
