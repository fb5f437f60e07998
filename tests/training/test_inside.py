"""Looking inside a network while it learns: what is seen is true, and nothing is changed by it."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnstudio.core import BlockSeen, EpochDone, InsideSeen
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.freezing import apply_mode, cut_below
from cnnstudio.runs.history import History, read_history
from cnnstudio.runs.inside_words import inside_sentence, noticed
from cnnstudio.training.loop.inside import MOST_LOOKS, Inside, looking


def look_at(model, inputs, *, inside=None, step=1, scale=1.0):
    inside = inside or Inside(model, 1, 10)
    model.zero_grad()
    with looking(inside, step) as look:
        outputs = model(inputs)
        (functional.cross_entropy(outputs, torch.zeros(len(inputs), dtype=torch.long)) * scale).backward()
        inside.note_gradients(scale)
    return look.seen(epoch=1, pictures=len(inputs))


@pytest.fixture
def small():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True)), nn.Flatten(), nn.Linear(144, 2)
    )


def test_a_unit_that_gives_nothing_for_any_picture_is_silent(small):
    with torch.no_grad():
        small[0][1].bias[:] = torch.tensor([-50.0, 0.0, -50.0, 0.0])
    seen = look_at(small, torch.randn(6, 3, 8, 8))
    assert [(block.name, block.kind, block.units, block.silent) for block in seen.blocks] == [
        ("0.0", "Conv2d", 0, 0), ("0.1", "BatchNorm2d", 0, 0), ("0.2", "ReLU", 4, 2), ("2", "Linear", 0, 0),
    ]  # fmt: skip
    assert (seen.step, seen.epoch, seen.batch, seen.pictures) == (1, 1, 6, 6)
    assert "2 of 4 units silent on 6 training pictures (most in 0.2: 2 of 4)" in inside_sentence(seen)
    assert next(noticed(seen)).sentence == "2 of 4 units in 0.2 gave 0 on all of 6 training pictures."


def test_a_unit_is_silent_only_if_it_was_in_all_of_the_last_looks(small):
    inside, bias = Inside(small, 1, 10), small[0][1].bias
    told = []
    for step, alive in enumerate((True, False, False, False, False), 1):
        with torch.no_grad():
            bias[0] = 0.0 if alive else -50.0
        told.append(look_at(small, torch.randn(4, 3, 8, 8), inside=inside, step=step))
    assert [seen.blocks[2].silent for seen in told] == [0, 0, 0, 0, 1]
    assert [seen.pictures for seen in told] == [4, 8, 12, 16, 16]


def test_values_and_gradients_are_those_of_torch(small):
    inputs = torch.randn(5, 3, 8, 8)
    seen = look_at(small, inputs)
    values = small[0](inputs)
    block = seen.blocks[2]
    assert sum(block.counts) == values.numel()
    assert (block.low, block.high) == (0.0, pytest.approx(values.max().item()))
    assert block.mean == pytest.approx(values.mean().item(), abs=1e-5)
    weights = [small[2].weight, small[2].bias]
    assert seen.blocks[3].gradient == pytest.approx(math.hypot(*(w.grad.norm().item() for w in weights)))
    assert seen.blocks[3].weights == pytest.approx(math.hypot(*(w.norm().item() for w in weights)))
    scaled = look_at(small, inputs, scale=1024.0)
    assert scaled.blocks[3].gradient == pytest.approx(seen.blocks[3].gradient, rel=1e-4), "fp16 multiplies the loss"


def test_values_that_are_no_numbers_break_nothing(small):
    with torch.no_grad():
        small[2].weight.fill_(math.inf)
    seen = look_at(small, torch.randn(3, 3, 8, 8))
    assert (seen.blocks[3].low, seen.blocks[3].high) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["resnet18", "gap_cnn", pytest.param("googlenet", marks=pytest.mark.slow)])
def test_a_look_changes_nothing(name):
    """Also where a ReLU is a function, works in place or is called twice."""
    inputs = torch.randn(2, 3, 64, 64)
    outputs = []
    for looks in (False, True):
        torch.manual_seed(0)
        network = build_network(name, 3).train()
        inside = Inside(network, 1, 10) if looks else None
        with looking(inside, 1):
            torch.manual_seed(1)
            found = network(inputs)
        outputs.append(found if isinstance(found, torch.Tensor) else found[0])
    assert torch.equal(*outputs)
    assert inside.seen(epoch=1, pictures=2).blocks
    seen = inside.seen(epoch=1, pictures=2)
    network(torch.zeros(2, 3, 64, 64))
    assert inside.seen(epoch=1, pictures=2).blocks == seen.blocks, "nothing hangs on the network any more"


def test_the_upper_part_of_a_network_is_looked_into_block_by_block():
    network = build_network("resnet18", 3)
    groups = apply_mode(network, "last-stage")
    top = cut_below(network, [name for group in groups for name in group.parameters]).top
    seen = look_at(top, torch.randn(2, 256, 4, 4))
    names = [block.name for block in seen.blocks]
    assert {"layer4.0.conv1", "layer4.1.bn2", "fc"} <= set(names)
    assert sum(block.units for block in seen.blocks) == 4 * 512


def test_looks_are_spread_over_a_long_training():
    model = nn.Linear(2, 2)
    assert Inside(model, 20, 100).every == 20
    assert Inside(model, 20, 100_000).every == 100_000 / MOST_LOOKS
    assert [step for step in range(1, 50) if Inside(model, 20, 100).is_due(step)] == [1, 21, 41]


def test_a_training_keeps_what_was_seen(recipe, train):
    run, events = train(replace(recipe, epochs=3, batch_size=8, watch_inside=2))
    looks = [event for event in events if isinstance(event, InsideSeen)]
    assert [look.step for look in looks][:3] == [1, 3, 5]
    assert all(block.gradient > 0 for look in looks for block in look.blocks if block.name == "linear")
    assert read_history(run.folder).looks == tuple(looks)


@pytest.mark.parametrize("mode", ["last-stage", pytest.param("all", marks=pytest.mark.slow)])
def test_deeper_modes_are_looked_into(recipe, train, mode):
    """On feature maps, too, where what is trained was cut out of the network."""
    _, events = train(replace(recipe, mode=mode, epochs=1, batch_size=16, watch_inside=1))
    looks = [event for event in events if isinstance(event, InsideSeen)]
    assert looks
    assert all(math.isfinite(block.gradient) for look in looks for block in look.blocks)
    assert any(block.units for block in looks[-1].blocks)
    assert looks[-1].blocks[-1].gradient > 0


def test_looks_behind_the_last_epoch_come_once_more(tmp_path):
    log = History(tmp_path)
    epoch = EpochDone(epoch=1, epochs=2, seconds=1, learning_rate=0.1, train_loss=1, train_accuracy=0.5,
                      validation_loss=None, validation_accuracy=None, validation_images=0, is_best=True)  # fmt: skip
    for event in (seen_at(1), epoch, seen_at(3)):
        log.append(event)
    log.flush()
    log.rewind(1)
    assert [look.step for look in read_history(tmp_path).looks] == [1]


def seen_at(step):
    return InsideSeen(epoch=1, step=step, batch=4, pictures=4, blocks=())


@pytest.mark.parametrize(
    ("gradients", "told"),
    [
        ((1e-6, 1.0), "The gradient fades towards the picture: per weight it is 1,000,000 times smaller in a than in"),
        ((0.0, 1.0), "No gradient reaches a."),
        ((5e4, 1.0), "The gradient grows towards the picture: per weight it is 50,000 times larger in a than in c."),
        ((0.002, 1.0), ""),
    ],
)
def test_gradients_that_fade_or_grow_are_said(gradients, told):
    blocks = [block("a", gradients[0]), replace(block("b", 0.0), weights=0.0), block("c", gradients[1])]
    found = [each.sentence for each in noticed(replace(seen_at(1), blocks=tuple(blocks)))]
    assert [sentence[: len(told)] for sentence in found] == ([told] if told else [])


def block(name, gradient):
    return BlockSeen(name=name, kind="Conv2d", units=4, silent=0, low=0, high=1, mean=0, deviation=1, counts=(1,) * 24,
                     gradient=gradient, weights=1.0)  # fmt: skip
