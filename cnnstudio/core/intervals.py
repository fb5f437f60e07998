"""How far a share of pictures may lie from the truth, also where pictures belong together. No torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

ALONE = -1
"""Group of a picture that belongs to no other."""
_OUTSIDE = 0.05
_Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class GroupedMean:
    """The mean of values that belong together in groups, such as answers on pictures of one patient."""

    mean: float
    variance: float
    """Of the mean, from how it changes where a whole group is missing (the jackknife, Tukey 1958); infinite for one."""
    count: int
    groups: int
    """A value that belongs to no other is one by itself."""
    like_alone: float
    """So many groups of one size would tell as much, if all within a group were alike: n² / Σ size² (Kish 1965)."""

    def interval(self) -> _Interval:
        """95 %, by Student's distribution: for differences between two networks on the same pictures, and the like."""
        half = _student(_outside_to_z(_OUTSIDE / 2), self.like_alone - 1) * math.sqrt(self.variance)
        return self.mean - half, self.mean + half


def grouped_mean(values: Sequence[float], groups: Sequence[int]) -> GroupedMean:
    """Count values up by group.

    Args:
        values: one or more.
        groups: of each a number that it shares with those it belongs to, or ``ALONE``.
    """
    sums, sizes, lone = dict[int, float](), dict[int, int](), list[float]()
    for value, group in zip(values, groups, strict=True):
        if group == ALONE:
            lone.append(value)
        else:
            sums[group] = sums.get(group, 0.0) + value
            sizes[group] = sizes.get(group, 0) + 1
    count, parts = len(values), len(lone) + len(sums)
    mean = math.fsum(values) / count
    without = [(value - mean, count - 1) for value in lone]
    without += [(sums[group] - mean * size, count - size) for group, size in sizes.items()]
    return GroupedMean(
        mean=mean,
        variance=math.fsum((more / rest) ** 2 for more, rest in without) * (parts - 1) / parts
        if parts > 1
        else math.inf,
        count=count,
        groups=parts,
        like_alone=count**2 / (len(lone) + sum(size**2 for size in sizes.values())),
    )


def share_interval(right: Sequence[bool], groups: Sequence[int], chosen_among: int = 1) -> _Interval:
    """95 % interval of a share, also where pictures belong together.

    Wilson's, of so many independent pictures as would vary as much as the groups do (Korn & Graubard 1998), with
    Student's distribution, since few groups say little of how much they vary. Where all answers are equal they say
    nothing of that, so that every group counts as one picture.

    Args:
        right: whether each picture was recognised.
        groups: of each, see ``grouped_mean``.
        chosen_among: see ``wilson_interval``.
    """
    if not right:
        return 0.0, 1.0
    found = grouped_mean([float(each) for each in right], groups)
    if found.groups == found.count:
        return wilson_interval(sum(right), len(right), chosen_among)
    spread, pictures = found.mean * (1 - found.mean), found.like_alone
    if spread and found.groups > 1:
        # Few mistakes say little of how they fall into groups, so half a group more is taken to be all alike. By
        # simulation: without it 8 groups of 40 covered 87 % at a share of 95 %; a whole one widens what was right.
        pictures = min(found.count, spread / (found.variance + spread / (2 * found.like_alone**2)))
    return _wilson(found.mean, pictures, chosen_among, found.like_alone - 1)


def alike_interval(right: int, groups: Sequence[int], chosen_among: int = 1) -> _Interval:
    """As ``share_interval`` where single answers are not known: all within a group are taken to be alike.

    Args:
        right: of the pictures, how many were recognised.
        groups: of each.
        chosen_among: see ``wilson_interval``.
    """
    if not groups:
        return 0.0, 1.0
    like_alone = grouped_mean([0.0] * len(groups), groups).like_alone
    freedom = math.inf if like_alone == len(groups) else like_alone - 1
    return _wilson(right / len(groups), like_alone, chosen_among, freedom)


def wilson_interval(right: int, images: int, chosen_among: int = 1) -> _Interval:
    """95 % interval of a share (Wilson 1927); (0, 1) when nothing was counted.

    Args:
        right: of the pictures, how many were recognised.
        images: how many there are.
        chosen_among: so many networks were compared on these pictures and the best was kept, so its share is too high;
            the lower end holds for all of them together (Bonferroni), whichever was kept.
    """
    return _wilson(right / images, images, chosen_among) if images else (0.0, 1.0)


def _wilson(share: float, pictures: float, chosen_among: int, freedom: float = math.inf) -> _Interval:
    low = _bound(share, pictures, -_student(_outside_to_z(_OUTSIDE / 2 / max(1, chosen_among)), freedom))
    high = _bound(share, pictures, _student(_outside_to_z(_OUTSIDE / 2), freedom))
    # Rounding may put a bound on the wrong side of a share of exactly 0 or 1.
    return max(0.0, min(share, low)), min(1.0, max(share, high))


def _bound(share: float, pictures: float, z: float) -> float:
    z2 = z * z
    centre = share + z2 / (2 * pictures)
    return (centre + z * math.sqrt(share * (1 - share) / pictures + z2 / (4 * pictures**2))) / (1 + z2 / pictures)


def _outside_to_z(outside: float) -> float:
    return NormalDist().inv_cdf(1 - outside)


def _student(z: float, freedom: float) -> float:
    """What Student's distribution has in place of a normal quantile (Abramowitz & Stegun 26.7.5)."""
    n = max(1.0, freedom)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3
