import shutil
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from cnnstudio.cli.outcome import outcome
from cnnstudio.core import EpochDone, EvaluationDone, PhaseStarted, StepDone, Watch
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.networks.freezing import apply_mode, set_train_mode
from cnnstudio.runs import ANSWERS_FILE, load_answers, open_run
from cnnstudio.training.base import TRAIN_HEAD_FILE, load_base
from cnnstudio.training.head.solving import forget_refit
from cnnstudio.training.lineage import Trail
from cnnstudio.training.loop import FitState, make_optimizer, read_checkpoint
from cnnstudio.training.loop.fit import fit, split_outputs
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.recover import LAST_LAYER_FILE, ensure_bundle
from tests.made_up import PARTING, add_mode
from tests.training.test_memory_of_a_run import history, small_network

SIZES = {
    "resnet18": 64, "squeezenet1_0": 64, "mobilenet_v3_small": 64, "vgg11": 64, "googlenet": 64, "inception_v3": 299,
    "vit_b_16": 224,
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n in ("vgg11", "vit_b_16", "inception_v3") else n for n in SIZES],
)
def test_a_step_in_every_mode_moves_what_it_should_and_nothing_else(name):
    network = build_network(name, 3)
    inputs = torch.randn(2, 3, SIZES[name], SIZES[name], generator=torch.Generator().manual_seed(1))
    for mode in ("head", "last-stage", "all", "scratch"):
        recipe = Recipe(dataset="", network=name, mode=mode, learning_rate=0.01, optimizer="sgd", weight_decay=0)
        groups = apply_mode(network, mode)
        set_train_mode(network, keep_statistics=mode != "scratch")
        trained = {parameter for group in groups for parameter in group.parameters}
        before = {key: value.clone() for key, value in network.state_dict().items()}
        optimizer = make_optimizer(network, groups, recipe)
        logits, auxiliary = split_outputs(network(inputs))
        assert logits.shape == (2, 3)
        loss = sum((functional.cross_entropy(part, torch.tensor([0, 1])) for part in auxiliary), torch.tensor(0.0))
        (loss + functional.cross_entropy(logits, torch.tensor([0, 1]))).backward()
        optimizer.step()
        optimizer.zero_grad()
        moved = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
        weights = {key for key, _ in network.named_parameters()}
        assert moved & weights <= trained
        assert moved & weights
        assert mode == "scratch" or not moved - weights, "statistics of batch norms moved"
        if mode in ("all", "scratch"):
            assert trained == weights


def test_groups_learn_at_their_own_rates_and_norms_are_not_decayed():
    network = build_network("resnet18", 3)
    recipe = Recipe(
        dataset="", network="resnet18", mode="all", learning_rate=0.1, backbone_lr_scale=0.1, weight_decay=0.5
    )
    optimizer = make_optimizer(network, apply_mode(network, "all"), recipe)
    rates = {group["group"]: group["lr"] for group in optimizer.param_groups}
    assert rates == {"head": 0.1, "last-stage": pytest.approx(0.01), "backbone": pytest.approx(0.01)}
    for group in optimizer.param_groups:
        one_dimensional = {parameter.ndim <= 1 for parameter in group["params"]}
        assert one_dimensional == {group["weight_decay"] == 0}


def test_a_new_mode_makes_a_run_of_its_own(monkeypatch, tiny_folder, tmp_path):
    """Through one entry in the table: what it freezes stays as it was, and the run bears its name."""
    add_mode(monkeypatch)
    recipe = Recipe(
        dataset=str(tiny_folder), network="gap_cnn", mode=PARTING.name, weights="none", input_size=32, epochs=1,
        device="cpu", precision="fp32",
    )  # fmt: skip
    events = []
    done = run_inline(FineTune(recipe=recipe, out=tmp_path / "run"), Watch(emit=events.append))
    assert done.record.name == "GAP CNN, parting words"
    assert (done.record.recipe["mode"], done.record.recipe["batch_size"]) == ("parting", 9)
    (phase,) = [event for event in events if isinstance(event, PhaseStarted)]
    fresh, (trained, _) = build_network("gap_cnn", 3, image_size=32).state_dict(), load_bundle(done.bundle)
    moved = {key for key, value in trained.named_parameters() if not torch.equal(value, fresh[key])}
    last = {key for key, value in trained.named_parameters() if key.startswith(("features.2.", "classifier.0."))}
    assert moved == last
    assert (phase.name, phase.trainable_parameters) == ("parting", sum(trained.get_parameter(k).numel() for k in last))


