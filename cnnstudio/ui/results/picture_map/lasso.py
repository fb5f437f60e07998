"""Which points lie within a line that was drawn around them."""

import numpy as np

_MOST_CORNERS = 200


def inside(places: np.ndarray, line: np.ndarray) -> np.ndarray:
    """By crossing numbers: N truths for N×2 places and a closed line through M×2 corners."""
    if len(line) > _MOST_CORNERS:
        line = line[np.linspace(0, len(line) - 1, _MOST_CORNERS).round().astype(np.int64)]
    found = np.zeros(len(places), bool)
    if len(line) < 3:
        return found
    low, high = line.min(0), line.max(0)
    near = np.flatnonzero(((places >= low) & (places <= high)).all(1))
    x, y = places[near].astype(np.float64).T
    odd = np.zeros(len(near), bool)
    for (ax, ay), (bx, by) in zip(line.tolist(), np.roll(line, -1, 0).tolist(), strict=True):
        if ay != by:
            crosses = (ay > y) != (by > y)
            odd ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    found[near] = odd
    return found
