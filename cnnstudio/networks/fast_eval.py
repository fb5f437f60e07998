"""The frozen part of a network, made fast: fused, channels-last, bf16 where that is faster."""

import contextlib
import json
import time
from collections.abc import Callable

import torch
from torch import nn

from cnnstudio.core.atomic import write_text_atomically
from cnnstudio.core.cpu import usable_cores
from cnnstudio.core.errors import StorageError
from cnnstudio.core.paths import cache_folder
from cnnstudio.networks.fusing import fused

_CPU_BATCH_PER_CORE = 2  # activations of two pictures stay in a core's cache; 32 at once run at half the speed
_GPU_BATCH = 128
_ROUNDS = 5
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class FrozenNetwork:
    """A network in eval mode for inputs N×3×H×W float32 on any device; gives float32 on the CPU."""

    def __init__(self, network: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
        self.device = device
        self.dtype = dtype
        self.batch_size = _GPU_BATCH if device.type != "cpu" else max(4, _CPU_BATCH_PER_CORE * usable_cores())
        self._network = fused(network, device).to(device=device, dtype=dtype).to(memory_format=torch.channels_last)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Forward in pieces of ``batch_size``; the result is float32 on the CPU."""
        return torch.cat([self._forward(piece) for piece in inputs.split(self.batch_size)])

    @torch.inference_mode()
    def _forward(self, inputs: torch.Tensor) -> torch.Tensor:
        inputs = inputs.to(device=self.device, dtype=self.dtype, memory_format=torch.channels_last)
        return self._network(inputs).float().cpu()


def fastest_frozen(
    network: nn.Module, device: torch.device, input_size: int, *, name: str, precision: str = "auto"
) -> FrozenNetwork:
    """The faster of fp32 and bf16 on this machine, by a short measurement that is remembered.

    Args:
        network: any network, left as it is.
        device: where it shall run.
        input_size: side of the square input, in pixels.
        name: under which the outcome of the measurement is remembered; the network's name.
        precision: ``auto``, or ``fp32``, ``bf16``, ``fp16`` to skip the measurement.
    """
    if precision == "auto":
        key = f"{name}-{input_size}-{device}-torch{torch.__version__}"
        precision = _remembered_precision(key, network, device, input_size)
    return FrozenNetwork(network, device, _DTYPES[precision])


def _remembered_precision(key: str, network: nn.Module, device: torch.device, input_size: int) -> str:
    """Remembered, because features are cached per precision and one noisy measurement must not void them."""
    path = cache_folder() / "precision.json"
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        known = {}
    if known.get(key) not in _DTYPES:
        known[key] = _measured_precision(network, device, input_size)
        with contextlib.suppress(StorageError):
            write_text_atomically(path, json.dumps(known, indent=2) + "\n")
    return str(known[key])


def _measured_precision(network: nn.Module, device: torch.device, input_size: int) -> str:
    plain, half = (FrozenNetwork(network, device, dtype) for dtype in (torch.float32, torch.bfloat16))
    example = torch.zeros(plain.batch_size, 3, input_size, input_size)
    slow, fast = [], []
    for _ in range(_ROUNDS):  # in turns, so that something else on the machine hits both
        slow.append(seconds_for(lambda: plain(example)))
        fast.append(seconds_for(lambda: half(example)))
    # The first round warms up. bf16 costs a little accuracy, so it has to be clearly faster.
    return "bf16" if 1.2 * min(fast[1:]) < min(slow[1:]) else "fp32"


def seconds_for(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
