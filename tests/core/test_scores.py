import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import (
    ALONE,
    INTERVAL_MEANING,
    FolderScore,
    SplitScore,
    beside_sentence,
    class_figures,
    mix_sentence,
    mix_up_sentences,
    range_meaning,
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


# Words --------------------------------------------------------------------------------------------------------


def score_of(confusion, split="test", kind=SplitScore, **fields):
    images, right = sum(map(sum, confusion)), sum(row[index] for index, row in enumerate(confusion))
    return kind(**{
        "split": split, "images": images, "loss": 0.4, "accuracy": right / max(1, images), "top5_accuracy": None,
        "interval": wilson_interval(right, images), "confusion": confusion, **fields,
    })  # fmt: skip


UNEVEN = ((3020, 100), (500, 100))


def test_a_score_in_one_sentence_and_all_about_it():
    score = score_of(UNEVEN)
    sentence = "3,120 of 3,720 test pictures correct (83.9 %), between 82.7 % and 85.0 % on new pictures."
    beside = (
        "With every class counted alike: 56.7 % (balanced accuracy). Always answering with the most frequent class: "
        "83.9 %."
    )
    assert right_sentence(score) == sentence
    assert told(score) == f"{sentence}\n{beside}\n{INTERVAL_MEANING}"
    assert "95 %" in INTERVAL_MEANING


def test_pictures_that_were_learned_from_promise_nothing_about_new_ones():
    score = score_of(((1,),), "train")
    assert right_sentence(score) == "1 of 1 train picture correct (100.0 %)."
    assert range_meaning(score) == ""
    assert right_sentence(score_of(((1,),), "train", origin="out-of-fold")).endswith("100.0 % on new pictures.")
    learned = score_of(UNEVEN, "all", FolderScore, learned=7)
    assert "trained with 7 of them" in right_sentence(learned)
    assert range_meaning(learned) == ""


def test_what_was_counted_while_training_is_called_so():
    score = score_of(((3, 1), (0, 0)), "train", interval=None, origin="while-training")
    assert right_sentence(score) == (
        "3 of 4 answers correct (75.0 %) while training: on varied pictures, by weights that changed from step to step."
    )


def test_validation_that_chose_the_epoch_says_so_and_its_range_allows_for_it():
    plain, chosen = score_of(UNEVEN, "validation"), score_of(UNEVEN, "validation", chosen_among=40)
    assert right_sentence(chosen).endswith("These pictures chose the best of 40 epochs, so expect slightly less.")
    assert "best of" not in right_sentence(plain)
    assert "lower end allows for the choice" in range_meaning(chosen)


def test_pictures_in_groups_are_said_to_be_where_that_matters():
    grouped, hardly = score_of(UNEVEN, groups=700), score_of(UNEVEN, groups=3719)
    assert "of 3,720 test pictures in 700 groups correct" in right_sentence(grouped)
    assert right_sentence(hardly) == right_sentence(score_of(UNEVEN))
    assert "one group" in range_meaning(grouped)
    assert "one group" in range_meaning(hardly)
    assert "one group" not in range_meaning(score_of(UNEVEN, groups=3720))


def test_top_five_is_only_said_where_it_was_counted():
    assert "first five for 0.0 %" in beside_sentence(score_of(UNEVEN, top5_accuracy=0.0))
    assert "first five" not in beside_sentence(score_of(UNEVEN))


def test_splits_of_other_mixes_are_not_compared_by_accuracy():
    mixed = mix_sentence(("shoes", "hat"), score_of(((8, 0), (0, 92)), "validation"), score_of(((20, 0), (0, 80))))
    assert mixed == (
        "Their classes are mixed differently (shoes: 8 % of validation, 20 % of test), so compare validation and test "
        "by balanced accuracy."
    )
    assert mix_sentence(("shoes", "hat"), score_of(UNEVEN, "validation"), score_of(UNEVEN)) == ""


# Figures of a whole split -------------------------------------------------------------------------------------


@given(PAIRS)
def test_balanced_accuracy_is_the_mean_recall_of_classes_that_occur(pairs):
    score = score_of(matrix_of(pairs))
    recalls = [figures.recall for figures in class_figures(CLASSES, score.confusion) if figures.recall is not None]
    assert score.balanced_accuracy == pytest.approx(sum(recalls) / len(recalls) if recalls else 0)
    true = [true for true, _ in pairs]
    assert score.majority_share == pytest.approx(max(map(true.count, range(4))) / max(1, len(pairs)))


def test_every_class_has_its_own_interval():
    figures = class_figures(("a", "b"), ((300, 40), (5, 7)))
    assert figures[1].interval == wilson_interval(7, 12)
    assert [round(100 * end) for end in figures[1].interval] == [32, 81]


def answered(groups, **fields):
    """A score of pictures of two classes, of which groups are recognised whole or not at all."""
    labels = [group % 2 for group in groups]
    right = [group % 5 != 0 for group in groups]
    matrix = [[0, 0], [0, 0]]
    for label, hit in zip(labels, right, strict=True):
        matrix[label][label if hit else 1 - label] += 1
    return score_of(tuple(map(tuple, matrix)), **fields), right, labels


def test_a_score_whose_pictures_belong_together_has_their_intervals_for_each_class_too():
    groups = [number // 5 for number in range(200)]
    score, right, labels = answered(groups)
    grouped = score.judged(right, labels, groups)
    alone = score.judged(right, labels, [ALONE] * 200)
    assert (grouped.groups, alone.groups) == (40, 200)
    assert alone.interval == score.interval
    assert alone.class_intervals == ()
    for wide, narrow in zip(
        (grouped.interval, *grouped.class_intervals),
        (alone.interval, *(figures.interval for figures in class_figures(("a", "b"), score.confusion))),
        strict=True,
    ):
        assert wide[1] - wide[0] > 1.7 * (narrow[1] - narrow[0])
    rough = score.judged_roughly(labels, groups)
    assert rough.groups == 40
    assert rough.interval == pytest.approx(grouped.interval, abs=0.02)
    assert len(rough.class_intervals) == 2


def test_only_what_says_something_of_new_pictures_gets_an_interval():
    groups = [number // 5 for number in range(200)]
    for fields, fair in (({"split": "train"}, False), ({"split": "train", "origin": "out-of-fold"}, True), ({}, True)):
        score, right, labels = answered(groups, **fields)
        assert (score.judged(right, labels, groups).interval is not None) == fair
