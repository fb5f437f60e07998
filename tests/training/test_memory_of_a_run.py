"""Memory that is not enough in the middle of a run: no step is taken by halves, and no run fails at its last step."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, EpochDone, OutOfMemory, Progressed, StorageError, Warned
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.reading import Skips
from cnnstudio.networks.freezing import ParameterGroup
from cnnstudio.training import assembly, run_training
from cnnstudio.training.loop import Checkpoints, Context, FitState, ScoreCounter, read_checkpoint, train_step
from cnnstudio.training.loop import fit as fit_module
from cnnstudio.training.loop.fit import evaluate, fit
from cnnstudio.training.loop.scoring import where_there_is_room
from cnnstudio.training.loop.step import StepBrokenOff
from cnnstudio.training.machine import step_speed
from cnnstudio.training.recipe import Recipe
from tests.training.test_options import Memory, small_head

CPU = torch.device("cpu")


def two_layers():
    """The first has statistics of its own."""
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 3))


def small_network(pictures=24, folder=None, model=None, trained=False, **changes):
    """A network on features that lie in memory; ``trained``: it begins with what it knows."""
    model = model or two_layers()
    samples = tuple(Sample(path=None, label=i % 3, split="train") for i in range(pictures))
    values = torch.randn(1, pictures, 8, generator=torch.Generator().manual_seed(0))
    usual = {"mode": "all", "epochs": 2, "batch_size": 8, "precision": "fp32"}
    recipe = Recipe(dataset="x", network="resnet18", **usual | changes).resolved()
    context = Context(
        recipe=recipe,
        dataset=Dataset(root=Path(), classes=tuple("abc"), samples=samples, problems=(), split_source="stratified"),
        base=SimpleNamespace(trained_head=trained), device=CPU, skips=Skips(total=99),
        checkpoints=Checkpoints(folder or Path()),
    )  # fmt: skip
    groups = (ParameterGroup(name="head", parameters=tuple(name for name, _ in model.named_parameters())),)
    features = Features(values, samples)
    sources = vars(assembly)["_feature_sources"](recipe, features, features)
    return vars(assembly)["_plan"](context, "network", model, groups, sources)


def shortage(plan, *numbers):
    """The optimiser runs out of memory in these of its steps, some weights changed and some not."""
    steps = []

    def run_out(optimizer, _words, _named):
        steps.append(1)
        if len(steps) not in numbers:
            return
        weight = optimizer.param_groups[0]["params"][0]
        with torch.no_grad():
            weight.add_(100.0)
        optimizer.state[weight] = {"step": torch.tensor(9.0), "exp_avg": torch.zeros_like(weight)}  # no exp_avg_sq
        raise torch.OutOfMemoryError("CUDA out of memory (a test)")

    plan.optimizer.optimizer.register_step_pre_hook(run_out)


def history(events):
    return [(event.epoch, event.train_loss, event.validation_loss) for event in events if isinstance(event, EpochDone)]


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "rmsprop"])
def test_a_step_that_was_broken_off_leaves_no_trace(tmp_path, number, optimizer):
    whole = history(fit(small_network(folder=tmp_path / "whole", optimizer=optimizer), FitState()))
    plan = small_network(folder=tmp_path / "broken", optimizer=optimizer)
    shortage(plan, number)
    events = list(fit(plan, FitState()))
    assert history(events) == whole
    warnings = [event.problem for event in events if isinstance(event, Warned)]
    assert [problem.kind for problem in warnings] == ["memory"]
    assert {group["foreach"] for group in plan.optimizer.param_groups} == {False}


def test_a_step_that_never_fits_ends_the_training(tmp_path):
    plan = small_network(folder=tmp_path)
    shortage(plan, 2, 4)
    with pytest.raises(OutOfMemory, match="train this network"):
        list(fit(plan, FitState()))


def test_without_a_run_a_broken_step_is_one_sentence():
    plan = small_network()
    shortage(plan, 1)
    with pytest.raises(StepBrokenOff):
        train_step(plan, next(plan.train.epoch(0)), ScoreCounter(3))


@pytest.mark.parametrize("clip", [0.0, 1.0])
def test_in_fp16_the_scale_of_the_gradients_goes_on_too(tmp_path, clip):
    """Also with a step that the optimiser broke off after the gradients were scaled back."""
    options = {"precision": "fp16", "gradient_clip": clip}
    plan = small_network(folder=tmp_path / "whole", **options)
    whole = history(fit(plan, FitState()))
    assert read_checkpoint(tmp_path / "whole" / "last.pt").scaler == plan.scaler.state_dict()
    broken = small_network(folder=tmp_path / "broken", **options)
    shortage(broken, 2)
    assert history(fit(broken, FitState())) == whole
    assert broken.scaler.state_dict() == plan.scaler.state_dict()


def test_a_resumed_run_in_fp16_does_not_search_for_its_scale_again(tmp_path):
    plan = small_network(folder=tmp_path, precision="fp16")
    list(fit(plan, FitState()))
    plan.scaler.load_state_dict({**plan.scaler.state_dict(), "scale": 1024.0})
    list(plan.context.checkpoints.save(plan.checkpoint(FitState(epoch=2)), is_best=False, at_once=True))
    again = small_network(folder=tmp_path, precision="fp16")
    fit_module.restore(again, FitState())
    assert again.scaler.get_scale() == 1024.0


def test_gradients_that_are_no_numbers_are_skipped_in_fp16():
    """With clipping as well: their norm is no reason to end the training."""
    plan = small_network(precision="fp16", gradient_clip=1.0)
    plan.scaler.load_state_dict({**plan.scaler.state_dict(), "scale": 2.0**120})
    before = plan.model[1].weight.clone()
    train_step(plan, next(plan.train.epoch(0)), ScoreCounter(3))
    assert torch.equal(plan.model[1].weight, before)
    assert plan.scaler.get_scale() < 2.0**120


def test_scoring_in_the_loop_is_done_in_pieces_where_memory_is_short(tmp_path):
    plan, short = small_network(), small_network()
    real = short.model.forward

    def forward(inputs):
        if len(inputs) > 3:
            raise RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")
        return real(inputs)

    short.model.forward = forward
    scores = []
    for each in (plan, short):
        events = evaluate(each, each.validation, "validation")
        try:
            while True:
                next(events)
        except StopIteration as end:
            scores.append(end.value[0])
    assert scores[1].confusion == scores[0].confusion
    assert scores[1].loss == pytest.approx(scores[0].loss)
    assert short.scored_at_once.pictures == 2


def test_before_the_last_scores_the_training_lets_go_of_its_memory(tmp_path):
    plan = small_network(folder=tmp_path, ema=0.9)
    list(fit(plan, FitState()))
    assert plan.optimizer.optimizer.state
    plan.release()
    assert not plan.optimizer.optimizer.state
    assert plan.average is None
    assert all(weight.grad is None for weight in plan.model.parameters())


def test_a_run_lets_go_before_it_scores(quick, train, monkeypatch):
    order = []
    monkeypatch.setattr("cnnstudio.training.loop.plan.Plan.release", lambda _plan: order.append("release"))
    scored = run_training.score_network
    monkeypatch.setattr(run_training, "score_network", lambda context: order.append("score") or scored(context))
    train(replace(quick, epochs=1))
    assert order == ["release", "score"]


def result_of(events):
    said = []
    try:
        while True:
            said.append(next(events))
    except StopIteration as end:
        return said, end.value


def scored_on(kind, error):
    def work(device):
        yield Progressed(done=0, total=1, text="Scoring")
        if device.type == kind:
            raise error
        return device.type

    return work


def test_the_cpu_scores_where_the_card_has_no_room_any_more():
    short = OutOfMemory("There is not enough memory to compute this network.", meaning="Not even one.", remedy="Stop.")
    said, found = result_of(where_there_is_room(torch.device("cuda"), scored_on("cuda", short)))
    assert found == "cpu"
    assert [type(event) for event in said] == [Progressed, Warned, Progressed]
    assert "CPU" in said[1].problem.meaning


def test_other_errors_and_a_cpu_without_memory_are_passed_on():
    with pytest.raises(OutOfMemory):
        result_of(where_there_is_room(CPU, scored_on("cpu", OutOfMemory("x"))))
    with pytest.raises(StorageError):
        result_of(where_there_is_room(torch.device("cuda"), scored_on("cuda", StorageError("x"))))


class Narrow(torch.nn.Module):
    """A network whose steps fit up to a number of pictures."""

    def __init__(self, fits):
        super().__init__()
        self.fits, self.layer, self.seen = fits, torch.nn.Conv2d(3, 4, 3), []

    def __deepcopy__(self, _memo):
        return self

    def forward(self, inputs):
        self.seen.append(len(inputs))
        if len(inputs) > self.fits:
            raise RuntimeError("CUDA error: out of memory")
        return self.layer(inputs).mean((2, 3))


def test_the_speed_of_a_step_is_measured_with_fewer_pictures_where_memory_is_short():
    network = Narrow(fits=2)
    kind = step_speed.fastest_step(network, CPU, (32, 16), name="narrow", control=Control())
    assert kind.images_per_second > 0
    assert network.seen[:3] == [8, 4, 2]


def test_a_step_that_cannot_be_measured_at_all_is_one_sentence():
    with pytest.raises(OutOfMemory, match="not enough memory"):
        step_speed.fastest_step(Narrow(fits=0), CPU, (32, 16), name="none", control=Control())


class OnMeta:
    """Fabric on the device of which no value can be read back at all."""

    device = torch.device("meta")
    strategy = SimpleNamespace(precision=None)

    def setup(self, model, optimizer):
        return model, optimizer

    def backward(self, loss):
        loss.backward()

    def clip_gradients(self, module, _optimizer, **how):
        torch.nn.utils.clip_grad_norm_(module.parameters(), **how)


@pytest.mark.parametrize("options", [{}, {"gradient_clip": 1.0, "ema": 0.9, "optimizer": "sgd"}])
def test_a_step_never_waits_for_the_device(monkeypatch, options):
    monkeypatch.setattr(assembly, "open_fabric", lambda *_: OnMeta())
    plan = small_network(model=two_layers().to("meta"), **options)
    counter = ScoreCounter(3)
    for batch in plan.train.epoch(0):
        assert train_step(plan, batch, counter).is_meta
    assert counter.images == 24


def test_pieces_that_were_too_large_are_computed_again_with_the_same_outcome(tmp_path):
    whole = history(fit(head(tmp_path / "whole"), FitState()))
    plan = head(tmp_path / "pieces")
    Memory(plan, fits=3)
    found = history(fit(plan, FitState()))
    assert plan.pieces == 4
    assert [loss for each in found for loss in each] == pytest.approx([loss for each in whole for loss in each])


def head(folder):
    plan = small_head(epochs=2, batch_size=8)
    plan.model.dropout.p = 0.0
    plan.validation = replace(plan.train, shuffle=False)
    plan.context = replace(plan.context, checkpoints=Checkpoints(folder))
    return plan
