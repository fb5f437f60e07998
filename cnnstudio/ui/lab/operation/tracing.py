"""From an output pixel to what it is made of, and from an input pixel to the output pixel that lies above it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6 import QtCore, QtGui

from cnnstudio.lab import Applied, Drawn, Operation, Pooling, Slide, sliding_sum
from cnnstudio.ui.lab.operation.channel_words import channel_names
from cnnstudio.ui.lab.operation.sum_strip import Sum
from cnnstudio.ui.lab.operation.value_strip import Value

_LISTED = 3
_NUMPY = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""What NumPy calls the ways to pad."""


@dataclass(frozen=True, eq=False)
class Traced:
    """One operation with what it was applied to and what it made."""

    operation: Operation
    batch: np.ndarray
    """N×C×H×W float32."""
    given_drawn: Drawn
    applied: Applied

    @property
    def given(self) -> np.ndarray:
        """The first picture of the batch, C×H×W."""
        first: np.ndarray = self.batch[0]
        return first

    @property
    def outputs(self) -> int:
        """Channels of the result."""
        return self.applied.planes.shape[1]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the result."""
        return self.applied.planes.shape[2], self.applied.planes.shape[3]

    @cached_property
    def slides(self) -> bool:
        """Whether a value of the result is made of several, or of another place."""
        return sliding_sum(self.operation, self.given, 0, 0, 0) is not None

    def slide(self, picture: int, channel: int, row: int, column: int) -> Slide | None:
        """How a pixel of the result is made; None where nothing slides."""
        return sliding_sum(self.operation, self.batch[picture], channel, row, column)

    def value(self, picture: int, channel: int, row: int, column: int) -> Value:
        """What becomes of a value that goes through alone."""
        made = self.applied.planes
        own = min(channel, self.batch.shape[1] - 1)
        names = channel_names(self.outputs)
        height, width = self.batch.shape[2:]
        return Value(
            before=float(self.batch[picture, own, min(row, height - 1), min(column, width - 1)]),
            after=float(made[picture, channel, row, column]),
            curve=self.applied.curve,
            values=(self.batch[:, own], made[:, channel]),
            name=names[channel] if len(names) > 1 else "",
            note=self.applied.note,
        )

    def above(self, column: int, row: int) -> tuple[int, int]:
        """Column and row of the result that is made around a pixel of the input."""
        height, width = self.size
        stride = getattr(self.operation, "step", getattr(self.operation, "stride", 0))
        adaptive = isinstance(self.operation, Pooling) and self.operation.output() is not None
        if not stride or adaptive or getattr(self.operation, "transposed", False):
            given_height, given_width = self.given.shape[1:]
            made = (column + 0.5) * width / given_width, (row + 0.5) * height / given_height
            return _within(int(made[0]), width), _within(int(made[1]), height)
        padding, reach = getattr(self.operation, "padding", 0), self._span()
        column, row = (round((place + padding - (reach - 1) / 2) / stride) for place in (column, row))
        return _within(column, width), _within(row, height)

    def padded(self, picture: np.ndarray) -> tuple[np.ndarray, int]:
        """A drawn picture H×W×3 uint8 with what the padding adds, and how many pixels these are on each side.

        Only of one picture alone, and of an operation that pads.
        """
        margin = int(getattr(self.operation, "padding", 0))
        if not margin or len(self.batch) > 1 or getattr(self.operation, "transposed", False) or not self.slides:
            return picture, 0
        mode = _NUMPY[getattr(self.operation, "padding_mode", "zeros")]
        around = ((margin, margin), (margin, margin), (0, 0))
        if mode != "constant":
            return np.pad(picture, around, mode=mode), margin  # type: ignore[call-overload]
        low, high = self.given_drawn.low, self.given_drawn.high
        zero = min(255, max(0, round(255 * (0 - low) / (high - low))))
        return np.pad(picture, around, constant_values=zero), margin

    def _span(self) -> int:
        if isinstance(self.operation, Pooling):
            return self.operation.gap * (self.operation.kernel - 1) + 1
        side, dilation = getattr(self.operation, "side", (1, 1)), getattr(self.operation, "dilation", 1)
        return int(dilation) * (int(side[0]) - 1) + 1

    def colour(self, picture: int, channel: int, row: int, column: int) -> QtGui.QColor:
        """Of a pixel of the result, as it is drawn."""
        level = int(self.applied.drawn.channels[picture, channel, row, column])
        return QtGui.QColor(level, level, level)


def frame_of(slide: Slide) -> QtCore.QRectF | None:
    """What the kernel covers, in pixels of the input; None where it meets none."""
    rows = [row for row in slide.rows if row is not None]
    columns = [column for column in slide.columns if column is not None]
    if not rows or not columns:
        return None
    left, top = min(columns), min(rows)
    return QtCore.QRectF(left, top, max(columns) + 1 - left, max(rows) + 1 - top)


def sum_of(traced: Traced, slide: Slide, place: tuple[int, int, int, int], shown: int) -> Sum:
    """For the eye: the channel of the input that is ``shown``, and the others by their sums.

    ``place`` is picture, channel, row and column of the result.
    """
    value, total_of = slide.total, slide.products.sum(axis=(1, 2))
    shown = min(shown, len(slide.channels) - 1)
    names = channel_names(traced.given.shape[0])
    colour = traced.colour(*place)
    ends = traced.given_drawn.low, traced.given_drawn.high
    bias = (("bias", slide.bias),) if slide.bias else ()
    if slide.values.shape[1:] == (1, 1) and len(slide.channels) > 1:  # 1×1: the channels one below the other
        column = (slice(None), slice(0, 1), 0)
        return Sum(
            patch=slide.values[column], around=_no_rim(slide.values[column]), kernel=slide.weights[column],
            kernel_words="Weights", products=slide.products[column], words="sum", more=bias, value=value,
            colour=colour, ends=ends,
        )  # fmt: skip
    others = [(names[channel], float(total_of[number])) for number, channel in enumerate(slide.channels)]
    own = others.pop(shown)[0]
    rest = others[:_LISTED] if len(others) <= _LISTED else [("others", sum(value for _, value in others))]
    more = tuple((f"+ {name}", value) for name, value in rest) + tuple((f"+ {name}", value) for name, value in bias)
    return Sum(
        patch=slide.values[shown],
        around=_around(traced.batch[place[0]], slide, shown),
        kernel=slide.weights[shown],
        kernel_words="Counts" if isinstance(traced.operation, Pooling) else "Kernel",
        products=slide.products[shown],
        words=f"sum, {own}" if others else "sum",
        more=more,
        value=value,
        colour=colour,
        ends=ends,
    )


def _around(planes: np.ndarray, slide: Slide, shown: int) -> np.ndarray:
    """What is under the kernel, with one more pixel on each side, where the picture has some."""
    values = slide.values[shown]
    around = _no_rim(values)
    plane = planes[slide.channels[shown]]
    rows, columns = _stretched(slide.rows), _stretched(slide.columns)
    if rows is None or columns is None:
        return around
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            rim = i in (0, len(rows) - 1) or j in (0, len(columns) - 1)
            if rim and 0 <= row < plane.shape[0] and 0 <= column < plane.shape[1]:
                around[i, j] = plane[row, column]
    return around


def _no_rim(values: np.ndarray) -> np.ndarray:
    around = np.full((values.shape[0] + 2, values.shape[1] + 2), np.nan, np.float32)
    around[1:-1, 1:-1] = values
    return around


def _stretched(places: tuple[int | None, ...]) -> list[int] | None:
    """One step more at both ends."""
    known = [place for place in places if place is not None]
    if len(known) != len(places):
        return None
    step = known[1] - known[0] if len(known) > 1 else 1
    return [known[0] - step, *known, known[-1] + step]


def _within(place: int, count: int) -> int:
    return min(max(0, place), count - 1)
