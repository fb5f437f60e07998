"""A checkpoint as a value and as a file that nobody vouches for, and the folder of them."""

import contextlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from cnnstudio.core import (
    CheckpointSaved,
    SplitScore,
    Warned,
    announce,
    checksum_path,
    codec,
    sha256_of,
    write_with_checksum,
)
from cnnstudio.core.errors import CheckpointDamaged, NewerFormat, StorageError, TrainingDiverged
from cnnstudio.training.loop import Checkpoints, LinearHead, checkpoint_folder
from cnnstudio.training.loop.checkpoint import (
    FORMAT,
    Checkpoint,
    FitState,
    put_weights,
    read_checkpoint,
    trained_names,
    write_checkpoint,
)
from cnnstudio.training.loop.paired import clearly_better
from cnnstudio.training.recover import head_of, load_trained

here = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def at(epoch, best=0, **options):
    weights = {"model": {"w": torch.full((3,), float(epoch))}, **options}
    return Checkpoint(state=FitState(epoch=epoch, best_epoch=best), part="network", **weights)


def same(one, other):
    """Tensors have no equality of their own that a dataclass could use."""
    for name in ("model", "average"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert list(ours) == list(theirs)
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    rest = {"model": {}, "average": {}}
    return replace(one, **rest) == replace(other, **rest)


def seal(path, content):
    """Whatever content, with a checksum that fits."""
    write_with_checksum(path, content if isinstance(content, bytes) else lambda file: torch.save(content, file))


SCORES = st.none() | st.builds(
    SplitScore, split=st.just("validation"), images=st.integers(0, 99), loss=st.floats(0, 9), accuracy=st.floats(0, 1),
    top5_accuracy=st.none(), interval=st.just((0.0, 1.0)), confusion=st.just(((1, 0), (0, 1))),
)  # fmt: skip
STATES = st.builds(
    FitState, epoch=st.integers(0, 99), step=st.integers(0, 999), seconds=st.floats(0, 1e6),
    best_epoch=st.integers(0, 99), best_validation=SCORES, best_train=SCORES, rate_scale=st.sampled_from([1.0, 0.5]),
    lowest_loss=st.floats(0, 9) | st.just(float("inf")),
)  # fmt: skip
WEIGHTS = st.dictionaries(st.text(min_size=1), st.lists(st.floats(-9, 9), max_size=4).map(torch.tensor), max_size=3)


@here
@given(STATES, st.sampled_from(["head", "network"]), WEIGHTS, WEIGHTS)
def test_a_checkpoint_survives_the_disk(tmp_path, state, part, model, average):
    optimizer = {"state": {0: {"momentum": 0.5}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
    whole = Checkpoint(state=state, part=part, model=model, average=average, optimizer=optimizer)
    write_checkpoint(tmp_path / "last.pt", whole)
    read = read_checkpoint(tmp_path / "last.pt")
    assert same(read, whole)
    best = whole.as_best
    assert (best.state, best.part, best.optimizer, best.scheduler) == (state, part, {}, {})
    assert best.model == (average or model)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "last.pt"
    write_checkpoint(path, at(3, optimizer={"state": {}, "param_groups": [{"lr": 0.1}]}))
    return path.read_bytes()


@settings(here, max_examples=60)
@given(st.data())
def test_any_damage_under_a_right_checksum_is_one_sentence(tmp_path, good, data):
    content = bytearray(good)
    for place in data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=8)):
        content[place] ^= data.draw(st.integers(1, 255))
    seal(tmp_path / "last.pt", bytes(content[: data.draw(st.integers(0, len(content)))]))
    with contextlib.suppress(CheckpointDamaged, NewerFormat):
        read = read_checkpoint(tmp_path / "last.pt")  # where the damage hit a value, or a byte that means nothing
        assert isinstance(read.state, FitState)
        assert all(isinstance(value, torch.Tensor) for value in read.model.values())


def plain(**changes):
    content = {
        "state": {"epoch": 1, "step": 2, "seconds": 0.5, "best_epoch": 1, "best_validation": None, "best_train": None,
                  "lowest_loss": 0.3, "epochs_without_gain": 0, "rate_scale": 1.0},
        "part": "network", "model": {"w": torch.ones(2)}, "average": {}, "optimizer": {}, "scheduler": {},
        "scaler": {},
    }  # fmt: skip
    return FORMAT.stamped({**content, **changes})


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x80", b"no checkpoint", [], {}, {"model": {}}, plain(part="neck"), plain(model=None),
        plain(model={"w": 1}), plain(optimizer=[]), plain(scaler=1), plain(state={"epoch": 1, "no": 2}),
        plain(state=None), plain(extra=1), {"format": 1, "state": {}}, {"format": 1, "state": {}, "model": 3},
        {**plain(), "format": "2"},
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_damaged(tmp_path, content):
    seal(tmp_path / "last.pt", content)
    with pytest.raises(CheckpointDamaged, match=r"last\.pt cannot be read"):
        read_checkpoint(tmp_path / "last.pt")


def test_a_checksum_that_does_not_fit_or_is_no_text_is_damage(tmp_path):
    path = tmp_path / "last.pt"
    seal(path, plain())
    assert read_checkpoint(path).state.epoch == 1
    announce(path, ["0" * 64])
    with pytest.raises(CheckpointDamaged, match="is damaged"):
        read_checkpoint(path)
    checksum_path(path).write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CheckpointDamaged, match="is damaged"):
        read_checkpoint(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_checkpoint(path)


class Harmful:
    def __init__(self, touched):
        self.touched = touched

    def __reduce__(self):
        return os.mkdir, (str(self.touched),)


@pytest.mark.parametrize("place", ["model", "optimizer", "state"])
def test_code_in_a_checkpoint_never_runs(tmp_path, place):
    seal(tmp_path / "last.pt", plain(**{place: {"w": Harmful(tmp_path / "touched")}}))
    with pytest.raises(CheckpointDamaged):
        read_checkpoint(tmp_path / "last.pt")
    assert not (tmp_path / "touched").exists()


def seen(loss, accuracy, balanced_loss, recalls):
    """A score of ten pictures of one class and two of another."""
    first, second = recalls
    return SplitScore(
        split="validation", images=12, loss=loss, accuracy=accuracy, top5_accuracy=None, interval=(0.0, 1.0),
        confusion=((first, 10 - first), (2 - second, second)), balanced_loss=balanced_loss,
    )  # fmt: skip


@pytest.mark.parametrize(("balanced", "best"), [(False, 1), (True, 2)])
def test_where_classes_count_alike_they_do_so_in_choosing_the_epoch_too(balanced, best):
    """Otherwise the epoch is chosen that does well on the large class alone."""
    state = FitState()
    for score in (seen(0.3, 10 / 12, 1.0, (10, 0)), seen(0.5, 9 / 12, 0.5, (7, 2)), seen(0.9, 0.5, 0.9, (5, 1))):
        state.close_epoch(score, score, balanced=balanced)
    assert state.best_epoch == best
    assert state.epochs_without_gain == (1 if balanced else 2)


def test_a_start_is_beaten_by_the_same_measure():
    state = FitState()
    state.open_with(seen(0.3, 10 / 12, 1.0, (10, 0)), balanced=True)
    assert state.close_epoch(seen(0.5, 9 / 12, 0.5, (7, 2)), seen(0.5, 9 / 12, 0.5, (7, 2)), balanced=True)
    assert state.epochs_without_gain == 0


PAIRS = [  # pictures that only the new one recognises, and only the old one
    (1, 0, False), (2, 0, True), (2, 1, False), (3, 1, False), (4, 1, True), (0, 2, False), (6, 2, True), (0, 0, False),
]  # fmt: skip


@pytest.mark.parametrize(("gained", "lost", "clear"), PAIRS)
def test_a_start_is_beaten_by_more_than_chance_would_have_it(gained, lost, clear):
    """Thirty pictures chose epochs that were six points worse than the start on others."""
    old = ("1" * 10 + "0" * gained + "1" * lost, "10")
    new = ("1" * 10 + "1" * gained + "0" * lost, "10")
    assert clearly_better(new, old, balanced=False) is clear
    state, right = FitState(), 11 + lost
    state.open_with(judged(right, 14 + gained + lost), old)
    score = judged(right + gained - lost, 14 + gained + lost)
    assert state.close_epoch(score, score, new) is (clear and gained > lost)
    assert state.best_validation.accuracy == (score.accuracy if state.best_epoch else right / (14 + gained + lost))
    assert codec.from_plain(FitState, codec.to_plain(state)) == state, "a resumed training knows the start's answers"


def judged(right, images):
    return SplitScore(
        split="validation", images=images, loss=1.0, accuracy=right / images, top5_accuracy=None, interval=(0.0, 1.0),
        confusion=((right, images - right), (0, 0)),
    )  # fmt: skip


def test_what_cannot_be_compared_picture_by_picture_is_compared_as_before():
    assert clearly_better(("11",), (), balanced=False), "an earlier version did not keep the start's answers"
    assert clearly_better(("11",), ("1",), balanced=False), "a picture can be read by now"
    assert clearly_better(("110", "1"), ("000", "1"), balanced=True)
    assert not clearly_better(("110", "0"), ("000", "1"), balanced=True), "a class of its own counts as much as three"


def test_a_start_that_an_earlier_version_scored_is_compared_by_what_it_knows():
    state = FitState()
    state.open_with(seen(0.3, 10 / 12, None, (10, 0)), balanced=True)
    assert state.lowest_loss == 0.3


# Versions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (("mean", "deviation", "linear.weight", "linear.bias"), "head"),
        (("linear.weight", "linear.bias"), "network"),
        (("classifier.weight",), "network"),
        ((), "network"),
    ],
)
def test_version_1_told_a_head_by_its_names(tmp_path, names, part):
    old = {"format": 1, "state": plain()["state"], "model": {name: torch.ones(2) for name in names}}
    seal(tmp_path / "best.pt", old)
    best = read_checkpoint(tmp_path / "best.pt")
    assert (best.part, list(best.model), best.optimizer, best.average) == (part, list(names), {}, {})


