"""What becomes of single values: the curve that they go through, or how they lie before and after."""

from dataclasses import dataclass

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.lab.operation.figures import figure
from cnnstudio.ui.lab.operation.sum_strip import FRAME
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role

_BINS = 48
_MOST = 30_000
_LABEL = 20
_NAMED = 190


@dataclass(frozen=True, eq=False)
class Value:
    """One value before and after, and what it went through."""

    before: float
    after: float
    curve: np.ndarray | None
    """2×n: inputs and outputs; None where no curve is the same for all of them."""
    values: tuple[np.ndarray, np.ndarray]
    """All of its channel, before and after."""
    name: str
    """Of the channel; empty where there is one."""
    note: str


class ValueStrip(QtWidgets.QWidget):
    """On the left the curve, or the values before; on the right the values after."""

    spoken_role = Role.Graphic

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_value")
        self.setMinimumHeight(theme.scaled(124))
        self._value: Value | None = None
        self._counts: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
        self._figures: tuple[str, str] = ("", "")
        theme.notifier().changed.connect(self.update)

    def show_value(self, value: Value) -> None:
        """Show one."""
        before = self._value
        self._value = value
        if before is None or before.values[0] is not value.values[0] or before.values[1] is not value.values[1]:
            few = [_some(values) for values in value.values]
            ends = (min(float(each.min()) for each in few), max(float(each.max()) for each in few))
            self._counts = tuple(np.histogram(each, _BINS, ends) for each in few)  # one axis, so that a move is seen
            self._figures = (_figures(few[0]), _figures(few[1]))
        told = f"{figure(value.before)} becomes {figure(value.after)}. Before: {self._figures[0]}; after: "
        self.setAccessibleName(told + f"{self._figures[1]}. {value.note}")
        self.update()

    @property
    def shown(self) -> Value | None:
        """What is shown."""
        return self._value

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        value = self._value
        if value is None:
            return
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        width, height = self.width(), self.height() - 22
        parts = 3 if value.curve is not None else 2
        gap = 28.0
        each = min(330.0, (width - (parts - 1) * gap) / parts)
        left = (width - parts * each - (parts - 1) * gap) / 2
        area = QtCore.QRectF(left, _LABEL, each, height - _LABEL - 18)
        name = f", {value.name}" if value.name and each > _NAMED else ""
        self._paint_bars(painter, area, 0, f"Before{name}", value.before)
        if value.curve is not None:
            area = area.translated(each + gap, 0)
            self._paint_curve(painter, area, value.curve, value)
        area = area.translated(each + gap, 0)
        self._paint_bars(painter, area, 1, f"After{name}", value.after)
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(theme.current().muted))
        note = QtCore.QRectF(0, self.height() - 20, width, 20)
        shown = painter.fontMetrics().elidedText(value.note, QtCore.Qt.TextElideMode.ElideRight, width)
        painter.drawText(note, int(QtCore.Qt.AlignmentFlag.AlignCenter), shown)

    def _paint_bars(self, painter: QtGui.QPainter, area: QtCore.QRectF, which: int, title: str, at: float) -> None:
        colours = theme.current()
        counts, edges = self._counts[which]
        self._say(painter, area, title, self._figures[which])
        most = float(np.sqrt(counts.max())) or 1.0
        wide = area.width() / len(counts)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(colours.series[5]))
        for number, count in enumerate(counts):
            tall = area.height() * float(np.sqrt(count)) / most  # a root, so that few are seen beside many
            painter.drawRect(QtCore.QRectF(area.left() + number * wide, area.bottom() - tall, max(1.0, wide - 1), tall))
        low, high = float(edges[0]), float(edges[-1])
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.outline), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if low < 0 < high:
            zero = area.left() - area.width() * low / (high - low)
            painter.drawLine(QtCore.QPointF(zero, area.top()), QtCore.QPointF(zero, area.bottom() + 4))
        if high > low and low <= at <= high:
            x = area.left() + area.width() * (at - low) / (high - low)
            _pin(painter, QtCore.QPointF(x, area.top()), QtCore.QPointF(x, area.bottom()))
        self._say_ends(painter, area, low, high)

    def _paint_curve(self, painter: QtGui.QPainter, area: QtCore.QRectF, curve: np.ndarray, value: Value) -> None:
        colours = theme.current()
        low, high = float(curve[0].min()), float(curve[0].max())
        floor, top = min(0.0, float(curve[1].min())), float(curve[1].max())

        def place(x: float, y: float) -> QtCore.QPointF:
            across, up = (x - low) / (high - low), (y - floor) / (top - floor or 1.0)
            return QtCore.QPointF(area.left() + area.width() * across, area.bottom() - area.height() * up)

        self._say(painter, area, "Curve", f"{figure(value.before)} → {figure(value.after)}")
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.outline), 1))
        if low <= 0 <= high:
            painter.drawLine(place(0, floor), place(0, top))
        painter.drawLine(place(low, 0), place(high, 0))
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2.5))
        painter.drawPolyline([place(float(x), float(y)) for x, y in curve.T])
        inside = min(max(low, value.before), high)
        dot = place(inside, min(max(floor, value.after), top))
        painter.setPen(QtGui.QPen(QtGui.QColor(0, 0, 0, 200), 1.5))
        painter.setBrush(QtGui.QColor(FRAME))
        painter.drawEllipse(dot, 6, 6)
        self._say_ends(painter, area, low, high)

    def _say(self, painter: QtGui.QPainter, area: QtCore.QRectF, title: str, figures: str) -> None:
        colours = theme.current()
        line = QtCore.QRectF(area.left(), 0, area.width(), _LABEL - 4)
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(colours.muted))
        painter.drawText(line, int(QtCore.Qt.AlignmentFlag.AlignLeft), title)
        painter.setPen(QtGui.QColor(colours.text))
        painter.drawText(line, int(QtCore.Qt.AlignmentFlag.AlignRight), figures)

    def _say_ends(self, painter: QtGui.QPainter, area: QtCore.QRectF, low: float, high: float) -> None:
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(theme.current().muted))
        below = QtCore.QRectF(area.left(), area.bottom() + 1, area.width(), 16)
        painter.drawText(below, int(QtCore.Qt.AlignmentFlag.AlignLeft), figure(low))
        painter.drawText(below, int(QtCore.Qt.AlignmentFlag.AlignRight), figure(high))


def _pin(painter: QtGui.QPainter, top: QtCore.QPointF, bottom: QtCore.QPointF) -> None:
    for width, colour in ((4.0, QtGui.QColor(0, 0, 0, 160)), (2.0, QtGui.QColor(FRAME))):
        painter.setPen(QtGui.QPen(colour, width))
        painter.drawLine(top, bottom)


def _some(values: np.ndarray) -> np.ndarray:
    flat = values.ravel()
    return flat[:: max(1, flat.size // _MOST)]


def _figures(values: np.ndarray) -> str:
    return f"mean {figure(float(values.mean()))} ± {figure(float(values.std()))}"
