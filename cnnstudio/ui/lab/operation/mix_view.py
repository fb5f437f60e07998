"""The channels of picture and result as planes, and which of them are made of which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.lab import Applied, Convolution, Drawn, Operation
from cnnstudio.ui.lab.operation.channel_words import channel_names
from cnnstudio.ui.lab.operation.figures import figure, signed_colour
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import image_of

MOST = 12
"""Planes of one column."""
_SIDE = 120
_KERNEL = 26.0
_NAME = 74
_Links = list[tuple[int, int, np.ndarray | None]]
"""From a plane of one column to a plane of the next, with the kernel on the way; None where nothing is weighted."""


@dataclass(frozen=True, eq=False)
class _Column:
    planes: list[QtGui.QImage]
    names: list[str]
    more: int


class MixView(QtWidgets.QWidget):
    """A click on a plane of the result, or the arrows up and down, show what it is made of."""

    spoken_role = Role.Chart

    chosen = QtCore.Signal(int)
    """A channel of the result."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_mix_view")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 120)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self._columns: list[_Column] = []
        self._links: list[_Links] = []
        self._channel = 0
        theme.notifier().changed.connect(self.update)

    def show_stages(self, given: Drawn, stages: Sequence[tuple[Operation, Applied]], channel: int) -> None:
        """Show one operation, or the two of which one is made, and what ``channel`` of the result comes from."""
        drawn = [given, *(applied.drawn for _, applied in stages)]
        self._columns = [_column(each.channels[0]) for each in drawn]
        counts = [each.channels.shape[1] for each in drawn]
        self._links = [
            _links(operation, before, after)
            for (operation, _), before, after in zip(stages, counts[:-1], counts[1:], strict=True)
        ]
        self._channel = min(channel, counts[-1] - 1)
        self._tell()
        self.update()

    @property
    def links(self) -> Sequence[_Links]:
        """What is connected, from column to column."""
        return self._links

    def places(self) -> list[list[QtCore.QRectF]]:
        """Where the planes are, by column."""
        if not self._columns:
            return []
        wide = self.width() / len(self._columns)
        found = []
        for number, column in enumerate(self._columns):
            count = len(column.planes)
            side = min(_SIDE, (self.height() - 8) / count - 8, wide - _NAME - 20)
            left = wide * number + (0 if not number else (wide - side - _NAME) * number / (len(self._columns) - 1))
            top = (self.height() - count * (side + 8) + 8) / 2
            found.append([QtCore.QRectF(left + 4, top + row * (side + 8), side, side) for row in range(count)])
        return found

    # Painting -------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, colours, places = QtGui.QPainter(self), theme.current(), self.places()
        painter.setRenderHints(QtGui.QPainter.RenderHint.Antialiasing | QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        lit = self._lit()
        for number, links in enumerate(self._links):
            self._paint_links(painter, places[number], places[number + 1], links, lit[number + 1])
        for number, (column, rects) in enumerate(zip(self._columns, places, strict=True)):
            for row, (image, rect) in enumerate(zip(column.planes, rects, strict=True)):
                painter.drawImage(rect, image)
                chosen = number == len(self._columns) - 1 and row == self._channel
                painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
                edge = colours.accent if chosen else colours.text if row in lit[number] else colours.border
                painter.setPen(QtGui.QPen(QtGui.QColor(edge), 3 if chosen else 1.5 if row in lit[number] else 1))
                painter.drawRect(rect)
                self._paint_name(painter, rect, column, row)

    def _paint_name(self, painter: QtGui.QPainter, rect: QtCore.QRectF, column: _Column, row: int) -> None:
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(theme.current().muted))
        name = column.names[row]
        if column.more and row == len(column.planes) - 1:
            name = f"and {column.more} more"
        beside = QtCore.QRectF(rect.right() + 5, rect.top(), _NAME - 6, rect.height())
        painter.drawText(beside, int(QtCore.Qt.AlignmentFlag.AlignVCenter), name)

    def _paint_links(
        self, painter: QtGui.QPainter, before: list[QtCore.QRectF], after: list[QtCore.QRectF], links: _Links,
        lit: set[int],
    ) -> None:  # fmt: skip
        """Those of the channel that is looked at above the others, with their kernels."""
        colours = theme.current()
        largest = max((float(np.abs(kernel).sum()) for *_, kernel in links if kernel is not None), default=1.0) or 1.0
        for strong in (False, True):
            for start, end, kernel in links:
                if (end in lit) is not strong or start >= len(before) or end >= len(after):
                    continue
                total = float(kernel.sum()) if kernel is not None else 0.0
                amount = float(np.abs(kernel).sum()) / largest if kernel is not None else 0.3
                hue = QtGui.QColor(colours.muted if abs(total) < 1e-6 else colours.series[1 if total > 0 else 0])
                hue.setAlpha(255 if strong else 60)
                painter.setPen(QtGui.QPen(hue, 1 + 4 * amount if amount else 0.5))
                path = _path(before[start], after[end])
                painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
                painter.drawPath(path)
                if strong and kernel is not None:
                    self._paint_kernel(painter, path.pointAtPercent(0.42), kernel)

    def _paint_kernel(self, painter: QtGui.QPainter, at: QtCore.QPointF, kernel: np.ndarray) -> None:
        colours = theme.current()
        if kernel.size == 1:
            box = QtCore.QRectF(at.x() - 20, at.y() - 9, 40, 18)
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.outline), 1))
            painter.setBrush(QtGui.QColor(colours.surface))
            painter.drawRoundedRect(box, 4, 4)
            painter.setFont(theme.font("caption"))
            painter.setPen(QtGui.QColor(colours.text))
            painter.drawText(box, int(QtCore.Qt.AlignmentFlag.AlignCenter), figure(float(kernel.item())))
            return
        box = QtCore.QRectF(at.x() - _KERNEL / 2, at.y() - _KERNEL / 2, _KERNEL, _KERNEL)
        high, wide = _KERNEL / kernel.shape[0], _KERNEL / kernel.shape[1]
        largest = float(np.abs(kernel).max())
        for row, column in np.ndindex(*kernel.shape):
            cell = QtCore.QRectF(box.left() + column * wide, box.top() + row * high, wide, high)
            painter.fillRect(cell, signed_colour(float(kernel[row, column]), largest))
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.outline), 1))
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _lit(self) -> list[set[int]]:
        """Of every column the planes that the chosen channel is made of."""
        lit = [{self._channel}]
        for links in reversed(self._links):
            lit.insert(0, {start for start, end, _ in links if end in lit[0]})
        return lit

    # Choosing -------------------------------------------------------------------------------------------------

    def _choose(self, channel: int) -> None:
        if self._columns and 0 <= channel < len(self._columns[-1].planes):
            self._channel = channel
            self._tell()
            self.update()
            self.chosen.emit(channel)

    def _tell(self) -> None:
        if self._columns:
            count = len(self._lit()[0])
            name = self._columns[-1].names[self._channel] if self._channel < MOST else str(self._channel + 1)
            self.setAccessibleName(f"Channels: {name} of the result is made of {count} of the picture's")

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        for row, rect in enumerate(self.places()[-1] if self._columns else ()):
            if rect.adjusted(0, -4, _NAME, 4).contains(event.position()):
                self._choose(row)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        step = {QtCore.Qt.Key.Key_Up: -1, QtCore.Qt.Key.Key_Down: 1}.get(QtCore.Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._channel + step)