def test_version_2_knew_no_scale_of_gradients(tmp_path):
    old = {name: value for name, value in plain().items() if name != "scaler"} | {"format": 2}
    seal(tmp_path / "last.pt", old)
    last = read_checkpoint(tmp_path / "last.pt")
    assert (last.state.epoch, last.scaler) == (1, {})


def test_a_newer_checkpoint_is_refused_and_an_older_one_does_not_take_its_place(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2):
        list(checkpoints.save(at(epoch), is_best=False, at_once=True))
    seal(tmp_path / "last.pt", {**plain(), "format": FORMAT.version + 1})
    with pytest.raises(NewerFormat, match="Update CNN Studio"):
        Checkpoints(tmp_path).newest()


# Weights ------------------------------------------------------------------------------------------------------


def test_weights_of_another_network_are_refused():
    layer = nn.Linear(3, 2)
    before = layer.weight.clone()
    put_weights(layer, {"bias": torch.ones(2)})
    assert torch.equal(layer.bias, torch.ones(2))
    assert torch.equal(layer.weight, before), "what is left out stays"
    for foreign in ({"bias": torch.ones(5)}, {"other": torch.ones(2)}):
        with pytest.raises(CheckpointDamaged, match="does not fit this training"):
            put_weights(layer, foreign)


