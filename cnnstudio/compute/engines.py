"""The frozen part of a network, made fast: by OpenVINO on the CPU, by fused half precision on a GPU.

OpenVINO ran the named networks about twice as fast as fused, channels-last bf16 in torch, and it computes without the
GIL. Networks it cannot convert run in torch.
"""

import copy
import logging
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property, lru_cache, partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.fx.experimental.optimization import fuse

from cnnstudio.compute.device import DTYPES, Precision, moved, without_tf32
from cnnstudio.compute.memory import AtOnce, free_memory, not_enough, unless_out_of_memory
from cnnstudio.core import tell_nobody, usable_cores
from cnnstudio.data import PreprocessSpec


def to_input(pixels: np.ndarray, spec: PreprocessSpec) -> torch.Tensor:
    """Normalise N×H×W×3 uint8 to N×3×H×W float32 (channels last in memory), or N×1×H×W where ``spec`` is grey.

    Bit-equal to ``convert_image_dtype`` and ``normalize`` of torchvision's preset: same operations, same order; grey
    is Pillow's ``convert("L")``.
    """
    return normalised(torch.from_numpy(np.require(pixels, requirements=["C", "W"])), spec)


def normalised(pixels: torch.Tensor, spec: PreprocessSpec) -> torch.Tensor:
    """As ``to_input``, on the device where the bytes are: a quarter of what float32 would have to be copied."""
    images = pixels.permute(0, 3, 1, 2)
    if spec.channels == 1:
        images = grey(images)
    images = images.to(torch.float32).div_(255)
    mean, std = (
        torch.tensor(values, dtype=torch.float32, device=images.device).view(-1, 1, 1)
        for values in (spec.mean, spec.std)
    )
    return images.sub_(mean).div_(std)


def grey(images: torch.Tensor) -> torch.Tensor:
    """N×3×H×W in [0, 255] to N×1×H×W float32 whole numbers, as Pillow rounds them (ITU-R 601-2 luma)."""
    red, green, blue = images.to(torch.float32).split(1, 1)
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) / 0x10000).floor()  # below 2**24: exact in float32


_CPU_BATCH_PER_CORE = 2  # activations of two pictures stay in a core's cache; 32 at once run at half the speed
_GPU_BATCH = 128


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
    """See ``frozen.FrozenNetwork``. Where a batch does not fit into memory it is computed in smaller pieces."""

    def __init__(self, network: nn.Module, spec: PreprocessSpec, device: torch.device, precision: Precision) -> None:
        self.precision: str = precision
        self.engine = "torch" if device.type == "cpu" else f"torch {device.type}"
        self.in_flight = 1 if device.type == "cpu" else 2
        self.batch_size = _GPU_BATCH if device.type != "cpu" else max(4, _CPU_BATCH_PER_CORE * usable_cores())
        self._device = device
        self._at_once = AtOnce(self.batch_size, device)
        body = fused(network).to(device=device, dtype=DTYPES[precision]).to(memory_format=torch.channels_last)
        self._network = FromPixels(body, spec, DTYPES[precision]).to(device)
        self._in_float32 = lru_cache(1)(partial(TorchFrozen, network, spec, device, "fp32"))

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """On a GPU the call returns before the work is done.

        Raises:
            OutOfMemory: not even one picture at a time fits.
        """
        outputs = self._at_once.computed(self._compute, torch.from_numpy(pixels))

        def result() -> torch.Tensor:
            values = torch.cat([output.cpu() for output in outputs])
            if self.precision == "fp16" and not values.isfinite().all():  # beyond 65,504 there is no fp16
                return self._in_float32().submit(pixels)()
            return values if values.dtype == torch.float16 else values.float()

        return result

    def _compute(self, pixels: torch.Tensor) -> torch.Tensor:
        exact = self._device.type == "cuda" and self.precision == "fp32"
        with torch.inference_mode(), without_tf32() if exact else nullcontext():
            return self._network(moved(pixels, self._device))


def fused(network: nn.Module) -> nn.Module:
    """A copy in eval mode, with batch norm folded into the convolutions before it as far as torch.fx can follow."""
    network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
    try:
        return fuse(network)
    except Exception:  # noqa: BLE001 - fx raises many types on networks it cannot trace; they are right as they are, only slower
        return network


