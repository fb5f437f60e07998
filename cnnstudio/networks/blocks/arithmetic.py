"""Shapes, parameters, multiplications and receptive fields of parts, without building them. No torch.

Tests hold all of it against PyTorch's modules and ``anatomy``, which follows a picture through the built network.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from cnnstudio.networks.anatomy.field import Field, joined, window_count
from cnnstudio.networks.anatomy.layers import Reach
from cnnstudio.networks.blocks.parts import Chain, Dense, Layer, Part, Residual
from cnnstudio.networks.blocks.values import Shape

A_PIXEL = Field()


class NothingLeft(Exception):
    """A window does not fit into the maps that it is given."""

    def __init__(self, side: int, window: int) -> None:
        super().__init__(side, window)
        self.side, self.window = side, window
        """Of the maps, and of the window with its padding taken off; in values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What stands behind a block."""

    shape: Shape
    """C×H×W of maps, or D of a vector."""
    field: Field = A_PIXEL
    parameters: int = 0
    """Of this block alone."""
    multiplications: int = 0
    """Multiply-adds of this block alone, for one picture."""
    values: int = 0
    """That this block computes for one picture, all of which training has to remember."""

    @property
    def reach(self) -> Reach:
        """How much of the picture each value sees."""
        return self.field.reach

    @property
    def side(self) -> int:
        """Of the maps, in values; 1 for a vector."""
        return self.shape[1] if len(self.shape) == 3 else 1


def through(part: Part, before: Stand) -> Stand:
    """What stands behind a part, with the parameters, multiplications and values of this part added to those before.

    Raises:
        NothingLeft: a window is larger than the maps.
    """
    if isinstance(part, Layer):
        after = _RULES[part.make](part, before)
        return replace(after, values=before.values + math.prod(after.shape))
    if isinstance(part, Chain):
        for each in part.parts:
            before = through(each, before)
        return before
    if isinstance(part, Residual):
        main, shortcut = _each((part.main, part.shortcut), before)
        joined = _joined(before, (main, shortcut))
        return replace(joined, shape=main.shape, values=joined.values + 2 * math.prod(main.shape))
    if isinstance(part, Dense):
        for each in part.layers:
            (added,) = _each((each,), before)
            joined = _joined(before, (added,))
            shape = (before.shape[0] + added.shape[0], *before.shape[1:])
            before = replace(joined, shape=shape, values=joined.values + math.prod(shape))
        return before
    ends = _each(part.branches, before)
    joined = _joined(before, ends)
    shape = (sum(end.shape[0] for end in ends), *ends[0].shape[1:])
    return replace(joined, shape=shape, values=joined.values + math.prod(shape))


def _each(parts: tuple[Chain, ...], before: Stand) -> list[Stand]:
    """Each of them by itself, from the same maps."""
    start = replace(before, parameters=0, multiplications=0, values=0)
    return [through(part, start) for part in parts]


def _joined(before: Stand, ends: tuple[Stand, ...] | list[Stand]) -> Stand:
    """Their costs together, and the field of values that are computed from all of them."""
    return replace(
        before,
        field=joined([before.field, *(end.field for end in ends)]),
        parameters=before.parameters + sum(end.parameters for end in ends),
        multiplications=before.multiplications + sum(end.multiplications for end in ends),
        values=before.values + sum(end.values for end in ends),
    )


def _window(part: Layer, before: Stand, kernel: int, stride: int, channels: int) -> Stand:
    padding, dilation = part.option("padding", 0), part.option("dilation", 1)
    side = window_count(before.side, kernel, stride, padding, dilation)
    if side < 1:
        raise NothingLeft(before.side, dilation * (kernel - 1) + 1 - 2 * padding)
    return replace(
        before, shape=(channels, side, side), field=before.field.widened((kernel,) * 2, (stride,) * 2, (dilation,) * 2)
    )


def _convolution(part: Layer, before: Stand) -> Stand:
    inputs, channels, kernel = (int(value) for value in part.args)
    after = _window(part, before, kernel, part.option("stride", 1), channels)
    weights = channels * (inputs // part.option("groups", 1)) * kernel**2
    return _with_weights(after, weights, part.option("bias", 1) * channels, after.side**2)


def _linear(part: Layer, before: Stand) -> Stand:
    inputs, outputs = (int(value) for value in part.args)
    after = replace(before, shape=(outputs,))
    return _with_weights(after, inputs * outputs, part.option("bias", 1) * outputs)


def _with_weights(after: Stand, weights: int, biases: int, times: int = 1) -> Stand:
    """With parameters, of which the weights are used so many times."""
    return replace(
        after,
        parameters=after.parameters + weights + biases,
        multiplications=after.multiplications + weights * times,
    )


def _pooling(part: Layer, before: Stand) -> Stand:
    kernel, stride = (int(value) for value in part.args)
    return _window(part, before, kernel, stride, before.shape[0])


def _norm(part: Layer, before: Stand) -> Stand:
    return _with_weights(before, 0, 2 * int(part.args[0]))


def _squeeze(part: Layer, before: Stand) -> Stand:
    channels, reduction = (int(value) for value in part.args)
    after = _with_weights(before, 2 * channels * (channels // reduction), 0)
    return replace(after, field=replace(before.field, context=True))


def _spatial(part: Layer, before: Stand) -> Stand:
    kernel = int(part.args[0])
    after = replace(before, field=before.field.widened((kernel, kernel)))
    return _with_weights(after, 2 * kernel**2, 0, before.side**2)


def _averaged(_part: Layer, before: Stand) -> Stand:
    return replace(before, shape=(before.shape[0], 1, 1), field=replace(before.field, whole=True))


def _flat(_part: Layer, before: Stand) -> Stand:
    whole = before.field.whole or before.side > 1
    return replace(before, shape=(math.prod(before.shape),), field=replace(before.field, whole=whole))


def _unchanged(_part: Layer, before: Stand) -> Stand:
    return before


_SAME = (
    "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Hardswish", "Dropout", "Dropout2d",
)  # fmt: skip
_RULES: dict[str, Callable[[Layer, Stand], Stand]] = {
    "nn.Conv2d": _convolution,
    "nn.Linear": _linear,
    "nn.MaxPool2d": _pooling,
    "nn.AvgPool2d": _pooling,
    "StochasticPool2d": _pooling,
    "nn.BatchNorm2d": _norm,
    "nn.BatchNorm1d": _norm,
    "SqueezeExcitation": _squeeze,
    "SpatialAttention": _spatial,
    "nn.AdaptiveAvgPool2d": _averaged,
    "nn.Flatten": _flat,
    **{f"nn.{name}": _unchanged for name in _SAME},
}
