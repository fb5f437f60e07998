"""Intervals that hold: simulated, and against their definitions."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import ALONE, grouped_mean, share_interval, wilson_interval
from cnnstudio.core.intervals import alike_interval


def test_the_interval_is_wilsons():
    low, high = wilson_interval(312, 372)
    assert (round(low, 4), round(high, 4)) == (0.7979, 0.8726)
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 100_000).flatmap(lambda images: st.tuples(st.integers(0, images), st.just(images))))
def test_the_interval_holds_the_share_and_its_ends_are_where_a_test_would_just_not_refuse(counts):
    """Wilson's bounds p solve (share − p)² = z² p (1 − p) / n, unless they lie at 0 or 1."""
    right, images = counts
    low, high = wilson_interval(right, images)
    assert 0 <= low <= right / images <= high <= 1
    assert low < high
    for bound in (low, high):
        left = (right / images - bound) ** 2
        assert left == pytest.approx(1.959963984540054**2 * bound * (1 - bound) / images, abs=1e-9)


@given(st.integers(1, 1000))
def test_more_pictures_make_the_interval_narrower_and_mistakes_mirror_it(images):
    def width(right, of):
        low, high = wilson_interval(right, of)
        return high - low

    assert width(2 * images, 4 * images) > width(20 * images, 40 * images)
    low, high = wilson_interval(images, 3 * images)
    assert wilson_interval(2 * images, 3 * images) == pytest.approx((1 - high, 1 - low))


def test_the_best_of_many_is_allowed_for_below_only():
    """Forty networks that are all correct for 80 %, of which the best is kept: its own range would be too high."""
    assert wilson_interval(80, 100, chosen_among=1) == wilson_interval(80, 100)
    low, high = wilson_interval(80, 100, chosen_among=40)
    assert high == wilson_interval(80, 100)[1]
    assert low < wilson_interval(80, 100)[0]
    rng = random.Random(0)
    held = too_high = 0
    for _ in range(150):
        best = max(sum(rng.random() < 0.8 for _ in range(100)) for _ in range(40))
        held += wilson_interval(best, 100, chosen_among=40)[0] <= 0.8
        too_high += wilson_interval(best, 100)[0] > 0.8
    assert held >= 0.95 * 150
    assert too_high > 0.2 * 150


GROUPED = st.lists(st.tuples(st.booleans(), st.integers(ALONE, 5)), min_size=1, max_size=60)


@given(GROUPED)
def test_a_share_of_groups_lies_in_its_interval_and_alone_it_is_wilsons(answers):
    right, groups = [hit for hit, _ in answers], [group for _, group in answers]
    low, high = share_interval(right, groups)
    assert 0 <= low <= sum(right) / len(right) <= high <= 1
    assert share_interval(right, [ALONE] * len(right)) == wilson_interval(sum(right), len(right))
    assert share_interval(right, list(range(len(right)))) == wilson_interval(sum(right), len(right))


@given(GROUPED)
def test_groups_never_promise_more_than_single_pictures(answers):
    right, groups = [hit for hit, _ in answers], [group for _, group in answers]
    low, high = share_interval(right, groups)
    single = wilson_interval(sum(right), len(right))
    assert low <= single[0] + 1e-12
    assert high >= single[1] - 1e-12


def test_groups_that_are_alike_throughout_count_once():
    """Forty groups of five, every one of them recognised or not as a whole, tell about as much as forty pictures."""
    groups = [number // 5 for number in range(200)]
    right = [group < 32 for group in groups]
    assert share_interval(right, groups) == pytest.approx(wilson_interval(32, 40), abs=0.02)
    assert share_interval([True] * 200, groups) == pytest.approx(wilson_interval(40, 40), abs=0.01)
    assert alike_interval(160, groups) == pytest.approx(wilson_interval(32, 40), abs=0.02)


def coverage(sizes, share, alike, draws):
    """How often the interval holds the truth; ``alike`` is how often a picture's answer is its whole group's."""
    rng, groups = random.Random(1), [number for number, size in enumerate(sizes) for _ in range(size)]
    held = 0
    for _ in range(draws):
        of_group = [rng.random() < share for _ in sizes]
        right = [of_group[group] if rng.random() < alike else rng.random() < share for group in groups]
        low, high = share_interval(right, groups)
        held += low <= share <= high
    return held / draws


@pytest.mark.parametrize("share", [0.5, 0.8])
@pytest.mark.parametrize("alike", [1.0, 0.7])
@pytest.mark.parametrize(
    "sizes", [[5] * 40, [10] * 20, [1] * 30 + [4] * 20 + [10] * 5], ids=["40x5", "20x10", "uneven"]
)
def test_the_interval_covers_the_truth_where_pictures_belong_together(sizes, share, alike):
    """Wilson's alone covers about two thirds for 40 groups of 5 that are alike."""
    assert coverage(sizes, share, alike, draws=200) >= 0.92


def test_a_difference_of_two_networks_on_the_same_pictures():
    """One is right on every second picture more of each third group, so the groups tell, not the pictures."""
    groups = [number // 4 for number in range(120)]
    gained = [float(group % 3 == 0 and number % 2 == 0) for number, group in enumerate(groups)]
    found = grouped_mean(gained, groups)
    low, high = found.interval()
    alone = grouped_mean(gained, [ALONE] * 120).interval()
    assert (found.count, found.groups, found.mean) == (120, 30, pytest.approx(1 / 6))
    assert low < alone[0] < found.mean < alone[1] < high
    assert grouped_mean([0.0, 0.0], [ALONE, ALONE]).interval() == (0.0, 0.0)