log = logging.getLogger(__name__)
_BATCH = 2  # Lite 0 needs a sixth less time than with 4, of eight other networks one 7 % more, the rest the same
_HINTS = {"fp32": "f32", "bf16": "bf16"}


class OpenVinoFrozen:
    """See ``frozen.FrozenNetwork``; keeps a queue of requests, each on cores of its own."""

    engine = "openvino"

    def __init__(self, model: Any, precision: str) -> None:
        """Compile what ``converted`` gave.

        Raises:
            RuntimeError: OpenVINO cannot run it.
        """
        self.precision = precision
        self.batch_size = _BATCH
        hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": _HINTS[precision]}
        compiled = _core().compile_model(model, "CPU", hints)
        self.in_flight = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) + 1
        self._requests = [compiled.create_infer_request() for _ in range(self.in_flight)]
        self._next = 0

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """Start the next request; a short batch is filled up, because the shape is compiled in.

        Raises:
            OutOfMemory: by the result, when the memory is not even enough for one request alone.
        """
        count = len(pixels)
        if count < _BATCH:
            pixels = np.concatenate([pixels, np.zeros((_BATCH - count, *pixels.shape[1:]), np.uint8)])
        request = self._requests[self._next]
        self._next = (self._next + 1) % self.in_flight
        request.start_async({0: pixels})

        def result() -> torch.Tensor:
            if not _waited(request):
                self._once_more(request, pixels)
            return torch.from_numpy(request.get_output_tensor(0).data[:count].copy())

        return result

    def _once_more(self, request: Any, pixels: np.ndarray) -> None:
        """When no other request needs memory."""
        for other in self._requests:
            if other is not request:
                _waited(other)
        free_memory(torch.device("cpu"))
        request.start_async({0: pixels})
        if not _waited(request):
            raise not_enough(_BATCH)


def _waited(request: Any) -> bool:
    """Whether the request was carried out; False when the memory was not enough."""

    def wait() -> bool:
        request.wait()
        return True

    return unless_out_of_memory(wait) is not None


@lru_cache(maxsize=1)
def has_fast_bf16() -> bool:
    """Whether this CPU computes in bf16 at all; how much faster that is has to be measured."""
    try:
        return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, RuntimeError) as error:  # OpenVINO is not usable here; torch does without bf16 then
        log.info("no OpenVINO: %r", error)
        return False


def converted(network: nn.Module, spec: PreprocessSpec) -> Any:
    """The network for OpenVINO: around a second, several for large transformers.

    Raises:
        Exception: of many types, where it cannot be traced or converted.
    """
    modes = {module: module.training for module in network.modules()}
    example = torch.zeros(_BATCH, spec.crop, spec.crop, 3, dtype=torch.uint8)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, and tracing warns of every constant
        traced = torch.jit.trace(FromPixels(network.eval(), spec), example, check_trace=False)
        for module, training in modes.items():
            module.training = training
        model = quiet_openvino().convert_model(traced, example_input=example)
    model.reshape(list(example.shape))
    return model


@lru_cache(maxsize=1)
def _core() -> Any:
    return quiet_openvino().Core()


@lru_cache(maxsize=1)
def quiet_openvino() -> Any:
    """OpenVINO without its telemetry: this application tells nobody anything."""
    tell_nobody()
    import openvino

    return openvino


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


class FrozenLayers:
    """A network, or the part of one, that does not change any more: converted once, however often it is opened."""

    def __init__(self, network: nn.Module, spec: PreprocessSpec) -> None:
        self.network, self.spec = network, spec

    def opened(self, device: torch.device, precision: Precision) -> FrozenNetwork:
        """In the given precision; the network is left as it is."""
        if device.type == "cpu" and (precision == "fp32" or (precision == "bf16" and has_fast_bf16())):
            try:  # where a CPU has no bf16, OpenVINO would compute in float32 and not say so
                return OpenVinoFrozen(self._converted, precision)
            except Exception as error:  # noqa: BLE001 - tracing and converting raise many types; torch runs everything
                log.info("OpenVINO cannot run this network: %r", error)
        return TorchFrozen(self.network, self.spec, device, precision)

    @cached_property
    def _converted(self) -> Any:
        return converted(self.network, self.spec)


def open_frozen(network: nn.Module, spec: PreprocessSpec, device: torch.device, precision: Precision) -> FrozenNetwork:
    """As ``FrozenLayers.opened``, for what is opened once."""
    return FrozenLayers(network, spec).opened(device, precision)