def _column(channels: np.ndarray) -> _Column:
    """C×H×W uint8 as small pictures."""
    step = max(1, max(channels.shape[1:]) // _SIDE)
    small = channels[:MOST, ::step, ::step]
    planes = [image_of(np.repeat(plane[..., None], 3, -1)) for plane in small]
    return _Column(planes, channel_names(len(channels))[:MOST], max(0, len(channels) - MOST))


def _links(operation: Operation, before: int, after: int) -> _Links:
    if not isinstance(operation, Convolution):
        return [(channel, channel, None) for channel in range(min(before, after))]
    weights, groups = operation.weights(before), operation.groups_for(before)
    if operation.transposed:
        per_group = before // groups
        return [
            (channel, channel // per_group * weights.shape[1] + place, weights[channel, place])
            for channel, place in np.ndindex(weights.shape[0], weights.shape[1])
        ]
    outputs = weights.shape[0] // groups
    return [
        (output // outputs * weights.shape[1] + place, output, weights[output, place])
        for output, place in np.ndindex(weights.shape[0], weights.shape[1])
    ]


def _path(before: QtCore.QRectF, after: QtCore.QRectF) -> QtGui.QPainterPath:
    start = QtCore.QPointF(before.right() + _NAME - 6, before.center().y())
    end = QtCore.QPointF(after.left() - 4, after.center().y())
    bend = (end.x() - start.x()) / 2
    path = QtGui.QPainterPath(start)
    path.cubicTo(start + QtCore.QPointF(bend, 0), end - QtCore.QPointF(bend, 0), end)
    return path
