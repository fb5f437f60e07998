"""The sliding sum: one output value as the numbers under the kernel, their products and the sum. No torch.

Fast enough to be asked for at every step of a kernel that moves, without a job.
"""

import numpy as np

from cnnstudio.lab.convolution import Convolution, PaddingMode
from cnnstudio.lab.operation import Operation, Shape
from cnnstudio.lab.pooling import Pooling
from cnnstudio.lab.results import Slide

Place = tuple[int, int]


def sliding_sum(
    operation: Operation, planes: np.ndarray, channel: int, row: int, column: int, made: float | None = None
) -> Slide | None:
    """How one output value comes about.

    Args:
        operation: without problems for these planes.
        planes: what it is applied to: C×H×W float32.
        channel: of the output, as ``row`` and ``column`` are.
        row: from the top, from 0.
        column: from the left, from 0.
        made: the value that came out, which tells what stochastic pooling has drawn while training.

    Returns:
        None for an operation that slides nothing.

    Raises:
        IndexError: there is no such output value.
    """
    if not isinstance(operation, Convolution | Pooling):
        return None
    after = operation.after(Shape(1, *planes.shape))
    if not (0 <= channel < after.channels and 0 <= row < after.height and 0 <= column < after.width):
        raise IndexError((channel, row, column))
    place = (row, column)
    if isinstance(operation, Pooling):
        return _of_pooling(operation, planes, channel, place, made)
    return (_of_transposed if operation.transposed else _of_convolution)(operation, planes, channel, place)


def _of_convolution(operation: Convolution, planes: np.ndarray, channel: int, place: Place) -> Slide:
    weights = operation.weights(len(planes))
    outputs, per_group = weights.shape[:2]
    group = channel // (outputs // operation.groups_for(len(planes)))
    covered = tuple(range(group * per_group, (group + 1) * per_group))
    rows, columns = _under_window(operation, planes, place)
    values, outside = _under(planes[list(covered)], rows, columns, operation.padding_mode)
    return _summed(values, weights[channel], covered, (rows, columns), outside, _bias(operation, planes, channel))


def _of_transposed(operation: Convolution, planes: np.ndarray, channel: int, place: Place) -> Slide:
    """Each value stamps the kernel onto the output: here are the stamps that meet, by their place in the kernel."""
    weights = operation.weights(len(planes))
    channels, per_group = weights.shape[:2]
    group = channel // per_group
    size = channels // operation.groups_for(len(planes))
    covered = tuple(range(group * size, (group + 1) * size))
    rows, columns = (
        _stamps(start + operation.padding - operation.dilation * np.arange(side), operation.stride, extent)
        for start, side, extent in zip(place, operation.side, planes.shape[1:], strict=True)
    )
    absent = (rows < 0)[:, None] | (columns < 0)
    values = planes[list(covered)][:, np.maximum(rows, 0)[:, None], np.maximum(columns, 0)]
    values = np.where(absent, np.float32(0), values)
    own = weights[list(covered), channel % per_group]
    return _summed(values, own, covered, (rows, columns), absent, _bias(operation, planes, channel))


def _of_pooling(operation: Pooling, planes: np.ndarray, channel: int, place: Place, made: float | None) -> Slide:
    rows, columns = _under_window(operation, planes, place)
    values, outside = _under(planes[channel][None], rows, columns, "zeros")
    inside = ~outside[None]
    if operation.kind.endswith("max"):
        chosen = np.where(inside, values, -np.inf)
        weights = _only(int(chosen.argmax()), values.shape)
    elif operation.kind == "stochastic":
        values = np.maximum(values, 0)
        total = values.sum(dtype=np.float64)
        weights = (values / total if total else np.zeros_like(values)).astype(np.float32)
        if operation.training and made is not None:
            weights = _only(int(np.abs(values - np.float32(made)).argmin()), values.shape)
    else:
        counts = inside
        if operation.kind == "average" and operation.count_padding:  # but nothing beyond the padding
            height, width = (extent + operation.padding for extent in planes.shape[1:])
            counts = ((rows < height)[:, None] & (columns < width))[None]
        weights = (counts / counts.sum()).astype(np.float32)
    return _summed(values, weights, (channel,), (rows, columns), outside, 0.0)


def _under_window(operation: Operation, planes: np.ndarray, place: Place) -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns that a value comes from."""
    shape = Shape(1, *planes.shape)
    rows, columns = (operation.sources(np.array([start]), axis, shape).ravel() for axis, start in enumerate(place))
    return rows, columns


def _summed(
    values: np.ndarray,
    weights: np.ndarray,
    channels: tuple[int, ...],
    places: tuple[np.ndarray, np.ndarray],
    outside: np.ndarray,
    bias: float,
) -> Slide:
    products = values * weights
    return Slide(
        values=values,
        weights=weights,
        products=products,
        bias=bias,
        total=float(products.sum(dtype=np.float64)) + bias,
        channels=channels,
        rows=tuple(None if row == _NOWHERE else row for row in places[0].tolist()),
        columns=tuple(None if column == _NOWHERE else column for column in places[1].tolist()),
        in_padding=outside,
    )


_NOWHERE = -1_000_000


def _stamps(reached: np.ndarray, stride: int, extent: int) -> np.ndarray:
    """The value whose stamp has this place of the kernel here; nowhere where there is none."""
    fits = (reached % stride == 0) & (reached >= 0) & (reached < extent * stride)
    return np.where(fits, reached // stride, _NOWHERE)


def _bias(operation: Convolution, planes: np.ndarray, channel: int) -> float:
    biases = operation.biases(len(planes))
    return 0.0 if biases is None else float(biases[channel])


def _only(place: int, shape: tuple[int, ...]) -> np.ndarray:
    weights = np.zeros(shape, np.float32)
    weights.flat[place] = 1
    return weights


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
