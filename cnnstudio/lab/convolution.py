"""Convolution: every channel alone, all summed up, 1×1, grouped, depthwise, transposed. No torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypedDict

import numpy as np
from typing_extensions import Unpack, override

from cnnstudio.core import counted
from cnnstudio.lab.operation import Kernel, Limit, Operation, SettingProblem, Shape, numbers, settings
from cnnstudio.lab.sizes import Axis, filled_in
from cnnstudio.networks.anatomy.field import Field

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
PADDING_MODES: tuple[PaddingMode, ...] = ("zeros", "reflect", "replicate", "circular")
TYPED = 7
"""Rows and columns of a kernel that a person types, at most."""
MAX_SIDE = 31
"""Of any kernel, such as one of a network."""
MAX_WEIGHT = 1000.0
MAX_CHANNELS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution(Operation):
    """A convolution; see ``each``, ``summed``, ``mixing`` and ``own_kernels`` for the usual ones."""

    limits: ClassVar[dict[str, Limit]] = {
        "stride": Limit(1, 16, "The stride"),
        "padding": Limit(0, 64, "The padding"),
        "dilation": Limit(1, 16, "The dilation"),
        "groups": Limit(0, MAX_CHANNELS, "The number of groups"),
        "output_padding": Limit(0, 15, "The output padding"),
    }
    kernels: tuple[tuple[Kernel, ...], ...]
    """Outputs × channels per group × rows × columns, as torch keeps them; of a transposed one channels × outputs per
    group × rows × columns."""
    bias: tuple[float, ...] = ()
    """One per output, one for all of them, or none."""
    stride: int = 1
    padding: int = 0
    """Of a transposed convolution: rows and columns that are taken away at each edge."""
    padding_mode: PaddingMode = "zeros"
    dilation: int = 1
    groups: int = 0
    """0: the one kernel over every channel alone, however many channels there are."""
    transposed: bool = False
    output_padding: int = 0
    """Rows and columns that a transposed convolution adds at the lower and right edge."""

    @property
    def side(self) -> tuple[int, int]:
        """Rows and columns of its kernels."""
        kernel = self.kernels[0][0]
        return len(kernel), len(kernel[0])

    def groups_for(self, channels: int) -> int:
        """Into how many groups so many channels are put."""
        return self.groups or channels

    def weights(self, channels: int) -> np.ndarray:
        """What torch is given for so many channels, 4-D float32."""
        weights = np.asarray(self.kernels, np.float32)
        return weights if self.groups else np.repeat(weights, channels, 0)

    def biases(self, channels: int) -> np.ndarray | None:
        """One float32 per output; None where there are none."""
        if not self.bias:
            return None
        outputs = self._outputs(channels)
        return np.asarray(self.bias if len(self.bias) > 1 else self.bias * outputs, np.float32)

    @override
    def problems(self, shape: Shape) -> Iterator[SettingProblem]:
        found = [*Operation.problems(self, shape), *self._wrong_kernels(), *self._wrong_channels(shape)]
        yield from found or self._wrong_sizes(shape)

    def _wrong_kernels(self) -> Iterator[SettingProblem]:
        kernels = [kernel for per_output in self.kernels for kernel in per_output]
        sides = {(len(kernel), len(row)) for kernel in kernels for row in kernel}
        if not kernels or len({len(per_output) for per_output in self.kernels}) > 1 or len(sides) != 1:
            yield SettingProblem("kernels", "Every row of the kernel needs as many numbers as the others.")
            return
        if not all(1 <= length <= MAX_SIDE for length in next(iter(sides))):
            yield SettingProblem("kernels", f"A kernel has from 1 to {MAX_SIDE} rows and columns.")
        values = [value for kernel in kernels for row in kernel for value in row]
        if not all(abs(value) <= MAX_WEIGHT for value in values):  # also false for what is no number
            yield SettingProblem("kernels", f"Numbers in a kernel lie between -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}.")
        if not all(abs(value) <= MAX_WEIGHT for value in self.bias):
            yield SettingProblem("bias", f"The bias lies between -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}.")

    def _wrong_channels(self, shape: Shape) -> Iterator[SettingProblem]:
        channels, first, second = shape.channels, len(self.kernels), len(self.kernels[0]) if self.kernels else 0
        if self.groups <= 0:
            if (first, second) != (1, 1):
                yield SettingProblem(
                    "groups", "Over every channel alone there is one kernel; choose a number of groups."
                )
        elif channels % self.groups:
            sentence = f"{counted(channels, 'channel')} cannot be put into {counted(self.groups, 'equal group')}."
            yield SettingProblem("groups", sentence)
        elif (first != channels) if self.transposed else (second != channels // self.groups):
            needs = first if self.transposed else second * self.groups
            sentence = f"These kernels are made for {counted(needs, 'channel')}, and not for {channels}."
            yield SettingProblem("kernels", sentence)
        elif not self.transposed and first % self.groups:
            sentence = f"{counted(first, 'kernel')} cannot be put into {counted(self.groups, 'equal group')}."
            yield SettingProblem("groups", sentence)
        outputs = self._outputs(channels)
        if outputs > MAX_CHANNELS:
            yield SettingProblem("kernels", f"A result has at most {counted(MAX_CHANNELS, 'channel')}.")
        if len(self.bias) not in (0, 1, outputs):
            yield SettingProblem(
                "bias", f"There is one bias for all outputs, or one for each, which is {outputs} here."
            )

    def _wrong_sizes(self, shape: Shape) -> Iterator[SettingProblem]:
        sides = (shape.height, shape.width)
        if self.transposed and self.padding_mode != "zeros":
            yield SettingProblem("padding_mode", "PyTorch's transposed convolution knows zeros only.")
        if not self.transposed and self.output_padding:
            yield SettingProblem("output_padding", "Only a transposed convolution has an output padding.")
        if self.transposed and self.output_padding >= max(self.stride, self.dilation):
            sentence = "The output padding must be smaller than the stride or the dilation."
            yield SettingProblem("output_padding", sentence)
        most = {"reflect": min(sides) - 1, "circular": min(sides)}.get(self.padding_mode, self.padding)
        if not self.transposed and self.padding > most:
            sentence = f"With {self.padding_mode} the padding is at most {most} for {sides[0]} × {sides[1]} px."
            yield SettingProblem("padding", sentence)
        for axis in self._axes(shape):
            if reason := axis.why_impossible():
                yield SettingProblem("padding" if self.transposed else "kernels", reason)
                return

    @override
    def after(self, shape: Shape) -> Shape:
        height, width = (axis.count() for axis in self._axes(shape))
        return Shape(shape.pictures, self._outputs(shape.channels), height, width)

    @override
    def field(self, field: Field, shape: Shape) -> Field:
        stride, dilation = (self.stride, self.stride), (self.dilation, self.dilation)
        return (field.spread if self.transposed else field.widened)(self.side, stride, dilation)

    @override
    def sources(self, places: np.ndarray, axis: int, shape: Shape) -> np.ndarray:
        offsets = self.dilation * np.arange(self.side[axis])
        if not self.transposed:
            return places[:, None] * self.stride - self.padding + offsets
        stamped = places[:, None] + self.padding - offsets
        return stamped[stamped % self.stride == 0] // self.stride

    @override
    def parameters(self, shape: Shape) -> int:
        biases = self.biases(shape.channels)
        return int(self.weights(shape.channels).size) + (0 if biases is None else len(biases))

    @override
    def multiplications(self, shape: Shape) -> int:
        after = shape if self.transposed else self.after(shape)
        per_value = int(self.weights(shape.channels)[0].size)
        return per_value * after.channels * after.height * after.width

    @override
    def formulas(self, shape: Shape) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filled_in(axis) for axis in self._axes(shape)))

    @override
    def code(self, shape: Shape) -> str:
        channels = shape.channels
        weights = f"torch.tensor({numbers(self.kernels)})"
        if not self.groups and channels > 1:
            weights += f".repeat({channels}, 1, 1, 1)"
        biases = self.biases(channels)
        bias = "" if biases is None else f", bias=torch.tensor({numbers(tuple(biases.tolist()))})"
        padded = bool(self.padding) and self.padding_mode != "zeros"
        p = self.padding
        given = f"F.pad(x, ({p}, {p}, {p}, {p}), mode={self.padding_mode!r})".replace("'", '"') if padded else "x"
        rest = settings(
            stride=(self.stride, 1),
            padding=(0 if padded else p, 0),
            output_padding=(self.output_padding, 0),
            dilation=(self.dilation, 1),
            groups=(self.groups_for(channels), 1),
        )
        function = "conv_transpose2d" if self.transposed else "conv2d"
        return f"y = F.{function}({given}, {weights}{bias}{rest})"

    def _outputs(self, channels: int) -> int:
        if not self.groups:
            return channels
        return len(self.kernels[0]) * self.groups if self.transposed and self.kernels else len(self.kernels)

    def _axes(self, shape: Shape) -> tuple[Axis, Axis]:
        def along(size: int, kernel: int) -> Axis:
            return Axis(
                kind="transposed" if self.transposed else "convolution",
                size=size,
                kernel=kernel,
                stride=self.stride,
                padding=self.padding,
                dilation=self.dilation,
                output_padding=self.output_padding,
            )

        rows, columns = self.side
        return along(shape.height, rows), along(shape.width, columns)


class Further(TypedDict, total=False):
    """Settings of a ``Convolution`` beside its kernels and groups."""

    bias: tuple[float, ...]
    stride: int
    padding: int
    padding_mode: PaddingMode
    dilation: int
    transposed: bool
    output_padding: int


def each(kernel: Kernel, **rest: Unpack[Further]) -> Convolution:
    """The same kernel over every channel alone: grey pictures stay grey, coloured ones coloured."""
    return Convolution(kernels=((kernel,),), groups=0, **rest)


def mixed(kernel: Kernel, matrix: Sequence[Sequence[float]], groups: int = 1, **rest: Unpack[Further]) -> Convolution:
    """Channels into others: the kernel over each of them, weighted by a row of the matrix, and summed up.

    Args:
        kernel: the one that all share.
        matrix: outputs × channels per group; of a transposed convolution channels × outputs per group.
        groups: into which channels and outputs are put, in their order.
        rest: further settings of ``Convolution``.
    """
    kernels = tuple(  # and 0.0, which makes 0 of the -0.0 that nobody types
        tuple(tuple(tuple(weight * value + 0.0 for value in values) for values in kernel) for weight in row)
        for row in matrix
    )
    return Convolution(kernels=kernels, groups=groups, **rest)


def summed(kernel: Kernel, mix: Sequence[float], **rest: Unpack[Further]) -> Convolution:
    """All channels into one, weighted by ``mix``, as each filter of a network does it."""
    return mixed(kernel, (mix,), **rest)


def mixing(matrix: Sequence[Sequence[float]], **rest: Unpack[Further]) -> Convolution:
    """A 1×1 convolution: every output is a weighted sum of the channels, place by place."""
    return mixed(((1.0,),), matrix, **rest)


def own_kernels(kernels: Sequence[Kernel], **rest: Unpack[Further]) -> Convolution:
    """Depthwise: every channel alone with a kernel of its own. With a ``mixing`` behind it, depthwise separable."""
    return Convolution(kernels=tuple((kernel,) for kernel in kernels), groups=len(kernels), **rest)
