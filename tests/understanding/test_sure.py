"""Promises that are kept, costs that are counted, and how sure is how right."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.cli.main import main
from cnnstudio.core import ALONE, RunError
from cnnstudio.runs import Answers, softmax, write_answers
from cnnstudio.understanding.sure.cost import cheapest, cost_matrix, overlooked
from cnnstudio.understanding.sure.evidence import evidence_of
from cnnstudio.understanding.sure.promise import THRESHOLDS, at_threshold, is_kept, promise, without_error
from cnnstudio.understanding.sure.reliability import reliability


def drawn(count, seed=0, classes=4, sharp=2.0):
    """Honest probabilities and labels drawn from them."""
    rng = np.random.default_rng(seed)
    probabilities = softmax(rng.normal(0, sharp, (count, classes)))
    labels = (probabilities.cumsum(1) < rng.random((count, 1))).sum(1).clip(max=classes - 1)
    return probabilities, labels, np.full(count, ALONE)


def answers(count=300, splits=("validation",), held_out=True, seed=0):
    probabilities, labels, groups = drawn(count, seed)
    return Answers(
        classes=("a", "b", "c", "d"),
        names=tuple(f"{n}.png" for n in range(count)),
        keys=np.zeros((count, 16), np.uint8),
        labels=labels,
        splits=np.array(splits)[np.arange(count) * len(splits) // count],
        groups=groups,
        held_out=np.full(count, held_out),
        logits=np.log(probabilities).astype(np.float32),
        features=np.zeros((count, 2), np.float16),
    )


# The promise ------------------------------------------------------------------------------------------------------


@given(st.integers(1, 400), st.floats(0.5, 0.99), st.data())
def test_the_test_of_a_threshold_is_exact(answered, target, data):
    wrong = data.draw(st.integers(0, answered))
    chance = sum(
        math.comb(answered, count) * (1 - target) ** count * target ** (answered - count) for count in range(wrong + 1)
    )
    if abs(chance - 0.05) > 1e-9:
        assert is_kept(wrong, answered, target) == (chance <= 0.05 and wrong < (1 - target) * answered)


def test_so_many_without_an_error():
    assert [without_error(target) for target in (0.9, 0.95, 0.98)] == [29, 59, 149]
    for target in (0.9, 0.95, 0.98):
        assert is_kept(0, without_error(target), target)
        assert not is_kept(0, without_error(target) - 1, target)


def test_large_counts_do_not_overflow():
    assert is_kept(900, 10_000, 0.9)
    assert not is_kept(990, 10_000, 0.9)
    assert is_kept(99_000, 1_000_000, 0.9)


def test_a_promise_is_kept_on_new_pictures():
    broken, answered = 0, []
    for seed in range(150):
        found = promise(*drawn(300, seed, sharp=5), 0.9)
        share, right = at_threshold(*drawn(4000, 1000 + seed, sharp=5)[:2], found.threshold or 2)
        broken += found.threshold is not None and right < 0.9
        answered.append(share)
    assert broken <= 0.1 * 150
    assert np.mean(answered) > 0.3


def test_what_cannot_be_promised_says_what_it_takes():
    few = promise(*drawn(100), 0.99)
    assert (few.threshold, few.answers, few.right) == (None, 0, 0)
    assert few.without_error == 299
    assert few.needed is not None
    assert few.needed > 100
    probabilities = np.tile([0.9, 0.1], (500, 1))
    never = promise(probabilities, np.arange(500) % 2, np.full(500, ALONE), 0.9)
    assert never.needed is None, "its surest answers are wrong half of the time"


def test_thresholds_end_at_the_first_that_fails():
    """Right above 0.9, wrong between 0.8 and 0.9, right below again: what comes after the failure is not taken."""
    sure = np.repeat([0.96, 0.86, 0.76], [100, 60, 800])
    probabilities = np.stack([sure, 1 - sure], 1)
    labels = (sure == 0.86).astype(int)
    found = promise(probabilities, labels, np.full(960, ALONE), 0.9)
    assert found.threshold == 0.88, "0.87 passed by a hair"
    assert found.answers == pytest.approx(100 / 960)
    assert found.right == 1
    assert found.threshold in THRESHOLDS


def test_copies_are_no_evidence():
    probabilities, labels, groups = drawn(40, 3, sharp=5)
    ten = [np.repeat(each, 10, axis=0) for each in (probabilities, labels)]
    alone, together = promise(*ten, np.full(400, ALONE), 0.9), promise(*ten, np.repeat(np.arange(40), 10), 0.9)
    single = promise(probabilities, labels, groups, 0.9)
    assert together.threshold == single.threshold
    assert alone.threshold is not None
    assert single.threshold is None or alone.threshold <= single.threshold


def test_test_pictures_are_no_evidence():
    every = answers(600, ("train", "validation", "test"))
    assert set(every.splits[evidence_of(every).places]) == {"validation"}
    assert set(every.splits[evidence_of(every, every=True).places]) == {"train", "validation"}
    few = answers(240, ("train", "validation", "test"))
    assert evidence_of(few).out_of_fold
    assert set(few.splits[evidence_of(few).places]) == {"train", "validation"}
    with pytest.raises(RunError, match="validation"):
        evidence_of(answers(300, ("test",)))
    with pytest.raises(RunError):
        evidence_of(answers(300, ("train",), held_out=False))


# Cost -------------------------------------------------------------------------------------------------------------


def test_the_cheapest_answer():
    probabilities = np.array([[0.8, 0.2], [0.95, 0.05]])
    assert cheapest(probabilities, cost_matrix(2, 1, 1)).tolist() == [0, 0]
    assert cheapest(probabilities, cost_matrix(2, 1, 10)).tolist() == [1, 0], "0.2 × 10 is more than 0.8"


def test_what_is_overlooked_less_costs_less():
    probabilities, labels, _ = drawn(2000)
    plain, careful = (overlooked(probabilities, labels, 2, times) for times in (1, 10))
    assert plain.cost == plain.cost_before
    assert careful.cost < careful.cost_before
    assert len(careful.found) > len(plain.found)
    assert len(careful.alarms) > len(plain.alarms)
    assert len(careful.found) + len(careful.missed) == careful.pictures == (labels == 2).sum()
    assert (labels[careful.found] == 2).all()
    assert (labels[careful.alarms] != 2).all()
    sure = probabilities[careful.alarms, 2]
    assert (np.diff(sure) >= 0).all(), "the least sure first"


# Reliability ------------------------------------------------------------------------------------------------------


def test_an_honest_network_lies_in_its_own_band():
    found = [reliability(*drawn(372, seed)[:2]) for seed in range(40)]
    assert sum(each.is_honest for each in found) >= 35
    assert 0.02 < np.mean([each.error for each in found]) < 0.06, "never 0 on so few"
    assert sum(each.pictures for each in found[0].bins) == found[0].pictures == 372
    assert all(each.pictures >= 30 for each in found[0].bins)


def test_one_that_is_too_sure_does_not():
    probabilities, labels, _ = drawn(1000)
    surer = softmax(3 * np.log(probabilities))
    found = reliability(surer, labels)
    assert not found.is_honest
    assert found.error > 0.1
    assert all(each.right < each.sure for each in found.bins[2:8])


def test_few_pictures_are_one_bin():
    (only,) = reliability(*drawn(7)[:2]).bins
    assert only.pictures == 7
    assert only.honest[0] <= only.sure <= only.honest[1]


# The command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_promise(tmp_path, capsys):
    write_answers(tmp_path, answers(900))
    assert main(["sure", str(tmp_path), "--target", "0.9", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["threshold", "promised", "answers", "right"]
    assert told["promised"] == 0.9 <= told["right"]
    assert 0 < told["answers"] < 1
    assert main(["sure", str(tmp_path), "--target", "0.9"]) == 0
    assert "Promised: at least 90 % correct" in capsys.readouterr().out
    assert main(["sure", str(tmp_path), "--target", "0.999", "--json"]) == 0
    out, beside = capsys.readouterr()
    assert set(json.loads(out).values()) == {None}
    assert "2,995 answers without an error" in beside
