"""Doubtful labels: what is flipped comes first, by answers of what did not learn from it."""

import numpy as np
import pytest

from benchmarks import doubtful_labels as benchmark
from cnnstudio.core import ALONE, Control, StopRequested
from cnnstudio.understanding import doubts
from cnnstudio.understanding.doubts import answer_warily, find_doubts
from cnnstudio.understanding.out_of_fold import Folded, OutOfFold, answer_out_of_fold
from tests.understanding.made import answered, clouds, result_of, seen_photographs


def test_flipped_labels_come_first_with_what_is_alike():
    truth = np.arange(240) % 3
    labels = truth.copy()
    labels[[5, 50, 100, 200]] = (labels[[5, 50, 100, 200]] + 1) % 3
    seen = clouds(labels, truth=truth, apart=6)
    found = find_doubts(seen, answered(seen))
    assert {doubt.name for doubt in found.doubts[:4]} == {"0005.png", "0050.png", "0100.png", "0200.png"}
    assert (found.pictures, found.unanswered) == (240, 0)
    first = found.doubts[0]
    place = int(first.name[:4])
    assert (first.label, first.answer) == (f"class {labels[place]}", f"class {truth[place]}")
    scores = [each.p_label - 0.2 * each.p_answer for each in found.doubts]
    assert np.diff(scores).min() >= -0.2, "votes weigh less than a tenth"
    points = seen.features / np.linalg.norm(seen.features, axis=1, keepdims=True)
    for of_class, shown in ((labels[place], first.like_label), (truth[place], first.like_answer)):
        own = [other for other in np.flatnonzero(labels == of_class) if other != place]
        nearest = sorted(own, key=lambda other: -float(points[other] @ points[place]))[:3]
        assert list(shown) == [seen.names[other] for other in nearest]


