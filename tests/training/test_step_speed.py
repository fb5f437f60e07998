"""A training step is measured as the run will take it, on whatever computes it."""

from functools import partial

import pytest
import torch

from cnnstudio.core import Control
from cnnstudio.training.machine import step_speed
from cnnstudio.training.machine.step_speed import fastest_step

CARD, CPU = torch.device("cuda"), torch.device("cpu")
LAUNCHES = {"fp32": 10.0, "bf16": 16.0, "fp16": 16.0}
A_PICTURE = {"fp32": 1.5, "bf16": 0.5, "fp16": 0.6}
LOADING = 100.0


@pytest.fixture
def computer(monkeypatch):
    """A large graphics card: launches take as long as small batches do, most of all under autocast, and the first steps
    of each way load its kernels. A step's pictures are noted."""
    noted = []

    def step(_network, device, shape, kind):
        pictures, _ = shape
        noted.append(pictures)
        first = [LOADING, LOADING / 2] if device.type == "cuda" and kind.precision == "bf16" else []
        each = LAUNCHES[kind.precision] + pictures * A_PICTURE[kind.precision]
        return lambda: first.pop(0) if first else each

    monkeypatch.setattr(step_speed, "_step", step)
    monkeypatch.setattr(step_speed, "half_precisions", lambda _device: ("bf16", "fp16"))
    monkeypatch.setattr(step_speed, "device_name", lambda device: f"{device.type} of a test")
    return noted


@pytest.mark.parametrize(("batch", "best"), [(4, "fp32"), (128, "bf16")])
def test_a_graphics_card_is_measured_with_the_batches_of_the_run(computer, batch, best):
    measure = partial(fastest_step, torch.nn.Conv2d(3, 4, 3), CARD, (batch, 32), name="plain", control=Control())
    assert measure().precision == best
    assert set(computer) == {batch}
    computer.clear()
    assert measure().precision == best
    assert not computer, "it is remembered, for this size of a batch"


def test_a_cpu_is_measured_with_few_pictures_whatever_the_batch(computer):
    for batch in (16, 128):
        fastest_step(torch.nn.Conv2d(3, 4, 3), CPU, (batch, 32), name="on a CPU", control=Control())
    assert set(computer) == {8}
    assert len(computer) == 2, "one measurement of both ways serves every batch"