def test_the_part_decides_how_weights_go_into_a_network():
    torch.manual_seed(0)
    head = LinearHead(4, 2)
    nn.init.normal_(head.linear.weight)
    head.standardise_by(torch.randn(9, 4))
    network = nn.Sequential()
    network.fc = nn.Linear(4, 2)
    features = torch.randn(5, 4)
    kept = Checkpoint(state=FitState(), part="head", model=head.state_dict())
    load_trained(network, kept)
    assert torch.allclose(network(features), head.eval()(features), atol=1e-5), "standardisation is folded in"
    assert torch.equal(head_of(kept).mean, head.mean)
    for model in ({}, {"linear.weight": torch.ones(2)}, {**head.state_dict(), "mean": torch.ones(3)}):
        with pytest.raises(CheckpointDamaged, match="does not fit"):
            load_trained(network, replace(kept, model=model))
    network.fc = nn.Linear(4, 7)
    with pytest.raises(CheckpointDamaged, match="does not fit"):
        load_trained(network, kept)


def test_frozen_layers_are_not_kept():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    for layer in network[:2]:
        layer.requires_grad_(requires_grad=False)
    changed = trained_names(network, keep_statistics=False)
    assert {name.split(".")[0] for name in changed} == {"2", "3"}
    statistics = {"3.running_mean", "3.running_var", "3.num_batches_tracked"}
    assert changed - trained_names(network, keep_statistics=True) == statistics


