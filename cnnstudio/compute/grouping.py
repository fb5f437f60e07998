"""Which pictures are alike, by their features."""

import math

import torch

_MOST_GROUPS, _ROUNDS = 64, 25


def alike_groups(features: torch.Tensor) -> list[list[int]]:
    """Groups of pictures that are alike; groups that are alike follow each other, and the most typical come first.

    k-means on features of length one, with about as many groups as each has pictures; the same features always give
    the same groups.

    Args:
        features: N×D float32.
    """
    count = len(features)
    groups = min(_MOST_GROUPS, max(1, round(math.sqrt(count))))
    if groups < 2:
        return [list(range(count))] if count else []
    points = torch.nn.functional.normalize(features - features.mean(0), dim=1)
    centres = _begin(points, groups)
    nearest = torch.zeros(count, dtype=torch.int64)
    for _ in range(_ROUNDS):
        before, nearest = nearest, (points @ centres.T).argmax(1)
        if torch.equal(before, nearest):
            break
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        filled = torch.bincount(nearest, minlength=len(centres)) > 0
        centres[filled] = torch.nn.functional.normalize(sums[filled], dim=1)
    closeness = (points * centres[nearest]).sum(1)
    order = [int(each) for each in _in_line(centres) if bool((nearest == each).any())]
    found = []
    for each in order:
        own = torch.nonzero(nearest == each).flatten()
        found.append(own[closeness[own].argsort(descending=True, stable=True)].tolist())
    return found


def _begin(points: torch.Tensor, groups: int) -> torch.Tensor:
    """K×D: far from each other, beginning with the picture that is least like the others."""
    chosen = [int((points @ points.mean(0)).argmin())]
    closest = points @ points[chosen[0]]
    while len(chosen) < groups:
        chosen.append(int(closest.argmin()))
        closest = torch.maximum(closest, points @ points[chosen[-1]])
    return points[chosen].clone()


def _in_line(centres: torch.Tensor) -> list[int]:
    """Each followed by the one most like it among those that are left."""
    alike = centres @ centres.T
    line, left = [0], set(range(1, len(centres)))
    while left:
        line.append(max(left, key=lambda each: float(alike[line[-1], each])))
        left.remove(line[-1])
    return line
