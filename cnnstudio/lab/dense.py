"""Why networks for pictures convolve: a dense layer on the same picture, counted beside it. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.core import counted
from cnnstudio.lab.operation import Limit, SettingProblem, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseOrConvolution:
    """A dense layer and a convolution that stand in the same place, both with biases."""

    limits: ClassVar[dict[str, Limit]] = {
        "height": Limit(1, 100_000, "The height"),
        "width": Limit(1, 100_000, "The width"),
        "channels": Limit(1, 100_000, "The number of channels"),
        "neurons": Limit(1, 10_000_000, "The number of neurons"),
        "filters": Limit(1, 100_000, "The number of filters"),
        "kernel": Limit(1, 1_000, "The kernel"),
    }
    height: int = 224
    width: int = 224
    channels: int = 3
    neurons: int = 1024
    """Outputs of the dense layer."""
    filters: int = 16
    """Outputs of the convolution: maps."""
    kernel: int = 3
    """Rows and columns of each filter."""

    def problems(self) -> Iterator[SettingProblem]:
        """What is beyond its limits."""
        for name, limit in self.limits.items():
            if not limit.low <= getattr(self, name) <= limit.high:
                yield SettingProblem(name, f"{limit.title} must lie between {limit.low:,} and {limit.high:,}.")

    @property
    def dense(self) -> int:
        """Weights of the dense layer, one for every value of the picture and every neuron; without its biases."""
        return self.height * self.width * self.channels * self.neurons

    @property
    def convolution(self) -> int:
        """Weights of the convolution, the same at every place; without its biases."""
        return self.kernel**2 * self.channels * self.filters

    @property
    def multiplications(self) -> int:
        """Of the convolution, whose weights are used at every place (stride 1, size kept)."""
        return self.convolution * self.height * self.width

    def sentences(self) -> tuple[str, ...]:
        """Both counts with their formula, and what the difference comes from."""
        picture = Shape(1, self.channels, self.height, self.width)
        size = f"{picture.height:,} × {picture.width:,} × {picture.channels:,}"
        side = f"{self.kernel} × {self.kernel} × {self.channels:,}"
        return (
            f"Dense layer: {size} values × {counted(self.neurons, 'neuron')} = {self.dense:,} weights, "
            f"{counted(self.neurons, 'bias', 'biases')} more.",
            f"Convolution: {side} × {counted(self.filters, 'filter')} = {self.convolution:,} weights, "
            f"{counted(self.filters, 'bias', 'biases')} more, whatever the picture's size.",
            f"The dense layer has {self.dense / self.convolution:,.0f} × as many, since each of its neurons has a "
            "weight for every value of the picture; a filter slides, with the same weights at every place.",
        )
