"""Blended pictures wherever they are learned from, and steps on very few pictures."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from cnnstudio.core import EpochDone, RecipeError, StepDone, Watch
from cnnstudio.training.assembly import FrozenPart, network_plan
from cnnstudio.training.loop import Batch, ScoreCounter, train_step
from cnnstudio.training.loop.step import blend
from cnnstudio.training.machine.run_timing import _saved_bytes
from cnnstudio.training.opening import open_context
from cnnstudio.training.recipe import Recipe
from tests.training.test_options import small_head


class Narrow(nn.Module):
    """A batch norm that sees one value per picture and channel, as on maps of 1×1."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(8)
        self.linear = nn.Linear(8, 3)
        self.seen = []

    def forward(self, features):
        self.seen.append(len(features))
        return self.linear(self.norm(features))


def narrow_plan(pieces=1):
    plan = small_head()
    plan.model = plan.forward = Narrow()
    plan.part, plan.pieces = "network", pieces
    return plan


def batch_of(pictures):
    return Batch(torch.randn(pictures, 8), torch.arange(pictures) % 3)


def test_no_piece_of_a_batch_is_a_single_picture():
    for pictures in (2, 3, 5, 9, 10, 21, 33, 64):
        for pieces in (2, 4, 8, 16, 32):
            plan = narrow_plan(pieces)
            train_step(plan, batch_of(pictures), ScoreCounter(3))
            assert sum(plan.model.seen) == pictures
            assert min(plan.model.seen) >= 2, (pictures, pieces)
            assert len(plan.model.seen) == min(pieces, pictures // 2)


def test_a_single_picture_is_learned_from_and_leaves_the_statistics_alone():
    plan = narrow_plan()
    before = plan.model.norm.running_mean.clone()
    loss = train_step(plan, batch_of(1), ScoreCounter(3))
    assert loss.isfinite()
    assert torch.equal(plan.model.norm.running_mean, before)
    assert plan.model.norm.training, "the next batch is larger again"
    assert plan.model.linear.weight.grad.abs().sum() > 0
    train_step(plan, batch_of(2), ScoreCounter(3))
    assert not torch.equal(plan.model.norm.running_mean, before)


@pytest.mark.parametrize(
    ("changes", "pieces"),
    [
        ({"network": "lenet5", "batch_size": 40}, 3),
        ({"network": "lenet5", "batch_size": 16}, 1),
        ({"network": "resnet18_small", "batch_size": 40}, 1),
    ],
)
def test_a_cpu_takes_few_pictures_at_once_where_none_learns_from_the_others(quick, changes, pieces):
    plan = network_plan(open_context(replace(quick, **changes), None, Watch()))
    assert plan.pieces == pieces


def test_batch_norms_that_keep_their_statistics_see_few_pictures_at_once(quick):
    context = open_context(replace(quick, network="resnet18_small", batch_size=40), None, Watch())
    known = replace(context.base, trained_head=True)
    context = replace(context, base=known, recipe=replace(context.recipe, mode="all"))
    assert network_plan(context).pieces == 3


def test_memory_is_estimated_of_a_piece(quick):
    context = open_context(replace(quick, batch_size=32), None, Watch())
    whole, pieces = network_plan(context), network_plan(context)
    whole.pieces = 1
    sizes = [_saved_bytes(plan, ScoreCounter(context.classes)) for plan in (whole, pieces)]
    few = len(next(whole.train.epoch(0)).targets)
    weights = 4 * sum(weight.numel() for weight in whole.model.parameters())
    assert sizes[1] - weights == pytest.approx((sizes[0] - weights) * math.ceil(few / 2) / few, rel=0.1)


def test_one_picture_at_a_time_trains_where_it_can(quick, train):
    _, events = train(replace(quick, epochs=1, batch_size=1))
    last = [event for event in events if isinstance(event, StepDone)][-1]
    assert last.step == last.steps == 23, "of 24 pictures the last two share a step"
    with pytest.raises(RecipeError, match="one picture at a time") as caught:
        train(replace(quick, network="resnet18_small", epochs=1, batch_size=1))
    assert "batch size of 2" in caught.value.problem.remedy


@pytest.mark.parametrize(
    ("mix", "shape"),
    [
        *(("mixup", shape) for shape in ((6, 16), (6, 5, 4), (6, 4, 3, 3), (6, 1, 8, 8), (1, 16))),
        ("cutmix", (6, 1, 8, 8)),
        ("both", (6, 4, 3, 3)),
    ],
)
def test_what_is_blended_keeps_its_shape_and_its_shares(mix, shape):
    torch.manual_seed(3)
    inputs, targets = torch.randn(shape), torch.arange(shape[0]) % 3
    blended, shares = blend(mix, 3)(inputs.clone(), targets)
    assert blended.shape == inputs.shape
    assert torch.allclose(shares.sum(1), torch.ones(shape[0]))
    if mix == "mixup":
        share = float((shares * nn.functional.one_hot(targets, 3)).sum(1).max())
        assert torch.allclose(blended, share * inputs + (1 - share) * inputs.roll(1, 0), atol=1e-5)


def test_a_head_learns_from_blended_features_with_weights_and_smoothing(recipe, train):
    chosen = replace(recipe, epochs=3, mix="mixup", label_smoothing=0.1, balance="weights", batch_size=5)
    run, events = train(chosen)
    losses = [event.train_loss for event in events if isinstance(event, EpochDone)]
    assert losses[-1] < losses[0]
    assert run.record.scores["validation"].images == 6


@pytest.mark.parametrize("mix", ["cutmix", "both"])
def test_pieces_of_features_are_refused_in_words(mix):
    with pytest.raises(RecipeError, match=f"no pictures that mix {mix} could paste pieces into; choose mixup"):
        Recipe(dataset="x", network="y", mix=mix)
    assert Recipe(dataset="x", network="y", mix=mix, mode="last-stage").mix == mix


@pytest.mark.parametrize(("mix", "on_maps"), [("none", True), ("mixup", True), ("cutmix", False), ("both", False)])
def test_the_last_layers_learn_from_pictures_where_pieces_are_pasted(recipe, mix, on_maps):
    context = open_context(replace(recipe, mode="last-stage", mix=mix), None, Watch())
    assert (FrozenPart(context=context).cut() is not None) == on_maps
