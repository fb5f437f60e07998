"""How far a value of a layer sees, and how many values a window over it gives. No torch.

For convolution and pooling: ``r_out = r_in + (kernel - 1) · dilation · jump_in`` and ``jump_out = jump_in · stride``
(Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cnnstudio.networks.anatomy.layers import Reach

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Field:
    """Height and width in pixels, and pixels from one value to the next."""

    size: Pair = (1, 1)
    jump: Pair = (1, 1)
    whole: bool = False
    context: bool = False

    @property
    def reach(self) -> Reach:
        """As a value to show."""
        height, width = (round(side) for side in self.size)
        return Reach(height=height, width=width, stride=self.jump[0], whole=self.whole, context=self.context)

    def widened(self, kernel: Pair, stride: Pair = (1, 1), dilation: Pair = (1, 1)) -> "Field":
        """After a window over it."""
        size = [s + (k - 1) * d * j for s, k, d, j in zip(self.size, kernel, dilation, self.jump, strict=True)]
        jump = [j * s for j, s in zip(self.jump, stride, strict=True)]
        return replace(self, size=(size[0], size[1]), jump=(jump[0], jump[1]))

    def spread(self, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)) -> "Field":
        """After a transposed convolution: a value sees those whose stamps reach it, every ``stride``-th place."""
        size, jump = [], []
        for s, j, k, step, d in zip(self.size, self.jump, kernel, stride, dilation, strict=True):
            common = math.gcd(step, d)
            met = math.ceil(k * common / step)  # places of the kernel that fall on one value
            size.append(s + (met - 1) * (d // common) * j)
            jump.append(j / step)
        return replace(self, size=(size[0], size[1]), jump=(jump[0], jump[1]))

    def divided(self, before: tuple[int, int], after: tuple[int, int]) -> "Field":
        """After adaptive pooling from so many values to so many; the widest of its windows counts."""
        if tuple(after) == (1, 1):
            return replace(self, whole=True)
        kernel = [_widest(was, now) for was, now in zip(before, after, strict=True)]
        return self.widened((kernel[0], kernel[1]), (before[0] / after[0], before[1] / after[1]))


def joined(fields: Iterable[Field]) -> Field:
    """Of values that are computed from several."""
    first, *others = fields
    for other in others:
        if other is not first:
            size = (max(first.size[0], other.size[0]), max(first.size[1], other.size[1]))
            jump = (max(first.jump[0], other.jump[0]), max(first.jump[1], other.jump[1]))
            first = Field(size, jump, first.whole or other.whole, first.context or other.context)
    return first


def window_count(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Values that a convolution or pooling gives along one axis; 0 or less where its window does not fit."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def transposed_count(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """Values that a transposed convolution gives along one axis; 0 or less where nothing is left."""
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1


def _widest(before: int, after: int) -> int:
    """Of the windows of adaptive pooling: from ``floor(i · before / after)`` to ``ceil((i + 1) · before / after)``."""
    return max(-(-(i + 1) * before // after) - i * before // after for i in range(after))