@pytest.mark.parametrize(
    ("mode", "trained", "keep"), [("all", True, True), ("all", False, False), ("scratch", True, False)]
)
def test_batch_norms_of_a_trained_network_learn_their_weights_and_keep_their_statistics(tmp_path, mode, trained, keep):
    """Few pictures give worse ones than it came with; a network that begins with nothing needs them."""
    plan = small_network(folder=tmp_path, mode=mode, trained=trained)
    before = {name: value.clone() for name, value in plan.model.state_dict().items()}
    list(fit(plan, FitState()))
    same = {name for name, value in plan.model.state_dict().items() if torch.equal(value, before[name])}
    assert same == ({"0.running_mean", "0.running_var", "0.num_batches_tracked"} if keep else set())
    assert set(read_checkpoint(tmp_path / "last.pt").model) == set(before) - same
    assert bool(plan.statistics()) is not keep


@pytest.mark.parametrize("kept", [False, True])
def test_a_training_is_resumed_with_the_statistics_that_it_began_with(tmp_path, kept):
    """Up to version 0.1.0 all of them moved; what was saved tells."""
    whole = history(fit(small_network(folder=tmp_path / "whole", trained=kept), FitState()))
    begun = fit(small_network(folder=tmp_path / "begun", trained=kept), FitState())
    next(event for event in begun if isinstance(event, StepDone) and event.epoch == 2)
    begun.close()
    resumed = small_network(folder=tmp_path / "begun", trained=True)
    assert history(fit(resumed, FitState())) == whole[1:]
    assert resumed.keep_statistics is kept


def test_where_every_epoch_does_harm_the_start_is_kept(tmp_path):
    good = small_network(folder=tmp_path / "good", trained=True, epochs=5, learning_rate=0.1)
    list(fit(good, FitState()))
    start = {name: value.clone() for name, value in good.model.state_dict().items()}
    state, harmed = (
        FitState(),
        small_network(folder=tmp_path / "harmed", model=good.model, trained=True, learning_rate=100.0),
    )
    list(fit(harmed, state))
    assert (state.epoch, state.best_epoch) == (2, 0)
    best = read_checkpoint(tmp_path / "harmed" / "best.pt").model
    assert all(torch.equal(best[name], start[name]) for name in harmed.saved)


def _made_again_it_is_the_same(run, kept):
    """A bundle that somebody deleted; without what was kept for that it is the start, which is no less than it was."""
    answers = (run.folder / ANSWERS_FILE).read_bytes()
    shutil.rmtree(run.bundle)
    again = load_bundle(ensure_bundle(run.folder))[0].state_dict()
    assert all(torch.equal(kept[name], value) for name, value in again.items())
    assert (run.folder / ANSWERS_FILE).read_bytes() == answers, "what it said of its pictures is still true"
    for damage in (lambda file: file.write_bytes(b"torn"), lambda file: file.unlink()):
        damage(run.folder / LAST_LAYER_FILE)
        shutil.rmtree(run.bundle)
        start = load_bundle(ensure_bundle(run.folder))[0].state_dict()
        assert not all(torch.equal(kept[name], value) for name, value in start.items())


def test_a_run_that_every_epoch_harmed_gives_the_last_layer_alone_and_says_so(recipe, train, weights_file):
    asked = replace(recipe, mode="last-stage", epochs=1, learning_rate=3.0, precision="fp32")
    run, events = train(asked)
    start = next(event.score for event in events if isinstance(event, EvaluationDone))
    (epoch,) = [event for event in events if isinstance(event, EpochDone)]
    assert not epoch.is_best
    assert (run.record.best_epoch, run.record.refit_head) == (0, True)
    assert run.record.scores["validation"].images == start.images
    assert "so the last layer alone is new, and has learned from them, too." in outcome(run)
    kept, given = load_bundle(run.bundle)[0].state_dict(), torch.load(weights_file, weights_only=True)
    assert all(torch.equal(kept[name], given[name]) for name in given if name.startswith("features."))
    # the same network, scores and answers as of the mode that learns nothing else
    alone, _ = train(replace(recipe, mode="head", batch_size=0))
    assert all(torch.equal(kept[name], value) for name, value in load_bundle(alone.bundle)[0].state_dict().items())
    for split in ("train", "validation", "test"):
        assert run.record.scores[split].confusion == alone.record.scores[split].confusion
    ours, theirs = load_answers(run.folder), load_answers(alone.folder)
    assert ours.held_out.tolist() == theirs.held_out.tolist()
    assert (ours.logits == theirs.logits).all()
    assert {use.use for use in Trail().used_by(run.folder, delivered=True).pictures} == {"learned"}
    assert {use.use for use in Trail().used_by(run.folder, delivered=False).pictures} == {"learned", "chosen-by"}
    bases = (load_base(replace(asked, start_from=str(each.folder)), run.record.classes, None) for each in (run, alone))
    one, other = (base.network.state_dict() for base in bases)
    assert all(torch.equal(one[name], other[name]) for name in other)
    _made_again_it_is_the_same(run, kept)
    forget_refit(run)  # as more epochs do, of which one is better
    assert not open_run(run.folder).record.refit_head
    assert not (run.folder / TRAIN_HEAD_FILE).exists()
