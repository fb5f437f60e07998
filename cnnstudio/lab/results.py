"""What the Lab gives: plain values without torch."""

from dataclasses import dataclass

import numpy as np

from cnnstudio.lab.operation import SettingProblem, Shape
from cnnstudio.networks.anatomy.layers import Reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Values as pictures, with what black and white mean."""

    pictures: np.ndarray
    """N×h×w×3 uint8. Three channels are red, green and blue, one is grey, any other number a sheet of ``channels``."""
    channels: np.ndarray
    """N×C×H×W uint8: each channel alone, in grey."""
    low: float
    """The value that is black."""
    high: float
    """The value that is white."""
    signed: bool
    """Whether 0 is the grey in the middle."""
    below: float
    """Share of values that are less than ``low``, and black as well."""
    above: float
    """Share of values that are more than ``high``, and white as well."""
    sentence: str
    """All of this in words, for beside the picture."""

    def beside(self) -> np.ndarray:
        """The pictures of the batch beside each other, h×w×3 uint8."""
        gap = np.full((self.pictures.shape[1], 2, 3), 255, np.uint8)
        parts = [part for picture in self.pictures for part in (gap, picture)]
        return np.concatenate(parts[1:], 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Applied:
    """One operation and what it made."""

    planes: np.ndarray
    """N×C×H×W float32."""
    shape: Shape
    drawn: Drawn
    parameters: int
    """Of this operation alone."""
    multiplications: int
    """Multiply-adds of this operation for one picture."""
    reach: Reach
    """Receptive field of one value: in pixels of the picture that the chain began with."""
    formulas: tuple[str, ...]
    """The sizes with their formula filled in: one, or height and width."""
    code: str
    """The line of PyTorch that makes ``y`` of ``x``."""
    note: str = ""
    """What has to be known to read the picture, in a sentence."""
    curve: np.ndarray | None = None
    """2×n float32 of an activation: inputs and outputs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A chain of operations, as far as it can be computed."""

    given: Drawn
    """What it began with."""
    steps: tuple[Applied, ...]
    problems: tuple[SettingProblem, ...] = ()
    """Of the first operation that cannot be computed: what to say beside which of its fields."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slide:
    """How one output value comes about: the numbers under the kernel, times the kernel's, summed up."""

    values: np.ndarray
    """P×k×k float32: what lies under the kernel, of the P channels that it covers; padding as it is filled."""
    weights: np.ndarray
    """P×k×k float32: the kernel. Of pooling what each value counts: shares, or 1 for the chosen."""
    products: np.ndarray
    """P×k×k float32."""
    bias: float
    total: float
    """The sum of the products and the bias: the output."""
    channels: tuple[int, ...]
    """The P channels."""
    rows: tuple[int | None, ...]
    """Of the k rows of the kernel: where in the picture they lie, below 0 or beyond its height in the padding; None
    where a transposed convolution meets no value."""
    columns: tuple[int | None, ...]
    in_padding: np.ndarray
    """k×k bool: what lies beyond the edge."""
