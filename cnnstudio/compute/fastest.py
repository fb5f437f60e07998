"""Which precision is fastest for a frozen network on this machine: measured, once."""

import time
from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
import torch

from cnnstudio.compute.device import DTYPES, Precision, device_name, half_precisions
from cnnstudio.compute.engines import FrozenLayers, FrozenNetwork, has_fast_bf16
from cnnstudio.core import is_out_of_memory, remembered

_ROUNDS = 4
_HALF_HAS_TO_GAIN = 1.2  # half precision costs a little accuracy, so it has to be clearly faster
_NEAR = 0.1
"""How far half precision may be from float32, relative to the largest value: rounding stays far below, overflow not."""


def fastest_frozen(
    layers: FrozenLayers, device: torch.device, *, name: str, precision: Precision | Literal["auto"] = "auto"
) -> FrozenNetwork:
    """The faster of fp32 and half precision on this machine, by a short measurement that is remembered.

    Args:
        layers: of any network.
        device: where it shall run.
        name: under which the outcome of the measurement is remembered; the network's name.
        precision: ``auto``, or ``fp32``, ``bf16``, ``fp16`` to skip the measurement.
    """
    if precision == "auto":
        precision = faster_precision(layers, device, name=name)
    return layers.opened(device, precision)


def faster_precision(layers: FrozenLayers, device: torch.device, *, name: str) -> Precision:
    """Of fp32 and half precision, by a short measurement; see ``fastest_frozen``."""
    if device.type == "cpu" and not has_fast_bf16():
        return "fp32"
    key = f"frozen precision of {name}, {layers.spec.crop} px, {device_name(device)}, torch {torch.__version__}"
    chosen: Precision = remembered(key, lambda: _measured_precision(layers, device), DTYPES.__contains__)
    return chosen


def run_frozen(frozen: FrozenNetwork, pixels: np.ndarray) -> torch.Tensor:
    """All of N×crop×crop×3 uint8, piece by piece."""
    starts = range(0, len(pixels), frozen.batch_size)
    return torch.cat([frozen.submit(pixels[start : start + frozen.batch_size])() for start in starts])


def seconds_for(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _measured_precision(layers: FrozenLayers, device: torch.device) -> Precision:
    plain, side = layers.opened(device, "fp32"), layers.spec.crop
    noise = np.random.default_rng(0).integers(0, 256, (plain.batch_size, side, side, 3), np.uint8)
    expected = run_frozen(plain, noise)
    for name in half_precisions(device):
        half = _usable(layers, device, name, noise, expected)
        if half is not None:
            return name if _is_clearly_faster(half, plain, noise) else "fp32"
    return "fp32"


def _usable(
    layers: FrozenLayers, device: torch.device, name: Precision, noise: np.ndarray, expected: torch.Tensor
) -> FrozenNetwork | None:
    """It, in that precision, where it computes at all and nothing overflows; warm by then."""
    try:
        half = layers.opened(device, name)
        found = run_frozen(half, noise)
    except (TypeError, RuntimeError) as error:  # torch, of a type of numbers or an operation that the device lacks
        if is_out_of_memory(error):
            raise
        return None
    difference, largest = (found - expected).abs().max(), expected.abs().max()
    return half if bool(difference <= _NEAR * largest) else None  # nor where it is no number


def _is_clearly_faster(half: FrozenNetwork, plain: FrozenNetwork, noise: np.ndarray) -> bool:
    """In turns, so that something else on the machine hits both."""
    rounds = [[seconds_for(partial(run_frozen, frozen, noise)) for frozen in (plain, half)] for _ in range(_ROUNDS)]
    of_plain, of_half = (min(times) for times in zip(*rounds, strict=True))
    return _HALF_HAS_TO_GAIN * of_half < of_plain
