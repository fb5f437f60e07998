"""The frozen part of a network, made fast: by OpenVINO on the CPU, by fused half precision on a GPU.

OpenVINO ran the named networks about twice as fast as fused, channels-last bf16 in torch, and it computes without the
GIL. Networks it cannot convert run in torch.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol

import numpy as np
import torch
from torch import nn

from cnnstudio.compute.engines.openvino_engine import OpenVinoFrozen, has_fast_bf16
from cnnstudio.compute.engines.torch_engine import TorchFrozen
from cnnstudio.core.machine import remembered
from cnnstudio.data.spec import PreprocessSpec

log = logging.getLogger(__name__)
Precision = Literal["fp32", "bf16", "fp16"]
_ROUNDS = 4
_BF16_HAS_TO_GAIN = 1.2  # bf16 costs a little accuracy, so it has to be clearly faster


class FrozenNetwork(Protocol):
    """A network in eval mode, from pixels to its output."""

    precision: str
    engine: str
    """``openvino``, ``torch``, or ``torch`` with a device: their results differ in the last bits, so features of one
    are not mixed with the other's."""
    batch_size: int
    """Pictures per call that suit it."""
    in_flight: int
    """How many calls may wait for their result at once."""

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """Start on N×crop×crop×3 uint8 with N at most ``batch_size``; call the result for its output.

        That is float32, or float16 where the network gives float16. Results must be taken in the order of the calls,
        and at most ``in_flight`` may be open.
        """


def open_frozen(network: nn.Module, spec: PreprocessSpec, device: torch.device, precision: Precision) -> FrozenNetwork:
    """The network, which is left as it is, in the given precision."""
    if device.type == "cpu" and precision != "fp16":
        try:
            return OpenVinoFrozen(network, spec, precision)
        except Exception as error:  # noqa: BLE001 - tracing and converting raise many types; torch runs everything
            log.info("OpenVINO cannot run this network: %r", error)
    return TorchFrozen(network, spec, device, precision)


def fastest_frozen(
    network: nn.Module,
    spec: PreprocessSpec,
    device: torch.device,
    *,
    name: str,
    precision: Precision | Literal["auto"] = "auto",
) -> FrozenNetwork:
    """The faster of fp32 and half precision on this machine, by a short measurement that is remembered.

    Args:
        network: any network, left as it is.
        spec: its preprocessing.
        device: where it shall run.
        name: under which the outcome of the measurement is remembered; the network's name.
        precision: ``auto``, or ``fp32``, ``bf16``, ``fp16`` to skip the measurement.
    """
    if precision != "auto":
        return open_frozen(network, spec, device, precision)
    if device.type == "cpu" and not has_fast_bf16():
        return open_frozen(network, spec, device, "fp32")
    key = f"frozen precision of {name}, {spec.crop} px, {device}, torch {torch.__version__}"
    chosen = remembered(key, lambda: _faster_precision(network, spec, device), {"fp32", "bf16"}.__contains__)
    return open_frozen(network, spec, device, chosen)


def run_frozen(frozen: FrozenNetwork, pixels: np.ndarray) -> torch.Tensor:
    """All of N×crop×crop×3 uint8, piece by piece."""
    starts = range(0, len(pixels), frozen.batch_size)
    return torch.cat([frozen.submit(pixels[start : start + frozen.batch_size])() for start in starts])


def seconds_for(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _faster_precision(network: nn.Module, spec: PreprocessSpec, device: torch.device) -> Precision:
    plain, half = (open_frozen(network, spec, device, each) for each in ("fp32", "bf16"))
    times: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for _ in range(_ROUNDS):  # in turns, so that something else on the machine hits both
        for frozen in (plain, half):
            pixels = np.zeros((frozen.batch_size, spec.crop, spec.crop, 3), np.uint8)
            times[frozen.precision].append(seconds_for(partial(run_frozen, frozen, pixels)))
    slow, fast = (min(times[each][1:]) for each in ("fp32", "bf16"))  # the first round warms up
    return "bf16" if _BF16_HAS_TO_GAIN * fast < slow else "fp32"
