"""A frozen network in torch: fused, channels-last, in half precision where that is wanted."""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import nn
from torch.fx.experimental.optimization import fuse

from cnnstudio.core.machine import usable_cores
from cnnstudio.data.reading.transforms import grey
from cnnstudio.data.spec import PreprocessSpec

_CPU_BATCH_PER_CORE = 2  # activations of two pictures stay in a core's cache; 32 at once run at half the speed
_GPU_BATCH = 128
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class FromPixels(nn.Module):
    """A network behind its normalisation: N×H×W×3 uint8 to the network's output."""

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, network: nn.Module, spec: PreprocessSpec, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.network = network
        self._dtype = dtype
        mean, std = torch.tensor(spec.mean).view(1, -1, 1, 1), torch.tensor(spec.std).view(1, -1, 1, 1)
        self._grey = spec.channels == 1
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("shift", -mean / std)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Normalised in float32 whatever the network's precision: 8 bits of mantissa are too few for 256 levels."""
        images = pixels.permute(0, 3, 1, 2)
        inputs = (grey(images) if self._grey else images.to(torch.float32)) * self.scale + self.shift
        return self.network(inputs.to(self._dtype))


class TorchFrozen:
    """See ``frozen.FrozenNetwork``."""

    def __init__(self, network: nn.Module, spec: PreprocessSpec, device: torch.device, precision: str) -> None:
        self.precision = precision
        self.engine = "torch" if device.type == "cpu" else f"torch {device.type}"
        self.in_flight = 1 if device.type == "cpu" else 2
        self.batch_size = _GPU_BATCH if device.type != "cpu" else max(4, _CPU_BATCH_PER_CORE * usable_cores())
        self._device = device
        body = fused(network).to(device=device, dtype=_DTYPES[precision]).to(memory_format=torch.channels_last)
        self._network = FromPixels(body, spec, _DTYPES[precision]).to(device)

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """On a GPU the call returns before the work is done."""
        with torch.inference_mode(), self._full_precision():
            output = self._network(torch.from_numpy(pixels).to(self._device, non_blocking=True))
        return lambda: (output if output.dtype == torch.float16 else output.float()).cpu()

    def _full_precision(self) -> AbstractContextManager[None]:
        """By default cuDNN rounds the inputs of float32 convolutions to 10 bits of mantissa (TF32)."""
        if self._device.type != "cuda" or self.precision != "fp32":
            return nullcontext()
        return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)


def fused(network: nn.Module) -> nn.Module:
    """A copy in eval mode, with batch norm folded into the convolutions before it as far as torch.fx can follow."""
    network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
    try:
        return fuse(network)
    except Exception:  # noqa: BLE001 - fx raises many types on networks it cannot trace; they are right as they are, only slower
        return network
