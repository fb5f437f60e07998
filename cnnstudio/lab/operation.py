"""What every operation of the Lab knows of itself, without torch: sizes, cost, code, and what keeps it from working."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cnnstudio.networks.anatomy.field import Field

Kernel = tuple[tuple[float, ...], ...]
"""Rows of numbers."""
MAX_CHAIN = 8
"""Operations one after the other."""
MAX_VALUES = 32_000_000
"""Of a result, all pictures together: 128 MB."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a batch of pictures, N×C×H×W."""

    pictures: int
    channels: int
    height: int
    width: int

    def in_words(self) -> str:
        """Of one picture, such as ``3 × 256 × 256``: channels, height, width."""
        return f"{self.channels} × {self.height} × {self.width}"


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Why a setting cannot work: a sentence to stand beside its field."""

    field: str
    """Name of the operation's attribute."""
    sentence: str
    step: int = 0
    """Place of the operation in its chain."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The range of a number that a person sets, both ends included."""

    low: float
    high: float
    title: str
    """As a sentence begins with it."""


class Operation(ABC):
    """One operation with its settings: a frozen dataclass of plain values, so that equal settings are equal.

    ``after`` and what follows may only be asked where ``problems`` has none.
    """

    __slots__ = ()
    limits: ClassVar[dict[str, Limit]] = {}
    """Of its numbers, by attribute: for the fields of a window and the checks alike."""

    def in_use(self) -> tuple[str, ...]:
        """Names of the settings that count, given the others; what is not among them is not looked at."""
        return tuple(self.limits)

    def problems(self, shape: Shape) -> Iterator[SettingProblem]:
        """What keeps it from being applied to pictures of this shape; nothing where it can be."""
        for name in self.in_use():
            if (limit := self.limits.get(name)) is None:
                continue
            value = getattr(self, name)
            if not (math.isfinite(value) and limit.low <= value <= limit.high):
                yield SettingProblem(name, f"{limit.title} must lie between {limit.low:,.10g} and {limit.high:,.10g}.")

    @abstractmethod
    def after(self, shape: Shape) -> Shape:
        """Of its result."""

    @abstractmethod
    def code(self, shape: Shape) -> str:
        """One line of PyTorch that makes ``y``, N×C×H×W float32, of ``x``."""

    def field(self, field: Field, shape: Shape) -> Field:
        """How far its values see, given how far those it is applied to do."""
        return field

    def sources(self, places: np.ndarray, axis: int, shape: Shape) -> np.ndarray:
        """Along height (axis 0) or width (1): the places that values at these places of the result come from.

        As if the pictures, of this shape, had no edges: some may lie beyond them.
        """
        return places

    def parameters(self, shape: Shape) -> int:
        """Numbers that training would learn."""
        return 0

    def multiplications(self, shape: Shape) -> int:
        """Multiply-adds for one picture, counted as for networks: those of convolutions."""
        return 0

    def formulas(self, shape: Shape) -> tuple[str, ...]:
        """How height and width come about, with the numbers put in; empty where they stay as they are."""
        return ()

    def note(self, least: float, shape: Shape) -> str:
        """What has to be known to read the result, given the lowest value it is applied to; empty if nothing."""
        return ""


def problems_of(operations: Sequence[Operation], shape: Shape) -> tuple[SettingProblem, ...]:
    """Why a chain cannot be computed: of the first operation that cannot be, or that there are too many."""
    return walked(operations, shape)[1]


def shapes_of(operations: Sequence[Operation], shape: Shape) -> tuple[Shape, ...]:
    """After each operation of a chain, as far as it can be computed."""
    return walked(operations, shape)[0]


def walked(operations: Sequence[Operation], shape: Shape) -> tuple[tuple[Shape, ...], tuple[SettingProblem, ...]]:
    """Both: the shapes as far as the chain can be computed, and why no further."""
    shapes: list[Shape] = []
    for step, operation in enumerate(operations):
        if step == MAX_CHAIN:
            return tuple(shapes), (SettingProblem("", f"A chain has at most {MAX_CHAIN} operations.", step),)
        found = tuple(replace(problem, step=step) for problem in operation.problems(shape))
        if found:
            return tuple(shapes), found
        shape = operation.after(shape)
        if shape.pictures * shape.channels * shape.height * shape.width > MAX_VALUES:
            sentence = f"The result would have {shape.in_words()} values: too large to be shown."
            return tuple(shapes), (SettingProblem("", sentence, step),)
        shapes.append(shape)
    return tuple(shapes), ()


def number(value: float) -> str:
    """A number as code, as short as it can be and still the same in float32."""
    short = str(np.float32(value))
    return short if np.float32(float(short)) == np.float32(value) else repr(float(value))


def numbers(values: object) -> str:
    """Nested tuples of numbers as nested lists in code."""
    if isinstance(values, tuple):
        return f"[{', '.join(map(numbers, values))}]"
    assert isinstance(values, int | float)
    return number(values)


def settings(**values: tuple[object, object]) -> str:
    """Keyword arguments in code, each a value and its default: what is not the default, behind a comma."""
    return "".join(f", {name}={value!r}" for name, (value, default) in values.items() if value != default)
