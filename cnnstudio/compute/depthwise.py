"""Depthwise convolutions in float32 inside a bf16 network.

oneDNN has no fast bf16 gradient for many of them (kernel 5×5, or stride 2): on the machine where this was measured a
step of mobilenet_v3_large ran at 27 pictures a second in bf16, 39 in float32 and 49 in bf16 with this exception.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class _Float32Depthwise(nn.Conv2d):
    """A convolution that leaves autocast and gives its result in the precision of its input."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        with torch.autocast(inputs.device.type, enabled=False):
            return super().forward(inputs.float()).to(inputs.dtype)


def has_depthwise(network: nn.Module) -> bool:
    """Whether there is anything to gain."""
    return next(_depthwise(network), None) is not None


@contextmanager
def float32_depthwise(network: nn.Module, *, on: bool = True) -> Iterator[None]:
    """Run the depthwise convolutions of ``network`` in float32 while the context is open; weights stay as they are."""
    changed = list(_depthwise(network)) if on else []
    for layer in changed:
        layer.__class__ = _Float32Depthwise
    try:
        yield
    finally:
        for layer in changed:
            layer.__class__ = nn.Conv2d


def _depthwise(network: nn.Module) -> Iterator[nn.Conv2d]:
    for module in network.modules():
        if type(module) is nn.Conv2d and module.groups > 1 and module.groups == module.in_channels:
            yield module
