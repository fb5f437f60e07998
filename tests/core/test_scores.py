import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import (
    INTERVAL_MEANING,
    SplitScore,
    class_figures,
    mix_up_sentences,
    right_sentence,
    told,
    wilson_interval,
    worst_mix_ups,
)

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40)
"""True and predicted class of single pictures; of four classes, so that some have none."""
CLASSES = ("a", "b", "c", "d")


def matrix_of(pairs):
    return [[pairs.count((true, said)) for said in range(4)] for true in range(4)]


@given(PAIRS)
def test_figures_are_what_counting_single_pictures_gives(pairs):
    for label, figures in enumerate(class_figures(CLASSES, matrix_of(pairs))):
        hits = sum(true == said == label for true, said in pairs)
        misses = sum(true == label != said for true, said in pairs)
        alarms = sum(said == label != true for true, said in pairs)
        assert (figures.name, figures.right) == (CLASSES[label], hits)
        assert (figures.pictures, figures.predicted) == (hits + misses, hits + alarms)
        assert figures.recall == (hits / (hits + misses) if hits + misses else None)
        assert figures.precision == (hits / (hits + alarms) if hits + alarms else None)
        assert figures.f1 == (2 * hits / (2 * hits + misses + alarms) if hits + misses + alarms else None)


@given(PAIRS)
def test_f1_is_the_harmonic_mean_where_that_is_defined(pairs):
    for figures in class_figures(CLASSES, matrix_of(pairs)):
        if figures.recall and figures.precision:
            assert figures.f1 == pytest.approx(2 / (1 / figures.recall + 1 / figures.precision))


@pytest.mark.parametrize(
    ("matrix", "figures"),
    [
        (((3, 1), (0, 0)), [(0.75, 1.0, 6 / 7), (None, 0.0, 0.0)]),  # nothing is of b, but something was called so
        (((3, 0), (2, 0)), [(1.0, 0.6, 0.75), (0.0, None, 0.0)]),  # b is never recognised
        (((3, 0), (0, 0)), [(1.0, 1.0, 1.0), (None, None, None)]),  # b does not occur at all
    ],
)
def test_a_class_without_pictures_or_answers_has_no_figure_rather_than_a_wrong_one(matrix, figures):
    found = class_figures(("a", "b"), matrix)
    assert [(each.recall, each.precision, each.f1) for each in found] == [pytest.approx(each) for each in figures]


@given(PAIRS, st.integers(1, 12))
def test_mix_ups_are_the_largest_cells_beside_the_diagonal(pairs, limit):
    matrix = matrix_of(pairs)
    found = worst_mix_ups(matrix, limit)
    counts = sorted((matrix[a][b] for a in range(4) for b in range(4) if a != b and matrix[a][b]), reverse=True)
    assert [each.count for each in found] == counts[:limit]
    assert all(matrix[each.true][each.predicted] == each.count and each.true != each.predicted for each in found)
    assert len({(each.true, each.predicted) for each in found}) == len(found)


def test_mix_ups_are_told_the_worst_first_and_equal_ones_in_the_order_of_classes():
    matrix = ((5, 1, 2), (2, 9, 0), (0, 1, 7))
    assert mix_up_sentences(("cat", "dog", "owl"), matrix) == [
        "cat → owl, 2 times", "dog → cat, 2 times", "cat → dog, 1 time", "owl → dog, 1 time",
    ]  # fmt: skip
    assert mix_up_sentences(("a", "b"), ((3, 0), (0, 4))) == []


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


def test_a_score_in_one_sentence():
    score = SplitScore(
        split="test", images=3720, loss=0.4, accuracy=3120 / 3720, top5_accuracy=None,
        interval=wilson_interval(3120, 3720), confusion=((3120, 600), (0, 0)),
    )  # fmt: skip
    sentence = "3,120 of 3,720 test pictures correct (83.9 %), between 82.7 % and 85.0 % on new pictures."
    assert right_sentence(score) == sentence
    assert told(score) == f"{sentence}\n{INTERVAL_MEANING}"
    assert "95 %" in INTERVAL_MEANING


def test_pictures_that_were_learned_from_promise_nothing_about_new_ones():
    score = SplitScore(
        split="train", images=1, loss=0.4, accuracy=1.0, top5_accuracy=None, interval=wilson_interval(1, 1),
        confusion=((1, 0), (0, 0)),
    )  # fmt: skip
    assert told(score) == right_sentence(score) == "1 of 1 train picture correct (100.0 %)."
