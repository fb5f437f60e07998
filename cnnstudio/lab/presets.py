"""Kernels that people know, for any odd side. No torch."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnstudio.lab.operation import Kernel

SIDES = (3, 5, 7)


@dataclass(frozen=True, slots=True)
class Preset:
    """A kernel by name."""

    name: str
    title: str
    sentence: str
    """What it does to a picture."""
    make: Callable[[int], np.ndarray]
    """From its side to side×side float64."""
    side: int = 3
    """At which it is known best."""


def kernel_of(name: str, side: int = 0) -> Kernel:
    """A preset's kernel; ``side`` 0 is the one it is known best at. Raises KeyError for an unknown name."""
    preset = _BY_NAME[name]
    return as_kernel(preset.make(side or preset.side))


def as_kernel(values: np.ndarray) -> Kernel:
    """Rows of plain numbers; 2-D only."""
    return tuple(tuple(float(value) for value in row) for row in values)


def gabor(
    side: int = 7, *, angle: float = 0.0, wavelength: float = 4.0, sigma: float = 2.0, phase: float = 0.0
) -> Kernel:
    """Stripes under a bell, as the first layers of trained networks grow them.

    Args:
        side: rows and columns.
        angle: in degrees; 0 answers to vertical lines, 90 to horizontal ones.
        wavelength: pixels from stripe to stripe, above 0.
        sigma: width of the bell in pixels, above 0.
        phase: in degrees; 0 answers to lines, 90 to edges.
    """
    return as_kernel(_gabor(side, math.radians(angle), wavelength, sigma, math.radians(phase)))


def _gabor(side: int, angle: float, wavelength: float, sigma: float, phase: float) -> np.ndarray:
    y, x = _offsets(side)
    along = x * math.cos(angle) + y * math.sin(angle)
    bell = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    values: np.ndarray = bell * np.cos(2 * math.pi * along / wavelength + phase)
    if side > 1:
        values -= bell * (values.sum() / bell.sum())  # an even surface gives 0
    return np.round(values, 4) + 0.0  # which makes 0 of -0


def _offsets(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns from the middle."""
    from_middle = np.arange(side) - (side - 1) / 2
    return np.repeat(from_middle[:, None], side, 1), np.repeat(from_middle[None], side, 0)


def _centre(side: int, centre: float, rest: float) -> np.ndarray:
    values = np.full((side, side), rest)
    values[side // 2, side // 2] = centre
    return values


def _emboss(side: int) -> np.ndarray:
    y, x = _offsets(side)
    values = y + x
    values[side // 2, side // 2] = 1
    return values


def _bell(side: int) -> np.ndarray:
    """Binomial numbers, which are a Gaussian's as nearly as whole numbers can be."""
    row = np.array([math.comb(side - 1, place) for place in range(side)], float)
    return np.outer(row, row) / 4 ** (side - 1)


PRESETS: tuple[Preset, ...] = (
    Preset("identity", "Identity", "Leaves the picture as it is.", lambda side: _centre(side, 1, 0)),
    Preset("sharpen", "Sharpen", "Makes more of what differs from its surroundings.",
           lambda side: _centre(side, side**2, -1)),
    Preset("horizontal-edge", "Horizontal edge", "Answers where brightness changes from top to bottom.",
           lambda side: _offsets(side)[0]),
    Preset("vertical-edge", "Vertical edge", "Answers where brightness changes from left to right.",
           lambda side: _offsets(side)[1]),
    Preset("laplacian", "Laplacian (outline)", "Answers to edges in every direction.",
           lambda side: _centre(side, side**2 - 1, -1)),
    Preset("emboss", "Emboss", "Looks as if light fell from a corner.", _emboss),
    Preset("box-blur", "Box blur", "The mean of the surroundings.", lambda side: np.full((side, side), 1 / side**2)),
    Preset("gaussian-blur", "Gaussian blur", "A mean in which what is near counts more.", _bell),
    Preset("gabor", "Gabor", "Stripes under a bell: answers to lines of one direction and width.",
           lambda side: _gabor(side, 0.0, 4.0, 2.0, 0.0), side=7),
)  # fmt: skip
_BY_NAME = {preset.name: preset for preset in PRESETS}
