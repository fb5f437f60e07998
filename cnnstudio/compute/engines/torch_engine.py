"""A frozen network in torch: fused, channels-last, in half precision where that is wanted."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from cnnstudio.compute.engines.fusing import fused
from cnnstudio.core.cpu import usable_cores
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

    engine = "torch"

    def __init__(self, network: nn.Module, spec: PreprocessSpec, device: torch.device, precision: str) -> None:
        self.precision = precision
        self.in_flight = 1 if device.type == "cpu" else 2
        self.batch_size = _GPU_BATCH if device.type != "cpu" else max(4, _CPU_BATCH_PER_CORE * usable_cores())
        self._device = device
        body = fused(network).to(device=device, dtype=_DTYPES[precision]).to(memory_format=torch.channels_last)
        self._network = FromPixels(body, spec, _DTYPES[precision]).to(device)

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """On a GPU the call returns before the work is done."""
        with torch.inference_mode():
            output = self._network(torch.from_numpy(pixels).to(self._device, non_blocking=True))
        return lambda: (output if output.dtype == torch.float16 else output.float()).cpu()