# The folder ---------------------------------------------------------------------------------------------------


def test_the_newest_is_read_once_and_given_away_once(tmp_path, monkeypatch):
    list(Checkpoints(tmp_path).save(at(4), is_best=False, at_once=True))
    reads = []

    def read(path):
        reads.append(path.name)
        return read_checkpoint(path)

    monkeypatch.setattr(checkpoint_folder, "read_checkpoint", read)
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.newest() is checkpoints.newest()
    assert checkpoints.take_newest().state.epoch == 4
    assert reads == ["last.pt"]
    checkpoints.newest()
    list(checkpoints.save(at(5), is_best=False, at_once=True))
    assert checkpoints.newest().state.epoch == 5, "not what was read before"


def test_a_damaged_last_is_replaced_by_the_one_before(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2):
        list(checkpoints.save(at(epoch), is_best=False, at_once=True))
    (tmp_path / "last.pt").write_bytes(b"broken")
    assert Checkpoints(tmp_path).newest().state.epoch == 1
    (tmp_path / "previous.pt").write_bytes(b"broken")
    with pytest.raises(CheckpointDamaged):  # beginning anew would write over what is left
        Checkpoints(tmp_path).newest()
    assert Checkpoints(tmp_path / "empty").newest() is None


def test_best_comes_first_and_last_waits_for_it(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path)
    saved = list(checkpoints.save(at(1, best=1), is_best=True, at_once=True))
    assert [Path(event.path).name for event in saved if isinstance(event, CheckpointSaved)] == ["best.pt", "last.pt"]
    last = sha256_of(tmp_path / "last.pt")

    def full(path, _checkpoint):
        raise StorageError(f"The disk is full: {path}.")

    monkeypatch.setattr(checkpoint_folder, "write_checkpoint", full)
    events = list(checkpoints.save(at(2, best=2), is_best=True, at_once=True))
    assert [type(event) for event in events] == [Warned]
    assert sha256_of(tmp_path / "last.pt") == last, "it would speak of a best epoch that is not there"
    assert checkpoints.newest().state.epoch == checkpoints.load_best().state.epoch == 2, "both wait in memory"
    monkeypatch.undo()
    list(checkpoints.save(at(3, best=2), is_best=False, at_once=True))
    assert Checkpoints(tmp_path).load_best().state.epoch == 2
    assert Checkpoints(tmp_path).newest().state.epoch == 3


def test_what_waits_is_a_copy(tmp_path):
    checkpoints = Checkpoints(tmp_path, seconds_between=999)
    list(checkpoints.save(at(1), is_best=False, at_once=True))
    waiting = at(2)
    assert list(checkpoints.save(waiting, is_best=True, at_once=False)) == []
    waiting.model["w"].zero_()  # the next step
    assert torch.equal(checkpoints.newest().model["w"], torch.full((3,), 2.0))
    list(checkpoints.write())
    assert torch.equal(Checkpoints(tmp_path).load_best().model["w"], torch.full((3,), 2.0))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_never_written(tmp_path, value):
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(TrainingDiverged):
        list(checkpoints.save(at(value), is_best=True, at_once=True))
    assert list(tmp_path.iterdir()) == []
