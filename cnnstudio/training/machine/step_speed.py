"""How a training step runs fastest on this machine: measured, not looked up in a list of processors."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch.nn import functional

from cnnstudio.compute.device import DTYPES, device_name, float32_depthwise, half_precisions, has_depthwise
from cnnstudio.compute.memory import free_memory, not_enough, unless_out_of_memory
from cnnstudio.core import Control, FormatError, codec, remembered
from cnnstudio.networks.head import input_channels
from cnnstudio.training.loop import stoppable
from cnnstudio.training.recipe import FrozenPrecision

_ON_CPU = 8
"""Pictures of a step on a CPU, where more of them hardly change the order. With so few on a large graphics card every
way waits for its launches, fp32 least of all, and it was chosen where bf16 was 1.2 to 3.4 times as fast."""
_KINDS = ("fp32", "bf16", "fp16")
_HOPELESS = 2.0
"""A way that took this many times as long as another one is not tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """One way to compute a training step, and what was measured for it."""

    precision: FrozenPrecision
    depthwise_fp32: bool = False
    images_per_second: float = 0.0


def fastest_step(
    network: torch.nn.Module, device: torch.device, shape: tuple[int, int], *, name: str, control: Control
) -> StepKind:
    """The fastest way for this network here, remembered under ``name``.

    Args:
        network: channels-last, with the parameters to train marked; left as it is.
        device: where it will be trained.
        shape: pictures of a step of the run, and the side of its input in pixels.
        name: of network and mode.
        control: a stop ends the measurement.

    Raises:
        StopRequested: a stop was asked for.
    """
    key = step_key(name, shape, device)
    plain = remembered(key, lambda: codec.to_plain(_measured(network, device, shape, control)), is_kind)
    return codec.from_plain(StepKind, plain, what="measurement")


def step_key(name: str, shape: tuple[int, int], device: torch.device) -> str:
    """Under which ``fastest_step`` remembers."""
    pictures, size = shape
    batches = "" if device.type == "cpu" else f" batches of {pictures},"
    return f"step of {name}, {size} px,{batches} {device_name(device)}, auto, torch {torch.__version__}"


def is_kind(plain: object) -> bool:
    """Whether a remembered value is a measurement that can be."""
    try:
        kind = codec.from_plain(StepKind, plain)
    except FormatError:
        return False
    return kind.precision in _KINDS and 0 < kind.images_per_second < math.inf


def _measured(network: torch.nn.Module, device: torch.device, shape: tuple[int, int], control: Control) -> StepKind:
    network = copy.deepcopy(network)  # running statistics and gradients are none of the original's business
    pictures, size = shape
    if device.type == "cpu":
        pictures = _ON_CPU
    with stoppable(network, control):
        while (found := unless_out_of_memory(partial(_fastest_of, pictures, network, device, size))) is None:
            network.zero_grad()
            free_memory(device)
            if pictures == 1:
                raise not_enough(1, "train this network")
            pictures //= 2
    return found


def _fastest_of(pictures: int, network: torch.nn.Module, device: torch.device, size: int) -> StepKind:
    """Of so many pictures a step."""
    kinds = _candidates(network, device)
    steps = [_step(network, device, (pictures, size), kind) for kind in kinds]
    rounds = 2
    if device.type != "cpu":  # whose first steps load kernels and look for the best of them; steps are short
        rounds = 5
        for step in steps * 2:
            step()
    seconds = [step() for step in steps]  # warms up, and shows what is hopeless
    promising = [index for index in range(len(kinds)) if seconds[index] < _HOPELESS * min(seconds)]
    best = {index: min(steps[index]() for _ in range(rounds)) for index in promising}
    chosen = min(best, key=best.__getitem__)
    return replace(kinds[chosen], images_per_second=pictures / best[chosen])


def _candidates(network: torch.nn.Module, device: torch.device) -> list[StepKind]:
    kinds = [StepKind(precision="fp32")]
    if device.type == "cuda":
        kinds += [StepKind(precision=half) for half in half_precisions(device)]
    elif device.type == "cpu":
        kinds.append(StepKind(precision="bf16"))
        if has_depthwise(network):
            kinds.append(StepKind(precision="bf16", depthwise_fp32=True))
    return kinds


def _step(
    network: torch.nn.Module, device: torch.device, shape: tuple[int, int], kind: StepKind
) -> Callable[[], float]:
    """A step of pictures of a size, which tells its seconds."""
    pictures, size = shape
    inputs = torch.rand(pictures, input_channels(network), size, size, device=device).contiguous(
        memory_format=torch.channels_last
    )
    dtype = DTYPES[kind.precision]
    targets = torch.zeros(pictures, dtype=torch.int64, device=device)

    def seconds() -> float:
        start = time.perf_counter()
        network.to(device).train()
        with (
            float32_depthwise(network, on=kind.depthwise_fp32),
            torch.autocast(device.type, dtype, enabled=kind.precision != "fp32"),
        ):
            outputs = network(inputs)
            loss = functional.cross_entropy(outputs if isinstance(outputs, torch.Tensor) else outputs[0], targets)
        loss.backward()
        network.zero_grad(set_to_none=True)
        if device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    return seconds
