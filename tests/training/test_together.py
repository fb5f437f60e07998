"""Several processes: what one of them meets, all of them meet, at the same step."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, OutOfMemory, Progressed, StepDone, StopRequested, TrainingDiverged, Warned, Watch
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.reading import Skips
from cnnstudio.networks.builder import build_network
from cnnstudio.training import assembly
from cnnstudio.training.head.preparing import prepare_head
from cnnstudio.training.loop import ALONE, Batch, Checkpoints, Context, FitState, ScoreCounter
from cnnstudio.training.loop.batches import seed_epoch
from cnnstudio.training.loop.fit import fit, train_epoch
from cnnstudio.training.loop.paired import Answers
from cnnstudio.training.loop.step import train_step
from cnnstudio.training.recipe import Recipe
from tests.training.several import meeting
from tests.training.test_memory_of_a_run import small_network, two_layers
from tests.training.test_options import Memory, small_head


def share(world, pictures=12, **changes):
    """The plan of a process, and its share of a batch."""
    plan = small_head(pictures, **changes)
    plan.model.dropout.p = 0.0
    plan.world = world
    whole = next(plan.train.epoch(0))
    return plan, Batch(whole.inputs[world.rank :: world.size], whole.targets[world.rank :: world.size])


def alone():
    plan = small_head()
    plan.model.dropout.p = 0.0
    loss = float(train_step(plan, next(plan.train.epoch(0)), ScoreCounter(3)))
    return loss, plan.model.linear.weight


def test_memory_that_one_lacks_makes_all_compute_in_smaller_pieces(monkeypatch):
    def work(world):
        plan, batch = share(world)
        if world.rank == 1:
            Memory(plan, fits=2)
        loss = float(train_step(plan, batch, ScoreCounter(3)))
        return loss, plan.pieces, plan.model.linear.weight

    (loss, pieces, weight), (other_loss, other_pieces, other_weight) = meeting(monkeypatch).run(work)
    expected, expected_weight = alone()
    assert pieces == other_pieces == 4
    assert (loss + other_loss) / 2 == pytest.approx(expected, rel=1e-5)
    assert torch.equal(weight, other_weight)
    assert torch.allclose(weight, expected_weight, atol=1e-6)


def test_memory_that_is_never_enough_for_one_ends_all(monkeypatch):
    def work(world):
        plan, batch = share(world)
        if world.rank == 1:
            Memory(plan, fits=0)
        train_step(plan, batch, ScoreCounter(3))

    assert [type(found) for found in meeting(monkeypatch).run(work)] == [OutOfMemory, OutOfMemory]


def test_a_process_without_pictures_learns_what_the_others_learn(monkeypatch):
    def work(world):
        plan, batch = share(world)
        whole = next(plan.train.epoch(0))
        batch = Batch(whole.inputs, whole.targets, 2.0)
        if world.rank == 1:
            batch = Batch(whole.inputs[:0], whole.targets[:0], 0.0)
        counter = ScoreCounter(3)
        train_step(plan, batch, counter)
        counter.add_up(world)
        return plan.model.linear.weight, counter.images

    (weight, images), (other_weight, other_images) = meeting(monkeypatch).run(work)
    assert torch.equal(weight, other_weight)
    assert torch.allclose(weight, alone()[1], atol=1e-6)
    assert images == other_images == 12


def test_a_weight_without_a_gradient_anywhere_is_left_as_it_is(monkeypatch):
    def work(world):
        plan, batch = share(world, weight_decay=0.5, optimizer="adamw")
        plan.model.linear.bias.requires_grad_(requires_grad=True)
        real = plan.forward
        plan.forward = lambda inputs: real(inputs).detach() + plan.model.linear.bias  # the weight takes no part
        train_step(plan, batch, ScoreCounter(3))
        return plan.model.linear.weight.grad, plan.model.linear.bias

    (gradient, bias), (_, other) = meeting(monkeypatch).run(work)
    assert gradient is None
    assert bias.abs().sum() > 0
    assert torch.equal(bias, other)


def test_a_loss_that_is_no_number_in_one_ends_the_epoch_in_all(monkeypatch):
    def work(world):
        plan, _ = share(world, pictures=96, batch_size=8)
        if world.rank == 1:
            plan.train.features[:] = math.nan
        return list(train_epoch(plan, FitState()))

    assert [type(found) for found in meeting(monkeypatch).run(work)] == [TrainingDiverged, TrainingDiverged]


def test_a_loss_that_is_no_number_is_never_shown():
    plan = small_head(96, batch_size=8)
    plan.train.features[:] = math.nan
    shown = []
    with pytest.raises(TrainingDiverged):
        shown.extend(train_epoch(plan, FitState()))
    assert not [event for event in shown if isinstance(event, StepDone)]


def test_a_stop_that_one_hears_stops_all_at_the_same_step(monkeypatch):
    def work(world):
        plan, _ = share(world, pictures=96, batch_size=8)
        control = Control()
        plan.context = replace(plan.context, watch=Watch(control))
        steps, real = [], plan.forward

        def forward(inputs):
            steps.append(1)
            if world.rank == 1 and len(steps) == 3:
                control.request_stop()
            return real(inputs)

        plan.forward = forward
        try:
            list(train_epoch(plan, FitState()))
        except StopRequested:
            return len(steps)

    assert meeting(monkeypatch).run(work) == [3, 3]


def test_one_that_fails_ends_the_others(monkeypatch):
    def work(world):
        plan, batch = share(world)
        if world.rank == 1:
            raise OSError("the disk is full")
        train_step(plan, batch, ScoreCounter(3))

    first, second = meeting(monkeypatch).run(work)
    assert "Connection closed by peer" in str(first)
    assert isinstance(second, OSError)


def drawn(rank):
    seed_epoch(7, 3, rank)
    return torch.rand(4).tolist()


def test_every_process_drops_other_features_and_the_same_ones_again():
    assert drawn(0) != drawn(1) != drawn(2)
    assert drawn(1) == drawn(1)
    seed_epoch(7, 3)
    assert torch.rand(4).tolist() == drawn(0), "alone as before"


def test_all_are_scored_with_the_same_statistics(monkeypatch):
    networks = [two_layers() for _ in range(2)]  # not in their threads, which draw from the same random numbers

    def work(world):
        plan = small_network(pictures=8, model=networks[world.rank])
        plan.world = world
        plan.train.features[:] += 5.0 * world.rank
        list(train_epoch(plan, FitState()))
        return plan.statistics(), plan.model.state_dict()

    (first, weights), (second, other_weights) = meeting(monkeypatch).run(work)
    assert first
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
    assert all(torch.equal(weights[name], other_weights[name]) for name in weights)


def test_all_start_with_the_weights_of_the_first(monkeypatch):
    def work(world):
        values = [torch.full((3,), 1.0 + world.rank), torch.tensor(world.rank)]
        world.same_(values)
        return values

    for values in meeting(monkeypatch, size=3).run(work):
        assert [value.tolist() for value in values] == [[1.0] * 3, 0]


def few(world, tmp_path, batch_size):
    plan = small_network(batch_size=batch_size, folder=tmp_path / str(world.rank), epochs=1)
    plan.world = world
    return [event.problem for event in fit(plan, FitState()) if isinstance(event, Warned)]


def test_few_pictures_for_each_process_are_said_where_batch_norm_learns(monkeypatch, tmp_path):
    said = meeting(monkeypatch).run(lambda world: few(world, tmp_path, 8))[0]
    assert "4 pictures of a batch" in said[0].title
    assert "at least 32" in said[0].remedy
    assert meeting(monkeypatch).run(lambda world: few(world, tmp_path, 32))[0] == []
    assert few(ALONE, tmp_path, 8) == []


def test_all_begin_with_the_head_that_the_first_one_trained(monkeypatch, tmp_path):
    """The others find no file of it: the first one alone writes, and when that is to be seen elsewhere, who knows."""
    recipe = Recipe(dataset="x", network="squeezenet1_0", mode="all", precision="fp32", head_solver="epochs").resolved()

    def features(_part, _splits):
        yield Progressed(done=1, total=1, text="Preparing")
        samples = tuple(Sample(path=None, label=i % 3, split="train") for i in range(12))
        return {"train": Features(torch.randn(1, 12, 512, generator=torch.Generator().manual_seed(1)), samples)}

    monkeypatch.setattr(assembly.FrozenPart, "features", features)

    def work(world):
        folder = tmp_path / str(world.rank)
        folder.mkdir()
        context = Context(
            recipe=recipe, base=SimpleNamespace(network=build_network("squeezenet1_0", 3)), skips=Skips(total=9),
            dataset=Dataset(root=folder, classes=tuple("abc"), samples=(), problems=(), split_source="stratified"),
            device=torch.device("cpu"), checkpoints=Checkpoints(folder, world), world=world,
        )  # fmt: skip
        list(prepare_head(context))
        return context.base.network.classifier[1].weight

    first, second = meeting(monkeypatch).run(work)
    assert torch.equal(first, second)
    assert not list((tmp_path / "1").rglob("best.pt"))


def test_which_pictures_were_recognised_is_known_of_all_processes(monkeypatch):
    right = torch.tensor([[1, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
    targets = torch.tensor([[0, 1, 2, 0, 1], [2, 2, 0, 1, 1]])
    shares = (5, 3)  # the second one could not read two of its pictures

    def work(world):
        answers = Answers()
        for start in range(0, shares[world.rank], 2):
            own = slice(start, min(start + 2, shares[world.rank]))
            logits = torch.zeros(len(range(*own.indices(5))), 3)
            logits[torch.arange(len(logits)), (targets[world.rank, own] + 1 - right[world.rank, own]) % 3] = 1
            answers.add(logits, targets[world.rank, own])
        return answers.by_class(3, 10, world)

    assert meeting(monkeypatch).run(work) == [("111", "00", "101")] * 2
