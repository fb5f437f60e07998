"""Mistakes by cell and class, the hardest first, and figures of single classes."""

import time
from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.core import wilson_interval
from cnnstudio.runs import Answer, Answers, RunRecord, create_run, write_answers, write_predictions
from cnnstudio.understanding.classes import class_ranges, similar_order
from cnnstudio.understanding.mistakes import Judged, Mistakes, find_mistakes

CLASSES = ("blue", "red")


@pytest.fixture
def run(tmp_path):
    """Four validation pictures, two of them mixed up: one surely, and one by a hair."""
    record = RunRecord(
        name="r", state="running", created="2026-11-26T10:00:00Z", network="gamma", classes=CLASSES, recipe={},
        dataset_hash="",
    )  # fmt: skip
    run = create_run(record, root=tmp_path)
    answers = [("a", "blue", "red", 0.6), ("b", "blue", "red", 0.9), ("c", "red", "red", 0.7), ("d", "blue", "blue", 1)]
    write_predictions(run.folder, [Answer(name, "validation", *rest) for name, *rest in answers])
    return run


def test_without_logits_the_surest_mistake_is_the_hardest(run):
    found = find_mistakes(run)
    assert [each.path for each in found.all("validation")] == ["b", "a"]
    assert [each.path for each in found.cell("validation", "blue", "red")] == ["b", "a"]
    assert [each.path for each in found.of_class("validation", "red")] == ["b", "a"]
    assert found.cell("test", "blue", "red") == ()
    for narrowed, paths in ((("blue", "red"), "ba"), (("blue", ""), "ba"), (("", "red"), "ba"), (("red", ""), "")):
        assert "".join(each.path for each in found.narrowed("validation", *narrowed)) == paths
    assert [each.path for each in found.narrowed("validation", "red", "red")] == ["c"]
    assert found.narrowed("validation") == found.all("validation")
    assert len(found) == 4
    assert found.all("validation")[0].of_true is None


def test_the_hardest_is_what_gives_its_class_the_least(run):
    logits = np.log(np.array([[0.02, 0.6], [0.1, 0.9], [0.3, 0.7], [0.9, 0.1]], np.float32))
    answers = Answers(
        classes=CLASSES, names=("a", "b", "c", "d"), keys=np.zeros((4, 16), np.uint8), labels=np.array([0, 0, 1, 0]),
        splits=np.array(["validation"] * 4), groups=np.full(4, -1), held_out=np.ones(4, bool), logits=logits,
        features=None,
    )  # fmt: skip
    write_answers(run.folder, answers)
    first, second = find_mistakes(run).all("validation")
    assert (first.path, second.path) == ("a", "b")
    assert first.of_true == pytest.approx(0.02 / 0.62)
    write_answers(run.folder, replace(answers, labels=np.array([1, 0, 1, 0])))
    assert find_mistakes(run).all("validation")[0].path == "b", "what is not about this class is not taken"


def test_ranges_of_precision_and_f1_lie_about_the_figures():
    counts = np.array([[80, 20, 0], [10, 90, 0], [0, 0, 5]])
    first, second, third = class_ranges(counts)
    assert first.precision == wilson_interval(80, 90)
    for ranges, f1 in ((first, 160 / 190), (second, 180 / 210)):
        low, high = ranges.f1
        assert low < f1 < high
        assert 0.05 < high - low < 0.15
    assert third.f1[0] < 0.8, "of five pictures without a mistake nobody knows more"
    assert third.f1[1] == 1
    assert class_ranges(np.zeros((2, 2), int))[0].f1 == (0, 1)


def test_classes_that_are_mixed_up_stand_together():
    """Ten pairs, each apart in the order of the alphabet."""
    counts = 9 * np.eye(20, dtype=int)
    for place in range(10):
        counts[place, place + 10] = counts[place + 10, place] = 3
        counts[place, (place + 1) % 10] = 1
    order = similar_order(counts)
    assert sorted(order) == list(range(20))
    places = {label: place for place, label in enumerate(order)}
    apart = [abs(places[label] - places[label + 10]) for label in range(10)]
    assert np.mean(apart) < 3
    assert order == similar_order(counts)
    assert list(similar_order(np.eye(4, dtype=int))) == [0, 1, 2, 3], "nothing is mixed up"


def test_of_ten_thousand_pictures_in_a_hundred_classes_each_cell_lists_exactly_its_count():
    random = np.random.default_rng(0)
    actual, predicted = random.integers(0, 100, (2, 10_000))
    names = [f"class {number:02}" for number in range(100)]
    found = Mistakes(
        Judged(f"{number}.jpg", "test", names[one], names[other], 0.5, None)
        for number, (one, other) in enumerate(zip(actual, predicted, strict=True))
    )
    counts = np.zeros((100, 100), int)
    np.add.at(counts, (actual, predicted), 1)
    begun = time.thread_time()
    listed = np.array([[len(found.cell("test", one, other)) for other in names] for one in names])
    taken = time.thread_time() - begun
    assert (listed == counts).all()
    assert taken / listed.size < 1e-3, "a click has 50 ms, and most of it is the grid's"
