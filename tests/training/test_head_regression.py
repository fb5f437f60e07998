"""A last layer that is solved for: folds, the minimum, the choice, and a run from beginning to end."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch.nn import functional

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import (
    ALONE,
    Control,
    EvaluationDone,
    RecipeError,
    RunCompleted,
    StopRequested,
    StrengthTried,
    TrainingDiverged,
    WeightsError,
)
from cnnstudio.data import Sample
from cnnstudio.jobs.job import carry
from cnnstudio.jobs.specs import ResumeRun
from cnnstudio.networks import head
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.training.base import TRAIN_HEAD_FILE, load_base
from cnnstudio.training.head import regression
from cnnstudio.training.head.folds import ALWAYS_LEARNED, LEFT_OUT, folds_of
from cnnstudio.training.head.minimise import minimise
from cnnstudio.training.head.regression import Pictures, solve
from cnnstudio.training.head.regressions import Block, Regressions
from cnnstudio.training.recipe import recipe_from_plain
from cnnstudio.training.recover import ensure_bundle


def quiet(_):
    """Events nobody wants."""


# Folds ------------------------------------------------------------------------------------------------------------


def names(count):
    return [f"{index}.jpg" for index in range(count)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 9)), min_size=1, max_size=40), st.randoms())
def test_groups_stay_in_one_fold_and_no_head_misses_a_class(rows, random):
    labels, groups = [label for label, _ in rows], [group for _, group in rows]
    folds = folds_of(names(len(rows)), labels, groups)
    for group in set(groups) - {ALONE}:
        assert len({fold for fold, own in zip(folds, groups, strict=True) if own == group}) == 1
    for fold in {*folds.tolist()} - {ALWAYS_LEARNED}:
        learned = {label for label, own in zip(labels, folds, strict=True) if own != fold}
        assert learned == set(labels), "a class that its head does not know could not be answered"
    order = random.sample(range(len(rows)), len(rows))
    again = folds_of([names(len(rows))[i] for i in order], [labels[i] for i in order], [groups[i] for i in order])
    assert again.tolist() == folds[order].tolist(), "the order on disk decides nothing"


@pytest.mark.parametrize("count", [5, 7, 23])
def test_every_class_is_shared_out_evenly(count):
    labels = [0] * count + [1] * 2 * count
    folds = folds_of(names(len(labels)), labels, [ALONE] * len(labels))
    for label in (0, 1):
        sizes = Counter(folds[np.asarray(labels) == label].tolist())
        assert set(sizes) == set(range(5))
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_the_only_picture_of_a_class_is_always_learned_and_two_answer_for_each_other():
    folds = folds_of(names(4), [0, 1, 1, 2], [ALONE] * 4)
    assert (folds[[0, 3]] == ALWAYS_LEARNED).all()
    assert len(set(folds[[1, 2]].tolist())) == 2
    assert folds.min() == ALWAYS_LEARNED


def test_of_very_many_pictures_a_part_of_each_class_chooses():
    labels = [0] * 1000 + [1] * 50 + [2] * 3
    folds = folds_of(names(len(labels)), labels, [ALONE] * len(labels), share=0.1)
    kept = Counter(np.asarray(labels)[folds != LEFT_OUT].tolist())
    assert kept == {0: 100, 1: 5, 2: 3}


# The minimum ------------------------------------------------------------------------------------------------------


def some_rows(seed, count=60, size=7, classes=3):
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(count, size, generator=generator) * 3 + 5
    features[:, -1] = 2.0  # never differs
    targets = torch.randint(classes, (count,), generator=generator)
    features[:, 0] += 2 * targets
    return features, targets


def by_newton(features, targets, weights, strength, classes):
    """The minimum, by Newton's method in float64 with torch's own derivatives."""

    def loss(place):
        weight, bias = place[: classes * features.shape[1]].view(classes, -1), place[-classes:]
        losses = functional.cross_entropy(features @ weight.T + bias, targets, reduction="none")
        return (losses * weights).sum() + strength / 2 * weight.square().sum()

    place = torch.zeros(classes * (features.shape[1] + 1), dtype=torch.float64)
    for _ in range(30):
        gradient = torch.autograd.functional.jacobian(loss, place)
        hessian = torch.autograd.functional.hessian(loss, place) + 1e-9 * torch.eye(len(place), dtype=torch.float64)
        place = place - torch.linalg.solve(hessian, gradient)
    return place


@pytest.mark.parametrize("strength", [0.3, pytest.param(30.0, marks=pytest.mark.slow)])
def test_several_problems_at_once_end_where_newtons_method_ends(strength):
    features, targets = some_rows(0)
    weights = torch.stack([torch.ones(60), (torch.arange(60) % 5 > 0).float(), torch.linspace(0.1, 2, 60)], 1)
    problems = Regressions([Block(features, targets, weights)], 3, Control())
    carry(problems.standardise(), quiet)
    found = carry(minimise(problems, problems.start(), strength, 1e-9), quiet)
    for number in range(3):
        plain = ((features - problems.mean[number]) / problems.deviation[number]).double()
        wanted = by_newton(plain, targets, weights[:, number].double(), strength, 3)
        weight, bias = wanted[:-3].view(3, -1), wanted[-3:]
        logits = features_logits(plain, found.weight[number].double(), found.bias[number].double())
        assert torch.allclose(logits.softmax(1), features_logits(plain, weight, bias).softmax(1), atol=2e-3)
    gradient = carry(problems.value_at(found, strength), quiet).gradient
    assert gradient.weight.abs().max() < 0.02
    assert gradient.bias.abs().max() < 0.02
    assert found.weight[:, :, -1].abs().max() < 1e-5, "nothing is learned from what never differs"


def features_logits(features, weight, bias):
    return features @ weight.T + bias


@pytest.mark.parametrize("strength", [1000.0, 10.0, pytest.param(0.1, marks=pytest.mark.slow)])
def test_the_end_is_near_with_few_rows_of_many_features_too(strength):
    """Biases came last, and an end was taken for near up to a fourth of the loss above it, with other answers."""
    generator = torch.Generator().manual_seed(0)
    features, targets = torch.randn(4, 300, generator=generator) + 1, torch.tensor([0, 0, 1, 1])
    problems = Regressions([Block(features, targets, 1 - torch.eye(4))], 2, Control())
    carry(problems.standardise(), quiet)
    rough, exact = (carry(minimise(problems, problems.start(), strength, share), quiet) for share in (1e-3, 1e-9))
    losses = [carry(problems.value_at(found, strength), quiet).loss for found in (rough, exact)]
    assert (losses[0] / losses[1]).max() < 1.01


def test_the_same_rows_give_the_same_bits_whoever_else_is_solved_for():
    features, targets = some_rows(1, count=500, size=40)

    def found(others):
        weights = torch.cat([torch.ones(500, 1), others], 1)
        problems = Regressions([Block(features, targets, weights)], 3, Control())
        carry(problems.standardise(), quiet)
        return carry(minimise(problems, problems.start(), 1.0, 1e-4), quiet).weight[0]

    half = (torch.arange(500) % 2).float()[:, None]
    assert torch.equal(found(half), found(half))
    assert torch.allclose(found(half), found(1 - half), atol=0.02), "as near as the tolerance"


@pytest.mark.parametrize("value", [0.0, 0.5, 123.456, 1e5])
def test_most_features_may_be_constant(value):
    """Their deviation is noise of float32: divided by it, nothing was learned any more."""
    features, targets = some_rows(0, count=80, size=20)
    features[:, -1] = torch.randn(80, generator=torch.Generator().manual_seed(1))
    alone, beside = (
        Regressions([Block(rows, targets, torch.ones(80, 1))], 3, Control())
        for rows in (features, torch.cat([features, torch.full((80, 40), value)], 1))
    )
    losses = []
    for problems in (alone, beside):
        carry(problems.standardise(), quiet)
        found = carry(minimise(problems, problems.start(), 1.0, 1e-6), quiet)
        losses.append(float(carry(problems.value_at(found, 1.0), quiet).loss))
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert found.weight[:, :, 20:].abs().max() < 1e-4


def test_a_single_class_and_the_scale_of_features_change_nothing():
    features, targets = some_rows(0)
    found = []
    for scale in (1.0, 1e-9, 1e9):
        problems = Regressions([Block(features * scale, targets, torch.ones(60, 1))], 3, Control())
        carry(problems.standardise(), quiet)
        found.append(carry(minimise(problems, problems.start(), 1.0, 1e-6), quiet).weight)
    assert torch.allclose(found[0], found[1], atol=0.02)
    assert torch.allclose(found[0], found[2], atol=0.02)
    single = Regressions([Block(features, targets * 0, torch.ones(60, 1))], 1, Control())
    carry(single.standardise(), quiet)
    assert carry(minimise(single, single.start(), 1.0, 1e-4), quiet).weight.abs().max() == 0


def test_features_that_are_no_numbers_end_it():
    features, targets = some_rows(2)
    features[3, 3] = torch.nan
    problems = Regressions([Block(features, targets, torch.ones(60, 1))], 3, Control())
    with pytest.raises(TrainingDiverged, match="no numbers"):
        carry(minimise(problems, problems.start(), 1.0, 1e-4), quiet)


# The choice -------------------------------------------------------------------------------------------------------


def pictures(counts, validation=(), views=1, seed=0, size=6):
    """Pictures of as many classes as there are counts, told apart by their first features."""
    generator = torch.Generator().manual_seed(seed)

    def part(own, split, count):
        labels = torch.tensor([label for label, number in enumerate(own) for _ in range(number)])
        values = torch.randn(count, len(labels), size, generator=generator)
        values[:, torch.arange(len(labels)), labels] += 2
        samples = tuple(Sample(Path(f"{split}-{index}"), int(label), split) for index, label in enumerate(labels))
        return Features(values, samples)

    train = part(counts, "train", views)
    judged = part(validation, "validation", 1) if sum(validation) else None
    names = [str(each.path) for each in train.samples]
    return Pictures(train=train, validation=judged, names=names, groups=[ALONE] * len(names))


def solved(chosen, classes, **settings):
    events = []
    found = carry(solve(chosen, classes=classes, balanced=False, control=Control(), **settings), events.append)
    return found, [event for event in events if isinstance(event, StrengthTried)]


def test_the_lowest_loss_out_of_fold_is_taken_and_an_edge_is_looked_beyond(monkeypatch):
    chosen = pictures((30, 30, 30), (5, 5, 5))
    found, tried = solved(chosen, 3)
    best = min(tried, key=lambda event: event.loss)
    assert found.strength == best.strength
    assert [event.is_best for event in tried].count(True) >= 1
    assert {event.images for event in tried} == {90}  # validation pictures choose nothing
    assert found.answered.all()
    monkeypatch.setattr(regression, "_FIRST", -2)  # far too weak to begin with
    again, more = solved(chosen, 3)
    assert again.strength == found.strength
    assert max(event.strength for event in more) > min(event.strength for event in more)


def test_no_answer_out_of_fold_knows_its_picture():
    """With classes drawn by lot, a head that had learned from a picture would answer it better than by chance."""
    generator = torch.Generator().manual_seed(5)
    samples = tuple(
        Sample(Path(str(index)), int(label), "train")
        for index, label in enumerate(torch.randint(2, (60,), generator=generator))
    )
    noise = Features(torch.randn(1, 60, 200, generator=generator), samples)
    chosen = Pictures(train=noise, validation=None, names=[str(s.path) for s in samples], groups=[ALONE] * 60)
    found, _ = solved(chosen, 2)
    right = (found.logits.argmax(1) == chosen.targets).float().mean()
    assert right < 0.7
    assert (found.head.eval()(noise.values[0]).argmax(1) == chosen.targets).float().mean() > 0.9


def test_the_head_of_training_pictures_has_not_seen_validation():
    chosen = pictures((20, 20), (6, 6))
    found, _ = solved(chosen, 2)
    moved = replace(chosen.validation, values=chosen.validation.values + 100)
    other = carry(solve(replace(chosen, validation=moved), classes=2, balanced=False, control=Control()), quiet)
    assert torch.equal(found.from_train.mean, other.from_train.mean)
    assert not torch.equal(found.head.mean, other.head.mean)
    assert found.strength == other.strength
    assert torch.equal(found.logits[:40], other.logits[:40])
    assert torch.allclose(found.from_train.linear.weight, other.from_train.linear.weight, rtol=1e-3, atol=1e-4)
    answers = found.from_train.eval()(chosen.validation.values[0])
    assert torch.allclose(found.logits[40:], answers, atol=1e-5)


@pytest.mark.parametrize("counts", [(1, 1), (1, 2), (2, 3), (1, 9)])
def test_very_few_pictures_work(counts):
    found, tried = solved(pictures(counts), 2)
    assert found.answered.sum() == sum(count for count in counts if count > 1)
    assert bool(tried) == any(count > 1 for count in counts)
    assert torch.isfinite(found.head.linear.weight).all()


def test_validation_pictures_are_all_answered_whatever_their_class():
    found, _ = solved(pictures((1, 9), (1, 3)), 2)
    assert found.answered[10:].all()


def test_views_share_the_weight_of_their_picture_and_only_the_plain_one_is_answered():
    once = pictures((12, 12))
    twice = replace(once, train=Features(once.train.values.repeat(3, 1, 1), once.train.samples))
    one, three = solved(once, 2)[0], solved(twice, 2)[0]
    assert one.strength == three.strength
    assert torch.allclose(one.head.linear.weight, three.head.linear.weight, atol=1e-2)
    assert len(three.logits) == 24


def test_balanced_classes_count_alike():
    chosen = pictures((60, 4), size=3, seed=2)
    plain, _ = solved(chosen, 2)
    found = carry(solve(chosen, classes=2, balanced=True, control=Control()), quiet)
    rare = chosen.targets == 1
    said = [(each.head.eval()(chosen.train.values[0]).softmax(1)[rare, 1]).mean() for each in (plain, found)]
    assert said[1] > said[0]


def test_a_stop_is_obeyed_between_two_looks_at_the_rows():
    control = Control()
    steps = solve(pictures((20, 20)), classes=2, balanced=False, control=control)
    next(event for event in steps if isinstance(event, StrengthTried))
    control.request_stop()
    with pytest.raises(StopRequested):
        list(steps)


# A run ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def solving(recipe):
    return replace(recipe, batch_size=0)


def contents(run):
    """What a run gave, but for times and names."""
    weights = load_bundle(run.bundle)[0].state_dict()
    tried = [replace(event) for event in run.history().strengths]
    return weights, load_file(run.folder / TRAIN_HEAD_FILE), tried, list(run.predictions()), run.record.scores


def same(first, second):
    assert first[2:] == second[2:]
    for one, other in zip(first[:2], second[:2], strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.slow
def test_a_run_stops_goes_on_and_gives_the_same_to_the_bit(train, solving):
    whole, events = train(solving)
    record = whole.record
    assert (record.state, record.epochs_done, record.best_epoch) == ("finished", 0, 0)
    assert recipe_from_plain(record.recipe).head_solver == "regression"
    assert [event for event in events if isinstance(event, RunCompleted)]
    assert {event.score.split for event in events if isinstance(event, EvaluationDone)} == {
        "train", "validation", "test",
    }  # fmt: skip
    assert {split: score.origin for split, score in record.scores.items()} == {
        "train": "out-of-fold", "validation": "out-of-fold", "test": "finished",
    }  # fmt: skip
    rows = Counter(answer.split for answer in whole.predictions())
    assert rows == {split: score.images for split, score in record.scores.items()}

    def stop(event, control):
        if isinstance(event, StrengthTried) and event.done == 2:
            control.request_stop()

    with pytest.raises(StopRequested) as caught:
        train(solving, on_event=stop)
    stopped = caught.value.result
    assert (stopped.record.state, stopped.can_resume, stopped.can_predict) == ("stopped", True, False)
    again, _ = train(None, spec=ResumeRun(run=stopped.folder))
    same(contents(whole), contents(again))
    with pytest.raises(RecipeError, match="has no epochs"):
        train(None, spec=ResumeRun(run=whole.folder, epochs=9))
    _refit_is_not_what_others_start_from(whole)


def _refit_is_not_what_others_start_from(run):
    recipe = recipe_from_plain(run.record.recipe)
    following = replace(recipe, mode="last-stage", start_from=str(run.folder), weights="auto")
    base = load_base(following, run.record.classes, None)
    own, delivered = load_file(run.folder / TRAIN_HEAD_FILE), load_bundle(ensure_bundle(run.folder))[0]
    assert torch.equal(head.head_layer(base.network).weight.flatten(1), own["weight"])
    assert not torch.equal(head.head_layer(delivered).weight.flatten(1), own["weight"])
    (run.folder / TRAIN_HEAD_FILE).write_bytes(b"torn")
    with pytest.raises(WeightsError, match="other runs start from"):
        load_base(following, run.record.classes, None)
    (run.folder / TRAIN_HEAD_FILE).unlink()
    with pytest.raises(WeightsError, match="missing"):  # or validation pictures would be learned from, and say 100 %
        load_base(following, run.record.classes, None)
