"""Time a few networks as the product really runs them, and estimate all others from what they are made of.

A network's time is taken as a sum of four parts: convolutions, linear layers and attention, values written to memory,
and weights read. What a unit of each costs on this computer is fitted to the measured networks, never below zero.
On the machine where this was built, the estimates of 19 networks outside the set were off by 11 % in the median and by
a factor of two at worst (ShuffleNet).
"""

import math
import time
from collections import deque
from collections.abc import Callable
from itertools import combinations

import numpy as np
import torch

from cnnstudio.compute.device import Precision
from cnnstudio.compute.engines import FrozenNetwork, has_fast_bf16, open_frozen
from cnnstudio.core import Control, Others
from cnnstudio.networks import Speeds, builder, head, save_speeds, this_machine
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.anatomy.layers import Anatomy

MEASURED = (
    "mobilenet_v3_small", "squeezenet1_1", "resnet18", "efficientnet_b0", "resnet50", "densenet121", "vgg11",
    "convnext_tiny", "vit_b_32", "efficientnet_lite0",
)  # fmt: skip
"""Small ones of every kind: plain, residual, dense, depthwise, attention; and the one that comes along."""
_SECONDS_EACH = 0.6
_FILLED = 4
"""How often a round fills what is in flight; once alone, and beginning and end made times a fifth longer."""
_WRITING = ("Conv2d", "Linear", "LayerNorm", "LayerNorm2d", "GELU", "SiLU", "Hardswish")
Progress = Callable[[int, int], None]


def measure_speeds(device: torch.device, *, control: Control, progress: Progress) -> Speeds:
    """Time the set, estimate the rest, and remember both; around twenty seconds.

    Raises:
        StopRequested: a stop was asked for; nothing is remembered then.
    """
    seconds: dict[str, float] = {}
    steps = len(MEASURED) + 1
    for number, name in enumerate(MEASURED):
        control.check()
        progress(number, steps)
        seconds[name] = seconds_per_picture(name, device)
    progress(len(MEASURED), steps)
    work = {}
    for name in builder.network_names():
        control.check()
        work[name] = parts_of(dissect(name))
    costs = fitted_costs([work[name] for name in MEASURED], [seconds[name] for name in MEASURED])
    estimates = {name: float(np.dot(parts, costs)) for name, parts in work.items()}
    speeds = Speeds(device=str(device), machine=this_machine(), seconds=estimates | seconds, measured=MEASURED)
    save_speeds(speeds)
    return speeds


def seconds_per_picture(name: str, device: torch.device) -> float:
    """The best of several rounds through the network without its head, with every request in flight.

    While other programs take the cores, there are more of them, for three times as long at most.
    """
    network, spec = builder.build_network(name, 2).eval(), builder.preprocess_of(name)
    frozen = open_frozen(head.feature_network(network), spec, device, _precision(device))
    batches = _FILLED * frozen.in_flight
    pixels = np.zeros((frozen.batch_size, spec.crop, spec.crop, 3), np.uint8)
    _round(frozen, pixels, frozen.in_flight)  # warms up
    best, rounds, start, others = math.inf, 0, time.perf_counter(), Others()
    while rounds < 2 or time.perf_counter() - start < _SECONDS_EACH * (3 if others.disturb else 1):
        best = min(best, _round(frozen, pixels, batches))
        rounds += 1
    return best / (batches * frozen.batch_size)


def parts_of(anatomy: Anatomy) -> tuple[float, float, float, float]:
    """Convolutions and other multiplications in thousand millions, values written and weights in millions."""
    leaves = [layer for layer in anatomy.layers if layer.is_leaf and layer.output]
    convolutions = sum(layer.multiplications for layer in leaves if layer.kind == "Conv2d")
    written = sum(math.prod(layer.output) for layer in leaves if layer.kind in _WRITING)
    others = anatomy.multiplications - convolutions
    return convolutions / 1e9, others / 1e9, written / 1e6, anatomy.parameters / 1e6


def fitted_costs(parts: list[tuple[float, ...]], seconds: list[float]) -> np.ndarray:
    """Seconds per unit of each part, none below zero, with the least squared relative error.

    Non-negative least squares by trying every subset of the parts: there are fifteen.
    """
    relative = np.array(parts) / np.array(seconds)[:, None]
    ones = np.ones(len(seconds))
    width = relative.shape[1]
    best, least = np.zeros(width), math.inf
    for size in range(1, width + 1):
        for columns in map(list, combinations(range(width), size)):
            costs, *_ = np.linalg.lstsq(relative[:, columns], ones, rcond=None)
            error = float(np.square(relative[:, columns] @ costs - ones).sum())
            if (costs >= 0).all() and error < least:
                best, least = np.zeros(width), error
                best[columns] = costs
    return best


def _precision(device: torch.device) -> Precision:
    if device.type == "cuda":
        return "fp16"
    return "bf16" if device.type == "cpu" and has_fast_bf16() else "fp32"


def _round(frozen: FrozenNetwork, pixels: np.ndarray, batches: int) -> float:
    start = time.perf_counter()
    waiting = deque([frozen.submit(pixels)])
    for _ in range(batches - 1):
        if len(waiting) == frozen.in_flight:
            waiting.popleft()()
        waiting.append(frozen.submit(pixels))
    for result in waiting:
        result()
    return time.perf_counter() - start