def test_nobody_answers_what_belongs_with_what_it_learned_from():
    """Copies with a wrong label would vouch for each other."""
    labels = np.arange(120) % 2
    groups = [number // 4 for number in range(120)]
    folds = Folded.of(clouds(labels, groups=groups)).folds.tolist()
    assert all(len({fold for fold, own in zip(folds, groups, strict=True) if own == group}) == 1 for group in range(30))


def test_another_division_is_another_one_and_groups_stay_together():
    seen = clouds(np.arange(100) % 2, groups=[number // 2 for number in range(100)])
    first, second = (Folded.of(seen, repeat).folds.numpy() for repeat in (0, 1))
    assert (first != second).any()
    assert (second[::2] == second[1::2]).all()


def test_the_only_picture_of_its_class_is_no_doubt():
    labels = np.array([0, 1] * 30 + [2])
    found = find_doubts(seen := clouds(labels, apart=0.5), answered(seen))
    assert found.unanswered == 1
    assert all(doubt.label != "class 2" for doubt in found.doubts)


def test_few_pictures_are_answered_three_times():
    assert answered(clouds(np.arange(40) % 2)).repeats == 3


def test_labels_that_look_strange_do_not_vouch_for_each_other():
    """Of class 0 many are labelled 2: by those labels that place is a little class 2's."""
    truth = np.arange(300) % 3
    labels = truth.copy()
    wrong = np.flatnonzero(truth == 0)[:12]
    labels[wrong] = 2
    seen = clouds(labels, truth=truth, apart=5)
    first, second = answered(seen), result_of(answer_warily(seen, Control()))
    of_label = [each.probabilities[wrong, 2].mean() for each in (first, second)]
    assert of_label[1] < 0.7 * of_label[0]
    assert second.repeats >= 2


def test_of_no_class_more_than_half_is_passed_over():
    labels = np.array([0] * 40 + [1] * 40)
    probabilities = np.full((80, 2), 0.5, np.float32)
    probabilities[:30] = (0.01, 0.99)
    probabilities[30:40] = (0.001, 0.999)
    probabilities[40:45] = (0.99, 0.01)
    found = OutOfFold(probabilities, np.ones(80, bool), 1.0, 1)
    strange = doubts._strange(labels, found)  # noqa: SLF001 - its own part
    assert strange[:40].sum() == 20
    assert strange[30:40].all(), "the strangest ones"
    assert strange[40:].sum() == 5


def test_pictures_that_are_most_alike_vote_but_not_copies():
    """Two equal doubts: one among pictures of its label, and one among those of its answer, with copies beside it."""
    truth = np.arange(120) % 2
    labels, groups = truth.copy(), [ALONE] * 120
    copies = [1, 11, 13, 15, 17, 19, 21, 23, 25, 27]
    labels[copies] = 0
    for copy in copies:
        groups[copy] = 7
    seen = clouds(labels, truth=truth, apart=8, groups=groups)
    seen.features[copies] = seen.features[1]
    probabilities = np.where(labels[:, None] == np.arange(2), 0.9, 0.1).astype(np.float32)
    probabilities[[0, 1]] = (0.4, 0.6)
    found = find_doubts(seen, OutOfFold(probabilities, np.ones(120, bool), 1.0, 1))
    assert [doubt.name for doubt in found.doubts] == ["0001.png", "0000.png"]


def test_it_stops_when_asked():
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        result_of(answer_out_of_fold(clouds(np.arange(40) % 2), control))


def test_strong_doubts_are_those_ten_times_as_likely():
    truth = np.arange(200) % 2
    labels = truth.copy()
    labels[:4] = 1 - truth[:4]
    seen = clouds(labels, truth=truth, apart=2)
    found = find_doubts(seen, answered(seen))
    assert 0 < len(found.strong) < len(found.doubts)
    assert all(doubt.p_answer >= 10 * doubt.p_label for doubt in found.strong)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("network", "averages"), [("efficientnet_lite0", (0.88, 0.70)), ("squeezenet1_0", (0.78, 0.60))]
)
def test_flips_among_real_photographs_are_found(shared_data, network, averages):
    """Of 5 % at random at least 45 of the first 50 are flipped, of those to the confused class 40."""
    seen = seen_photographs(shared_data, network)
    truth, classes = seen.labels, len(seen.classes)
    mix_ups = np.zeros((classes, classes), int)
    np.add.at(mix_ups, (truth, benchmark.answered(seen).answers), 1)
    np.fill_diagonal(mix_ups, 0)
    for into, least, average in ((None, 0.90, averages[0]), (mix_ups.argmax(1), 0.80, averages[1])):
        figures = []
        for seed in range(5):
            now = benchmark.with_labels(seen, benchmark.flipped(truth, 0.05, into, classes, seed))
            ranked, found = benchmark.ranking(now, truth)
            figures.append(((now.labels != truth)[ranked][:50].mean(), found))
        at_50, found = np.mean(figures, axis=0)
        assert at_50 >= least, figures
        assert found >= average, figures


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_correcting_what_is_doubtful_regains_what_wrong_labels_cost(shared_data):
    """At 10 %, of either kind: at least four fifths, from looking at the 1.5 n most doubtful; four seeds."""
    seen = seen_photographs(shared_data, "efficientnet_lite0")
    truth, classes, share = seen.labels, len(seen.classes), 0.10
    clean, mix_ups = benchmark.answered(seen).answers, np.zeros((classes, classes), int)
    np.add.at(mix_ups, (truth, clean), 1)
    np.fill_diagonal(mix_ups, 0)
    for into in (None, mix_ups.argmax(1)):
        before, after = [], []
        for seed in range(4):
            now = benchmark.with_labels(seen, benchmark.flipped(truth, share, into, classes, seed))
            ranked, _ = benchmark.ranking(now, truth)
            looked = ranked[: round(1.5 * share * len(truth))]
            labels = now.labels.copy()
            labels[looked] = truth[looked]
            before.append(benchmark.accuracy(now, truth))
            after.append(benchmark.accuracy(benchmark.with_labels(seen, labels), truth))
        lost = (clean == truth).mean() - np.mean(before)
        assert np.mean(after) - np.mean(before) >= 0.8 * lost
