"""Two networks compared on the same pictures, picture by picture, and the sentence that says it. No torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.core.intervals import ALONE, grouped_mean
from cnnstudio.core.words import counted

_RARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two networks answered the same pictures."""

    pictures: int
    both: int
    """Pictures that both recognised."""
    only_first: int
    only_second: int
    neither: int
    groups: int
    """How many groups the pictures are in, see ``SplitScore``."""
    difference: float
    """Accuracy of the first minus that of the second, in [-1, 1]."""
    interval: tuple[float, float]
    """95 % interval of the difference on new pictures."""
    p_value: float
    """How often two equally good networks would differ so much by chance."""

    @property
    def is_clear(self) -> bool:
        """Whether chance alone would rarely give such a difference; both tests have to say so."""
        return self.p_value < _RARE and not self.interval[0] <= 0 <= self.interval[1]


def compare_answers(first: Sequence[bool], second: Sequence[bool], groups: Sequence[int]) -> Comparison:
    """Compare answers to the same pictures.

    The interval of the difference is that of Bonett & Price 2012 (one more picture that only the first recognises, and
    one that only the second does), with the variance between groups where pictures belong together. The test is exact:
    where pictures stand for themselves, McNemar's on the pictures that only one of the two recognises.

    Args:
        first: whether the first network recognised each picture; one or more.
        second: the same of the second.
        groups: what each picture belongs to, see ``intervals.grouped_mean``.
    """
    gains = [int(one) - int(other) for one, other in zip(first, second, strict=True)]
    both = sum(one and other for one, other in zip(first, second, strict=True))
    only_first, only_second = gains.count(1), gains.count(-1)
    plain = grouped_mean(gains, groups)
    low, high = grouped_mean([*gains, 1, -1], [*groups, ALONE, ALONE]).interval()
    return Comparison(
        pictures=len(gains),
        both=both,
        only_first=only_first,
        only_second=only_second,
        neither=len(gains) - both - only_first - only_second,
        groups=plain.groups,
        difference=plain.mean,
        interval=(max(-1.0, low), min(1.0, high)),
        p_value=sign_test(_by_group(gains, groups)),
    )


def sign_test(gains: Sequence[int]) -> float:
    """How often the sum would be as far from zero if every gain had as well been a loss: exact, two-sided.

    With gains of 1 and -1 this is McNemar's exact test; with larger ones, of whole groups, Fisher's randomisation test.

    Args:
        gains: of each group of pictures, how many more of them the first network recognised than the second.
    """
    sizes = [abs(gain) for gain in gains if gain]
    single = sizes.count(1)
    chances = [math.exp(_log_choose(single, heads) - single * math.log(2)) for heads in range(single + 1)]
    start = -single  # chances[i] is that of the sum start + 2 i, and later of start + i
    spread = [0.0] * (2 * single + 1)
    spread[::2] = chances
    for size in (size for size in sizes if size > 1):
        wider = [0.0] * (len(spread) + 2 * size)
        for place, chance in enumerate(spread):
            wider[place] += chance / 2
            wider[place + 2 * size] += chance / 2
        spread, start = wider, start - size
    far = abs(sum(gains))
    return min(1.0, math.fsum(chance for place, chance in enumerate(spread) if abs(start + place) >= far))


def compared_sentence(found: Comparison, first: str, second: str, what: str) -> str:
    """Such as: B is better than A: +2.1 points (0.4 to 3.8) on 341 validation pictures.

    Args:
        found: the comparison.
        first: name of the first network.
        second: name of the second.
        what: one of the pictures, such as ``validation picture``.
    """
    better, worse = (first, second) if found.difference >= 0 else (second, first)
    ends = sorted(100 * value * (1 if found.difference >= 0 else -1) for value in found.interval)
    points, low, high = 100 * abs(found.difference), *ends
    where = f"on {counted(found.pictures, what)}"
    if found.is_clear:
        return f"{better} is better than {worse}: +{points:.1f} points ({low:.1f} to {high:.1f}) {where}."
    if not found.difference:
        return f"No clear difference: {better} and {worse} are equally good {where} ({low:+.1f} to {high:+.1f} points)."
    return (
        f"No clear difference: {better} is ahead of {worse} by {points:.1f} points ({low:+.1f} to {high:+.1f}) {where}."
    )


def discordant_sentence(found: Comparison, first: str, second: str) -> str:
    """Such as: Both recognise 280, only A 12, only B 5, neither 44. And how probable so much is by chance."""
    chance = f"{found.p_value:.3f}" if found.p_value >= 0.001 else "less than 0.001"
    in_groups = f" They are in {counted(found.groups, 'group')}, which is allowed for."
    together = in_groups if found.groups < found.pictures else ""
    return (
        f"Both recognise {found.both:,}, only {first} {found.only_first:,}, only {second} {found.only_second:,}, "
        f"neither {found.neither:,}.{together} Two equally good networks would differ so much with a probability of "
        f"{chance}."
    )


def _by_group(gains: Sequence[int], groups: Sequence[int]) -> list[int]:
    sums = dict[int, int]()
    for gain, group in zip(gains, groups, strict=True):
        if group != ALONE:
            sums[group] = sums.get(group, 0) + gain
    return [*(gain for gain, group in zip(gains, groups, strict=True) if group == ALONE), *sums.values()]


def _log_choose(of: int, many: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(many + 1) - math.lgamma(of - many + 1)
