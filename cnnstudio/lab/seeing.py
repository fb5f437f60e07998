"""Which places of the picture one value of a chain comes from. No torch."""

import math
from collections.abc import Sequence

import numpy as np

from cnnstudio.lab.convolution import Convolution
from cnnstudio.lab.operation import Operation, Shape, shapes_of
from cnnstudio.lab.pooling import Pooling

_TURNS = 48
"""Neighbouring values that are looked at: behind a transposed convolution they take turns in how far they see."""


def seen(operations: Sequence[Operation], shape: Shape, row: int, column: int) -> tuple[range, range]:
    """The rows and columns that a value of the last result comes from, as if the picture had no edges.

    What is below 0, or beyond the picture's height and width, lies in the padding. Nothing where the stride of a
    transposed convolution leaves a place that no value reaches.

    Args:
        operations: without problems.
        shape: of what the first of them is applied to.
        row: of the last result, from 0.
        column: of the last result, from 0.
    """
    rows, columns = (_places(operations, shape, axis, place) for axis, place in enumerate((row, column)))
    return _from_first_to_last(rows), _from_first_to_last(columns)


def _from_first_to_last(places: np.ndarray) -> range:
    return range(int(places[0]), int(places[-1]) + 1) if len(places) else range(0)


def widest(operations: Sequence[Operation], shape: Shape) -> tuple[int, int]:
    """Height and width of what the values of the last result see at most; some see less where a stride skips places."""
    after = (shape, *shapes_of(operations, shape))[-1]
    period = math.prod(each.stride for each in operations if isinstance(each, Convolution) and each.transposed)
    uneven = any(isinstance(each, Pooling) and each.output() for each in operations)
    turns = _TURNS if uneven else min(period, _TURNS)
    extents = []
    for axis, count in enumerate((after.height, after.width)):
        middle = range(max(0, count // 2 - turns // 2), count)[:turns]
        found = [_places(operations, shape, axis, place) for place in middle]
        extents.append(max((int(np.ptp(places)) + 1 for places in found if len(places)), default=1))
    return extents[0], extents[1]


def _places(operations: Sequence[Operation], shape: Shape, axis: int, place: int) -> np.ndarray:
    """Along one axis, in order, from the last result back to the picture."""
    before = (shape, *shapes_of(operations, shape))
    places = np.array([place])
    for operation, given in reversed(list(zip(operations, before, strict=False))):
        places = np.unique(operation.sources(places, axis, given))
    return places
