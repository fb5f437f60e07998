"""Measurements of this computer's speed: whose they are, and what becomes of wrong ones."""

from dataclasses import replace

import pytest
import torch

from cnnstudio.compute import engines
from cnnstudio.core import Watch, codec, known_value, measured, remembered
from cnnstudio.networks.builder import build_network, preprocess_of
from cnnstudio.training.loop import FitState
from cnnstudio.training.machine import run_timing
from cnnstudio.training.machine.estimate import Speed
from cnnstudio.training.machine.precision import step_name
from cnnstudio.training.machine.step_speed import StepKind, step_key
from cnnstudio.training.opening import open_context

SPEED = Speed(training=12.0, training_again=24.0, checking=30.0, checking_again=30.0, scoring=1.0)
"""Of 24 training and 6 validation pictures: an epoch takes 1.2 to 2.2 seconds."""


@pytest.fixture
def opened(quick):
    context = open_context(replace(quick, precision="auto"), None, Watch())
    key = run_timing._key(context, on_maps=False)  # noqa: SLF001
    step = step_key(step_name(context.recipe), (context.recipe.batch_size, 32), context.device)
    for known in (key, step):  # another test may have measured them on this machine
        measured.forget(known)
    remembered(key, lambda: codec.to_plain(SPEED), lambda _: True)
    kind = StepKind(precision="fp32", images_per_second=8.0)
    remembered(step, lambda: codec.to_plain(kind), lambda _: True)
    return context, key, step


@pytest.mark.parametrize(
    ("seconds", "speed_stays", "step_stays"),
    [
        (0.7, True, True),
        (1.1, True, False),
        (2.0, True, True),
        (4.3, True, True),
        (4.5, False, True),
        (90, False, True),
    ],
)
def test_what_a_training_contradicts_is_forgotten(opened, seconds, speed_stays, step_stays):
    context, key, step = opened
    run_timing.doubt(context, seconds, on_maps=False)
    assert (known_value(key) is not None, known_value(step) is not None) == (speed_stays, step_stays)


def test_a_far_quicker_training_than_measured_shows_that_it_was_measured_beside_others(opened):
    context, key, step = opened
    slow = replace(SPEED, training=1.0, training_again=1.0)
    measured.forget(key)
    remembered(key, lambda: codec.to_plain(slow), lambda _: True)
    run_timing.doubt(context, 2.0, on_maps=False)
    assert known_value(key) is None
    assert known_value(step) is not None
    run_timing.doubt(context, 1.0, on_maps=True)
    assert known_value(step) is not None, "on maps only the upper layers are computed"


@pytest.mark.parametrize(("taken", "stays"), [(0.0, False), (0.5, True)])
def test_a_training_beside_others_contradicts_nothing(opened, monkeypatch, taken, stays):
    context, key, _ = opened
    monkeypatch.setattr(measured.Others, "taken", lambda _: taken)
    plan = type("Plan", (), {"part": "network", "train": None})()
    state = FitState(epoch=2, seconds=10.0)
    with run_timing.compared(context, plan, state):
        state.epoch, state.seconds = 4, 110.0
    assert (known_value(key) is not None) == stays


def test_a_training_compares_itself(quick, train, monkeypatch):
    asked = []
    monkeypatch.setattr(run_timing, "doubt", lambda context, seconds, on_maps: asked.append((seconds, on_maps)))
    run, _ = train(replace(quick, epochs=2))
    ((seconds, on_maps),) = asked
    assert seconds == pytest.approx(run.record.seconds / 2)
    assert not on_maps


def test_what_says_bf16_computes_in_bf16(monkeypatch):
    """A run that began on a computer with fast bf16 and goes on elsewhere."""
    monkeypatch.setattr(engines, "has_fast_bf16", lambda: False)
    monkeypatch.setattr(engines, "OpenVinoFrozen", lambda *_: pytest.fail("it would compute in float32 here"))
    network, spec = build_network("lenet5", 3, image_size=32, channels=1), preprocess_of("lenet5")
    frozen = engines.open_frozen(network, spec, torch.device("cpu"), "bf16")
    assert (frozen.engine, frozen.precision) == ("torch", "bf16")
