"""A frozen network in OpenVINO: compiled for this CPU, with several requests in flight, outside the GIL."""

import logging
import sys
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from cnnstudio.compute.engines.torch_engine import FromPixels
from cnnstudio.data.spec import PreprocessSpec

log = logging.getLogger(__name__)
_BATCH = 4  # more at once ran slower on four of six networks, and little faster on the two largest
_HINTS = {"fp32": "f32", "bf16": "bf16"}


class OpenVinoFrozen:
    """See ``frozen.FrozenNetwork``; keeps a queue of requests, each on cores of its own."""

    engine = "openvino"

    def __init__(self, network: nn.Module, spec: PreprocessSpec, precision: str) -> None:
        """Trace, convert, compile: around a second, several for large transformers.

        Raises:
            Exception: of many types, where the network cannot be traced or converted.
        """
        self.precision = precision
        self.batch_size = _BATCH
        hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": _HINTS[precision]}
        compiled = _core().compile_model(_converted(network, spec), "CPU", hints)
        self.in_flight = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) + 1
        self._requests = [compiled.create_infer_request() for _ in range(self.in_flight)]
        self._next = 0

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """Start the next request; a short batch is filled up, because the shape is compiled in."""
        count = len(pixels)
        if count < _BATCH:
            pixels = np.concatenate([pixels, np.zeros((_BATCH - count, *pixels.shape[1:]), np.uint8)])
        request = self._requests[self._next]
        self._next = (self._next + 1) % self.in_flight
        request.start_async({0: pixels})

        def result() -> torch.Tensor:
            request.wait()
            return torch.from_numpy(request.get_output_tensor(0).data[:count].copy())

        return result


@lru_cache(maxsize=1)
def has_fast_bf16() -> bool:
    """Whether this CPU computes in bf16 at all; how much faster that is has to be measured."""
    try:
        return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, RuntimeError) as error:  # OpenVINO is not usable here; torch does without bf16 then
        log.info("no OpenVINO: %r", error)
        return False


def _converted(network: nn.Module, spec: PreprocessSpec) -> Any:
    modes = {module: module.training for module in network.modules()}
    example = torch.zeros(_BATCH, spec.crop, spec.crop, 3, dtype=torch.uint8)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, and tracing warns of every constant
        traced = torch.jit.trace(FromPixels(network.eval(), spec), example, check_trace=False)
        for module, training in modes.items():
            module.training = training
        model = _openvino().convert_model(traced, example_input=example)
    model.reshape(list(example.shape))
    return model


@lru_cache(maxsize=1)
def _core() -> Any:
    return _openvino().Core()


@lru_cache(maxsize=1)
def _openvino() -> Any:
    """OpenVINO without its telemetry: this application tells nobody anything."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino
