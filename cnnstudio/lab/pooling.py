"""Pooling: largest, mean, to a size, over everything, and drawn by chance (Zeiler & Fergus 2013). No torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from typing_extensions import override

from cnnstudio.lab.operation import Limit, Operation, SettingProblem, Shape, settings
from cnnstudio.lab.sizes import Axis, filled_in
from cnnstudio.networks.anatomy.field import Field

PoolingKind = Literal[
    "max", "average", "stochastic", "adaptive-max", "adaptive-average", "global-max", "global-average"
]  # fmt: skip
POOLINGS: dict[PoolingKind, tuple[str, ...]] = {
    "max": ("kernel", "stride", "padding", "dilation", "ceil"),
    "average": ("kernel", "stride", "padding", "ceil", "count_padding"),
    "stochastic": ("kernel", "stride", "padding", "training", "seed"),
    "adaptive-max": ("rows", "columns"),
    "adaptive-average": ("rows", "columns"),
    "global-max": (),
    "global-average": (),
}
"""The settings that each kind has; the others are not looked at."""
_TINY = "torch.finfo(torch.float32).tiny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling(Operation):
    """One value for every window, each channel alone."""

    limits: ClassVar[dict[str, Limit]] = {
        "kernel": Limit(1, 64, "The kernel"),
        "stride": Limit(0, 64, "The stride"),
        "padding": Limit(0, 64, "The padding"),
        "dilation": Limit(1, 16, "The dilation"),
        "rows": Limit(1, 512, "The number of rows"),
        "columns": Limit(1, 512, "The number of columns"),
        "seed": Limit(0, 1_000_000, "The seed"),
    }
    kind: PoolingKind = "max"
    kernel: int = 2
    """Rows and columns of the window."""
    stride: int = 0
    """0 is the kernel's side, so that windows lie side by side."""
    padding: int = 0
    dilation: int = 1
    ceil: bool = False
    """Whether a last window may reach over the edge."""
    count_padding: bool = True
    """Whether zeros beyond the edge count in a mean."""
    rows: int = 8
    """Of the result, where pooling is adaptive."""
    columns: int = 8
    training: bool = False
    """Whether one value of each window is drawn, as in training, in place of the weighted mean of eval mode."""
    seed: int = 0
    """Of the draw."""

    @property
    def step(self) -> int:
        """From one window to the next."""
        return self.stride or self.kernel

    @property
    def gap(self) -> int:
        """The dilation, which only max pooling has."""
        return self.dilation if self.kind == "max" else 1

    def output(self) -> tuple[int, int] | None:
        """Rows and columns of an adaptive result, global ones included; None where a window slides."""
        if self.kind.startswith("global"):
            return 1, 1
        return (self.rows, self.columns) if self.kind.startswith("adaptive") else None

    @override
    def in_use(self) -> tuple[str, ...]:
        return POOLINGS[self.kind]

    @override
    def problems(self, shape: Shape) -> Iterator[SettingProblem]:
        found = list(Operation.problems(self, shape))
        yield from found
        if found or self.output():
            return
        for axis in self._axes(shape):
            if reason := axis.why_impossible():
                yield SettingProblem("padding" if 2 * self.padding > self.kernel else "kernel", reason)
                return

    @override
    def after(self, shape: Shape) -> Shape:
        height, width = self.output() or tuple(axis.count() for axis in self._axes(shape))
        return Shape(shape.pictures, shape.channels, height, width)

    @override
    def field(self, field: Field, shape: Shape) -> Field:
        if output := self.output():
            return field.divided((shape.height, shape.width), output)
        return field.widened((self.kernel,) * 2, (self.step,) * 2, (self.gap,) * 2)

    @override
    def sources(self, places: np.ndarray, axis: int, shape: Shape) -> np.ndarray:
        if not len(places):
            return places
        if output := self.output():
            size, parts = (shape.height, shape.width)[axis], output[axis]
            return np.arange(int(places.min()) * size // parts, -(-(int(places.max()) + 1) * size // parts))
        return places[:, None] * self.step - self.padding + self.gap * np.arange(self.kernel)

    @override
    def formulas(self, shape: Shape) -> tuple[str, ...]:
        return () if self.output() else tuple(dict.fromkeys(filled_in(axis) for axis in self._axes(shape)))

    @override
    def code(self, shape: Shape) -> str:
        rest = settings(stride=(self.step, self.kernel), padding=(self.padding, 0))
        if self.kind == "max":
            rest += settings(dilation=(self.dilation, 1), ceil_mode=(self.ceil, False))
            return f"y = F.max_pool2d(x, {self.kernel}{rest})"
        if self.kind == "average":
            rest += settings(ceil_mode=(self.ceil, False), count_include_pad=(self.count_padding, True))
            return f"y = F.avg_pool2d(x, {self.kernel}{rest})"
        if self.kind == "stochastic":
            return self._drawn_code() if self.training else self._mean_code()
        function = "adaptive_max_pool2d" if self.kind.endswith("max") else "adaptive_avg_pool2d"
        return f"y = F.{function}(x, {self.output()})"

    def _mean_code(self) -> str:
        rest = settings(stride=(self.step, self.kernel), padding=(self.padding, 0))
        squares, values = (f"F.avg_pool2d({of}, {self.kernel}{rest})" for of in ("x.relu() ** 2", "x.relu()"))
        return f"y = {squares} / {values}.clamp(min={_TINY})"

    def _drawn_code(self) -> str:
        p, k, s = self.padding, self.kernel, self.step
        given = f"F.pad(x.relu(), ({p}, {p}, {p}, {p}))" if p else "x.relu()"
        chance = f"torch.empty_like(u).exponential_(generator=torch.Generator().manual_seed({self.seed}))"
        windows = f"(u := {given}.unfold(2, {k}, {s}).unfold(3, {k}, {s}).flatten(4))"
        return f"y = {windows}.gather(4, (u / {chance}).argmax(4, keepdim=True)).squeeze(4)"

    def _axes(self, shape: Shape) -> tuple[Axis, Axis]:
        height, width = (
            Axis(
                kind="pooling", size=size, kernel=self.kernel, stride=self.step, padding=self.padding,
                dilation=self.gap, ceil=self.ceil and "ceil" in self.in_use(),
            )
            for size in (shape.height, shape.width)
        )  # fmt: skip
        return height, width
