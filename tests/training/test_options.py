"""Every option of a recipe does what it says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, OutOfMemory, RecipeError, SplitScore, StopRequested, Watch
from cnnstudio.core.events import EpochDone, EvaluationDone, PhaseStarted, Progressed
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.reading import Skips
from cnnstudio.data.splits import balanced_order, class_weights
from cnnstudio.jobs import StoppedWith, run_inline
from cnnstudio.jobs.specs import EstimateRun, FindRate, ResumeRun
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.freezing import apply_mode, open_groups
from cnnstudio.training.assembly import head_plan
from cnnstudio.training.loop import Batch, Context, FitState, ScoreCounter, read_checkpoint
from cnnstudio.training.loop import step as step_module
from cnnstudio.training.loop.optimizer import make_optimizer, rate_factor
from cnnstudio.training.loop.step import MAX_HALVINGS, blend, stoppable, train_step
from cnnstudio.training.machine.estimate import suggest
from cnnstudio.training.recipe import Recipe, recipe_from_toml


def epochs(events):
    return [event for event in events if isinstance(event, EpochDone)]


def head_on(features, classes=3, **changes):
    """A head on features that lie in memory, trained in epochs, without pictures or a network."""
    dataset = Dataset(
        root=Path(), classes=tuple("abc"[:classes]), samples=features.samples, problems=(), split_source="stratified"
    )
    recipe = Recipe(dataset="x", network="resnet18", head_solver="epochs", **changes).resolved()
    skips = Skips(total=99)
    context = Context(recipe=recipe, dataset=dataset, base=None, device=torch.device("cpu"), skips=skips)
    return head_plan(context, features, None)


def small_head(pictures=12, **changes):
    samples = tuple(Sample(path=None, label=i % 3, split="train") for i in range(pictures))
    generator = torch.Generator().manual_seed(0)
    return head_on(Features(torch.randn(1, pictures, 8, generator=generator), samples), **changes)


@given(st.sampled_from(["constant", "step", "cosine", "one-cycle"]), st.floats(0, 0.9), st.integers(1, 400), st.data())
def test_a_schedule_rises_then_never_rises_again(schedule, warm_up, steps, data):
    recipe = Recipe(dataset="x", network="x", schedule=schedule, warm_up=warm_up)
    factors = [rate_factor(recipe, step, steps) for step in range(steps)]
    assert all(0 <= factor <= 1 for factor in factors)
    top = factors.index(max(factors))
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
    if schedule == "constant":
        assert factors[-1] == 1
    if schedule == "step" and steps > 50 and warm_up < 0.5:
        assert len(set(factors[top:])) == 4


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 99), st.integers(0, 9))
def test_balanced_classes(counts, seed, epoch):
    labels = np.repeat(np.arange(len(counts)), counts)
    weights = class_weights(labels, len(counts) + 1)
    assert weights[labels].mean() == pytest.approx(1, rel=1e-5)
    assert np.allclose(weights[:-1] * np.array(counts), weights[0] * counts[0], rtol=1e-5)
    assert weights[-1] == 0, "a class without pictures"
    order = balanced_order(labels, seed, epoch)
    assert len(order) == len(labels)
    drawn = np.bincount(labels[order], minlength=len(counts))
    assert drawn.max() - drawn.min() <= 1
    assert np.array_equal(order, balanced_order(labels, seed, epoch))
    for label, count in enumerate(counts):  # nobody comes a third time before all came twice
        times = np.bincount(order[labels[order] == label], minlength=len(labels))[labels == label]
        assert times.max() - times.min() <= 1, count


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        ("sgd", "constant"),
        ("adamw", "one-cycle"),
        pytest.param("adam", "step", marks=pytest.mark.slow),
        pytest.param("rmsprop", "cosine", marks=pytest.mark.slow),
    ],
)
def test_every_optimiser_and_every_schedule_learns(recipe, train, optimizer, schedule):
    rate = 0.03 if optimizer == "sgd" else 0.003
    chosen = replace(recipe, optimizer=optimizer, schedule=schedule, learning_rate=rate, epochs=15)
    _, events = train(chosen)
    losses = [event.train_loss for event in epochs(events)]
    assert losses[-1] < 0.8 * losses[0]


def test_rates_fall_layer_by_layer_and_norms_are_not_decayed():
    network = build_network("resnet18", 3)
    recipe = Recipe(
        dataset="x", network="resnet18", mode="all", learning_rate=1.0, backbone_lr_scale=0.1, layer_decay=0.5
    )
    groups = apply_mode(network, "all")
    optimizer = make_optimizer(network, groups, recipe)
    rates = {}
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            rates[names[id(parameter)]] = group["lr"]
            assert (group["weight_decay"] > 0) == (parameter.ndim > 1)
    assert len(rates) == len(names)
    assert rates["fc.weight"] == 1.0
    assert [rates[f"layer{i}.0.conv1.weight"] for i in (4, 3, 2, 1)] == pytest.approx([0.1, 0.05, 0.025, 0.0125])
    assert rates["conv1.weight"] < rates["layer1.0.conv1.weight"]


@pytest.mark.slow
def test_layers_join_one_after_the_other(recipe, train, tmp_path):
    chosen = replace(recipe, mode="all", epochs=3, gradual_unfreezing=True, learning_rate=0.01)
    run, _ = train(replace(chosen, epochs=1))
    state = read_checkpoint(run.checkpoints / "last.pt").model
    start = torch.load(recipe.weights, weights_only=True)
    assert torch.equal(state["features.0.weight"], start["features.0.weight"]), "still frozen in the first epoch"
    run, events = train(chosen)
    state = read_checkpoint(run.checkpoints / "last.pt").model
    assert not torch.equal(state["features.0.weight"], start["features.0.weight"])
    assert len(epochs(events)) == 3


def test_open_groups_freezes_what_lies_below():
    network = build_network("resnet18", 3)
    groups = apply_mode(network, "all")
    open_groups(network, groups, 1)
    assert network.fc.weight.requires_grad
    assert network.layer4[0].conv1.weight.requires_grad
    assert not network.layer3[0].conv1.weight.requires_grad


@pytest.mark.parametrize("mix", ["mixup", "cutmix", "both"])
def test_blended_pictures_keep_their_shares(mix):
    torch.manual_seed(0)
    inputs, targets = torch.rand(6, 3, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2])
    blended, shares = blend(mix, 3)(inputs, targets)
    assert blended.shape == inputs.shape
    assert not torch.equal(blended, inputs)
    assert torch.allclose(shares.sum(1), torch.ones(6))
    assert blend("none", 3)(inputs, targets)[1] is targets


def test_a_heads_last_epoch_counts_and_with_patience_a_better_one():
    def score(loss):
        return SplitScore(
            split="validation", images=4, loss=loss, accuracy=0.5, top5_accuracy=None, interval=(0.1, 0.9),
            confusion=((1, 1), (1, 1)),
        )  # fmt: skip

    for patience, best in ((0, 3), (9, 1)):
        plan, state = small_head(patience=patience), FitState()
        for loss in (0.5, 0.7, 0.6):
            state.close_epoch(score(1.0), score(loss), newest=plan.newest_counts)
        assert (state.best_epoch, state.best_validation.loss) == (best, {3: 0.6, 1: 0.5}[best])
        assert (state.lowest_loss, state.epochs_without_gain) == (0.5, 2)


def test_clipping_limits_the_gradient(monkeypatch):
    plan = small_head(gradient_clip=0.01)
    norms = []
    monkeypatch.setattr(plan.scheduler, "step", lambda: norms.append(plan.model.linear.weight.grad.norm()))
    for batch in plan.train.epoch(0):
        train_step(plan, batch, ScoreCounter(3))
    assert max(norms) <= 0.0101


def test_the_average_of_weights_is_what_is_scored_and_kept(quick, train):
    run, events = train(replace(quick, epochs=3, ema=0.9, learning_rate=0.01))
    last = read_checkpoint(run.checkpoints / "last.pt")
    assert set(last.average) == set(last.model)
    weight = next(name for name in last.model if name.endswith("weight"))
    assert not torch.equal(last.average[weight], last.model[weight])
    best = read_checkpoint(run.checkpoints / "best.pt")
    if best.state.epoch == 3:
        assert torch.equal(best.model[weight], last.average[weight])
    assert len(epochs(events)) == 3


def test_small_classes_weigh_more():
    samples = tuple(Sample(path=None, label=int(i >= 9), split="train") for i in range(12))
    plan = head_on(Features(torch.randn(1, 12, 4), samples), classes=2, balance="weights")
    assert plan.class_weights.tolist() == pytest.approx([12 / 18, 12 / 6])


class Memory:
    """Fails the forward pass of more pictures at once than fit."""

    def __init__(self, plan, fits):
        self.plan, self.fits, self.real = plan, fits, plan.forward
        plan.forward = self

    def __call__(self, inputs):
        if len(inputs) > self.fits:
            raise torch.OutOfMemoryError("CUDA out of memory (a test)")
        return self.real(inputs)


def test_a_batch_that_does_not_fit_is_computed_in_pieces():
    whole, pieces = small_head(), small_head()
    whole.model.dropout.p = pieces.model.dropout.p = 0.0
    Memory(pieces, fits=3)
    batch = next(whole.train.epoch(0))
    losses = [float(train_step(plan, batch, ScoreCounter(3))) for plan in (whole, pieces)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert pieces.pieces == 4
    assert torch.allclose(whole.model.linear.weight, pieces.model.linear.weight, atol=1e-6)


def test_memory_that_is_never_enough_is_one_sentence():
    plan = small_head(pictures=96)
    Memory(plan, fits=0)
    with pytest.raises(OutOfMemory) as error:
        train_step(plan, next(plan.train.epoch(0)), ScoreCounter(3))
    assert "smaller network" in str(error.value)
    assert plan.pieces <= 2**MAX_HALVINGS


def test_another_error_is_not_taken_for_a_lack_of_memory(monkeypatch):
    plan = small_head()
    monkeypatch.setattr(step_module, "_gradients", lambda *_: (_ for _ in ()).throw(RuntimeError("mat1 and mat2")))
    with pytest.raises(RuntimeError, match="mat1"):
        train_step(plan, Batch(torch.zeros(2, 8), torch.zeros(2, dtype=torch.int64)), ScoreCounter(3))


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "last-stage"},
        pytest.param(
            {
                "mode": "scratch",
                "weights": "none",
                "mix": "both",
                "ema": 0.9,
                "balance": "sampling",
                "gradient_clip": 1,
            },
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"mode": "all", "gradual_unfreezing": True, "layer_decay": 0.8, "optimizer": "rmsprop"},
            marks=pytest.mark.slow,
        ),
        pytest.param({"views": 3, "balance": "weights", "schedule": "one-cycle"}, marks=pytest.mark.slow),
    ],
)
def test_interrupted_equals_uninterrupted_to_the_bit(recipe, train, changes):
    chosen = replace(recipe, epochs=3, **changes)
    _, whole = train(chosen)
    events = []

    def stop(event, control):
        events.append(event)
        if isinstance(event, EpochDone) and event.epoch == 1:
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(chosen, stop)
    _, rest = train(chosen, spec=ResumeRun(run=stopped.value.result.folder))

    def figures(history):
        return [(e.epoch, e.train_loss, e.train_accuracy, e.validation_loss, e.validation_accuracy) for e in history]

    assert figures(epochs(events) + epochs(rest)) == figures(epochs(whole))
    scores = [[e.score for e in found if isinstance(e, EvaluationDone)][-1] for found in (whole, rest)]
    assert scores[0] == scores[1]


def test_a_finished_run_is_trained_longer(recipe, train):
    run, _ = train(replace(recipe, epochs=3))
    longer, events = train(recipe, spec=ResumeRun(run=run.folder, epochs=6))
    assert [event.epoch for event in epochs(events)] == [4, 5, 6]
    assert epochs(events)[0].learning_rate > 0.1 * 3e-3, (
        "the rate is that of a longer training, not the last one's zero"
    )
    assert longer.record.epochs_done == 6
    assert longer.record.recipe["epochs"] == 6
    assert [epoch.epoch for epoch in longer.history().epochs] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(RecipeError, match="already has 6 epochs"):
        train(recipe, spec=ResumeRun(run=run.folder, epochs=5))


def test_last_stages_learn_on_maps_that_are_computed_once(recipe, train):
    _, events = train(replace(recipe, mode="last-stage", epochs=3, views=2))
    reads = [e for e in events if isinstance(e, Progressed) and e.text == "Preparing the training pictures"]
    assert max(event.total for event in reads) == 48, "two views of 24 pictures"
    assert [e.name for e in events if isinstance(e, PhaseStarted)] == ["features", "features", "last-stage"]


@pytest.mark.slow
def test_last_stages_learn_on_pictures_when_the_maps_do_not_fit(recipe, train, monkeypatch):
    monkeypatch.setattr("cnnstudio.training.assembly.available_memory", lambda: 1000)
    _, events = train(replace(recipe, mode="last-stage", epochs=1))
    assert [e.name for e in events if isinstance(e, PhaseStarted)] == ["features", "last-stage"]
    assert len(epochs(events)) == 1


@pytest.mark.parametrize("mode", ["head", pytest.param("all", marks=pytest.mark.slow)])
def test_a_rate_is_found_and_nothing_is_left(recipe, mode, tmp_path):
    events = []
    curve = run_inline(FindRate(recipe=replace(recipe, mode=mode)), Watch(emit=events.append))
    assert len(curve.rates) == len(curve.losses) > 10
    assert list(curve.rates) == sorted(curve.rates)
    assert 0 <= curve.suggestion <= 1
    assert any(isinstance(event, Progressed) and event.text == "Trying learning rates" for event in events)


def test_the_suggestion_is_where_the_loss_falls_fastest():
    rates = tuple(10 ** (-6 + 6 * i / 79) for i in range(80))
    losses = tuple(2.0 - 1.5 / (1 + np.exp(-(i - 40))) + 5 * (i > 70) * (i - 70) for i in range(80))
    assert suggest(rates, losses) == pytest.approx(rates[40], rel=0.5)
    assert suggest(rates, tuple(1.0 + i for i in range(80))) == 0
    assert suggest((), ()) == 0


@pytest.mark.parametrize("mode", ["head", "last-stage", pytest.param("all", marks=pytest.mark.slow)])
def test_an_estimate_is_measured_once_and_grows_with_the_epochs(recipe, mode, monkeypatch):
    short = run_inline(EstimateRun(recipe=replace(recipe, mode=mode, epochs=1)))
    monkeypatch.setattr("cnnstudio.training.machine.run_timing._measured", pytest.fail)
    long = run_inline(EstimateRun(recipe=replace(recipe, mode=mode, epochs=100)))
    assert 0 < short.seconds < long.seconds
    assert (short.memory > 0) == (mode != "head")
    if mode != "head":
        assert short.memory > 2**28, "with what PyTorch alone takes of this process"


@given(
    st.builds(
        Recipe,
        dataset=st.just("x"), network=st.just("resnet18"), mode=st.sampled_from(["last-stage", "all"]),
        optimizer=st.sampled_from(["sgd", "rmsprop"]), schedule=st.sampled_from(["step", "cosine"]),
        mix=st.sampled_from(["none", "both"]), balance=st.sampled_from(["none", "sampling"]),
        ema=st.floats(0, 0.999), warm_up=st.floats(0, 0.5), gradient_clip=st.floats(0, 10), views=st.integers(0, 8),
        gradual_unfreezing=st.booleans(), layer_decay=st.floats(0.1, 1), threads=st.integers(0, 8),
    )
)  # fmt: skip
def test_a_recipe_survives_toml(recipe):
    assert recipe_from_toml(recipe.to_toml()) == recipe


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_a_stop_is_heard_in_the_middle_of_a_step(where):
    network, control, layers = build_network("squeezenet1_0", 3), Control(), []

    def note(_module, _inputs, output):
        layers.append("forward")
        if where == "forward" and len(layers) == 5:
            control.request_stop()
        output.register_hook(lambda _gradient: layers.append("backward"))

    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(note)
    with stoppable(network, control):
        if where == "forward":
            with pytest.raises(StopRequested):
                network(torch.randn(2, 3, 48, 48))
            assert layers.count("forward") == 5
            return
        loss = network(torch.randn(2, 3, 48, 48)).sum()
        control.request_stop()
        with pytest.raises(StopRequested):
            loss.backward()
        assert layers.count("backward") <= 1
