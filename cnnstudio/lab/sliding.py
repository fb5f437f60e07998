"""The sliding sum: one output value as the numbers under the kernel, their products and the sum. No torch.

Fast enough to be asked for at every step of a kernel that moves, without a job.
"""

import numpy as np

from cnnstudio.lab.convolution import Convolution, PaddingMode
from cnnstudio.lab.operation import Operation
from cnnstudio.lab.results import Slide


def sliding_sum(operation: Operation, planes: np.ndarray, channel: int, row: int, column: int) -> Slide | None:
    """How the value at ``row`` and ``column`` of an output channel comes about.

    Args:
        operation: a convolution or pooling without problems for these planes.
        planes: what it is applied to: C×H×W float32.
        channel: of the output, as ``row`` and ``column`` are.
        row: from the top, from 0.
        column: from the left, from 0.

    Returns:
        None for an operation that slides nothing.

    Raises:
        IndexError: there is no such output value.
    """
    if isinstance(operation, Convolution) and not operation.transposed:
        return _of_convolution(operation, planes, channel, row, column)
    return None


def _of_convolution(operation: Convolution, planes: np.ndarray, channel: int, row: int, column: int) -> Slide:
    weights = operation.weights(len(planes))
    outputs, per_group = weights.shape[:2]
    group = channel // (outputs // operation.groups_for(len(planes)))
    covered = tuple(range(group * per_group, (group + 1) * per_group))
    places = [
        start * operation.stride - operation.padding + operation.dilation * np.arange(side)
        for start, side in zip((row, column), operation.side, strict=True)
    ]
    values, outside = _under(planes[list(covered)], places[0], places[1], operation.padding_mode)
    biases = operation.biases(len(planes))
    bias = 0.0 if biases is None else float(biases[channel])
    products = values * weights[channel]
    return Slide(
        values=values,
        weights=weights[channel],
        products=products,
        bias=bias,
        total=float(products.sum(dtype=np.float64)) + bias,
        channels=covered,
        rows=tuple(places[0].tolist()),
        columns=tuple(places[1].tolist()),
        in_padding=outside,
    )


def _under(
    planes: np.ndarray, rows: np.ndarray, columns: np.ndarray, mode: PaddingMode
) -> tuple[np.ndarray, np.ndarray]:
    """The values at these places, P×k×k, and which of the places lie beyond the edge, k×k."""
    height, width = planes.shape[1:]
    outside = ((rows < 0) | (rows >= height))[:, None] | ((columns < 0) | (columns >= width))
    values = planes[:, _inside(rows, height, mode)[:, None], _inside(columns, width, mode)]
    return (np.where(outside, np.float32(0), values) if mode == "zeros" else values), outside


def _inside(places: np.ndarray, size: int, mode: PaddingMode) -> np.ndarray:
    """Where padding takes its values from."""
    if mode == "circular":
        return places % size
    if mode == "reflect":
        turned = np.abs(places)
        return np.where(turned >= size, 2 * (size - 1) - turned, turned)
    return np.clip(places, 0, size - 1)
