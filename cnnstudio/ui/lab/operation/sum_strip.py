"""One output pixel as a sum: the pixels under the kernel, times its numbers, one product after the other."""

from dataclasses import dataclass

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.lab.operation.figures import figure, grey, signed_colour, write_in
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role

_GAP = 34
_TAIL = 168
_LABEL = 20
_NARROW = 620
_WORDS = 108
_LINE = 19.0
FRAME = "#ffcf33"


@dataclass(frozen=True, eq=False)
class Sum:
    """What stands in one output pixel, and where it comes from."""

    patch: np.ndarray
    """Rows×columns under the kernel."""
    around: np.ndarray
    """The same with one more pixel on each side, where there are some; NaN where the picture ends."""
    kernel: np.ndarray
    """Rows×columns; of pooling, how much each value counts."""
    kernel_words: str
    products: np.ndarray
    words: str
    """What their sum is called."""
    more: tuple[tuple[str, float], ...]
    """What is added to it, such as other channels and the bias."""
    value: float
    colour: QtGui.QColor
    """Of the output pixel, as it is drawn."""
    ends: tuple[float, float] = (0.0, 1.0)
    """The values that are black and white in the picture."""

    def grey(self, value: float) -> QtGui.QColor:
        """A value as the picture shows it."""
        low, high = self.ends
        return grey((value - low) / (high - low))


@dataclass(frozen=True, slots=True)
class _Layout:
    side: float
    """Of a square."""
    gap: float
    patch: QtCore.QRectF
    tail: QtCore.QRectF
    pixel: QtCore.QRectF


class SumStrip(QtWidgets.QWidget):
    """Patch, kernel, products, sum and output pixel from left to right."""

    spoken_role = Role.Graphic

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_sum")
        self.setMinimumHeight(theme.scaled(128))
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self._sum: Sum | None = None
        self._words = ""
        self._progress = 1.0
        theme.notifier().changed.connect(self.update)

    def show_sum(self, shown: Sum | None, words: str = "", progress: float = 1.0) -> None:
        """Show how a pixel is made, up to a share of its products; the words where there is none."""
        self._sum, self._words, self._progress = shown, words, progress
        self.setAccessibleName(words if shown is None else f"How this pixel is made: {self._spoken(shown)}")
        self.update()

    @property
    def shown(self) -> Sum | None:
        """What is shown."""
        return self._sum

    @property
    def so_far(self) -> int:
        """How many of the products are shown."""
        if self._sum is None:
            return 0
        count = self._sum.patch.size
        return count if self._progress >= 1 else min(count, int(self._progress * (count + 1)))

    def _spoken(self, shown: Sum) -> str:
        parts = [
            f"{shown.words} {figure(float(shown.products.sum()))}",
            *(f"{words} {figure(value)}" for words, value in shown.more),
        ]
        return f"{', '.join(parts)}; altogether {figure(shown.value)}."

    # Painting -------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, on=False)
        shown = self._sum
        if shown is None:
            painter.setPen(QtGui.QColor(theme.current().muted))
            flags = int(QtCore.Qt.AlignmentFlag.AlignCenter) | int(QtCore.Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(24, 8, -24, -8), flags, self._words)
            return
        layout = self._layout(shown)
        side, gap, place = layout.side, layout.gap, layout.patch
        self._paint_patch(painter, place, side, shown)
        self._say(painter, place, "Under the kernel" if place.width() + gap > _WORDS else "Values")
        rim = place.adjusted(0, 0, side / 2, 0)
        self._symbol(painter, rim, gap, "×")
        place = place.translated(rim.width() + gap, 0)
        self._paint_grid(painter, place, side, shown.kernel, shown.kernel.size)
        self._say(painter, place, shown.kernel_words)
        self._symbol(painter, place, gap, "=")
        place = place.translated(place.width() + gap, 0)
        self._paint_grid(painter, place, side, shown.products, self.so_far)
        self._say(painter, place, "Products")
        self._paint_tail(painter, layout, shown)

    def _layout(self, shown: Sum) -> _Layout:
        gap, tail = (_GAP, _TAIL) if self.width() > _NARROW else (_GAP * 0.65, _TAIL * 0.72)
        rows, columns = shown.patch.shape
        room = (self.width() - tail - 3 * gap) / (3 * columns + 2)  # the patch has a rim
        side = float(int(max(8.0, min((self.height() - _LABEL - 4) / (rows + 1), room, 46))))
        wide = side * (3 * columns + 1) + 3 * gap + tail
        left, top = (self.width() - wide) / 2 + side / 2, _LABEL + side / 2
        area = QtCore.QRectF(left + 3 * (columns * side + gap) + side / 2, 0, tail - gap, self.height())
        lines = 1 + (len(shown.more) if self._progress >= 1 else 0)
        pixel = 32.0 if area.width() < _WORDS else 44.0
        over = max(2.0, (area.height() - lines * _LINE - pixel - 12) / 2)
        return _Layout(
            side=side,
            gap=gap,
            patch=QtCore.QRectF(left, top, columns * side, rows * side),
            tail=area.adjusted(0, over, 0, 0),
            pixel=QtCore.QRectF(area.left(), over + lines * _LINE + 10, pixel, pixel),
        )

    def ends(self) -> tuple[QtCore.QRectF, QtCore.QRectF] | None:
        """Where the patch and the output pixel are drawn; None where there is no whole sum."""
        if self._sum is None or self._progress < 1:
            return None
        layout = self._layout(self._sum)
        return layout.patch, layout.pixel

    def _paint_patch(self, painter: QtGui.QPainter, place: QtCore.QRectF, side: float, shown: Sum) -> None:
        painter.save()
        rim = place.adjusted(-side / 2, -side / 2, side / 2, side / 2)
        painter.setClipRect(rim)
        for row, column in np.ndindex(*shown.around.shape):
            value = float(shown.around[row, column])
            if not np.isnan(value):
                cell = QtCore.QRectF(place.left() + (column - 1) * side, place.top() + (row - 1) * side, side, side)
                painter.fillRect(cell, shown.grey(value))
        veil = QtGui.QColor(theme.current().surface)
        veil.setAlpha(110)
        path = QtGui.QPainterPath()
        path.addRect(rim)
        path.addRect(place)
        painter.fillPath(path, veil)
        painter.restore()
        for row, column in np.ndindex(*shown.patch.shape):
            value = float(shown.patch[row, column])
            cell = QtCore.QRectF(place.left() + column * side, place.top() + row * side, side, side)
            write_in(painter, cell, figure(value, 4), shown.grey(value))
        self._frame(painter, place)
        if self.so_far < shown.patch.size:
            row, column = divmod(self.so_far, shown.patch.shape[1])
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 3))
            painter.drawRect(QtCore.QRectF(place.left() + column * side, place.top() + row * side, side, side))

    def _frame(self, painter: QtGui.QPainter, place: QtCore.QRectF) -> None:
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        for width, colour in ((5.0, QtGui.QColor(0, 0, 0, 200)), (3.0, QtGui.QColor(FRAME))):
            painter.setPen(QtGui.QPen(colour, width, j=QtCore.Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(place)

    def _paint_grid(
        self, painter: QtGui.QPainter, place: QtCore.QRectF, side: float, values: np.ndarray, count: int
    ) -> None:
        colours = theme.current()
        largest = float(np.abs(values).max())
        for number, (row, column) in enumerate(np.ndindex(*values.shape)):
            cell = QtCore.QRectF(place.left() + column * side, place.top() + row * side, side, side)
            value = float(values[row, column])
            ground = signed_colour(value if number < count else 0.0, largest)
            painter.fillRect(cell, ground)
            painter.setPen(QtGui.QColor(colours.border))
            painter.drawRect(cell)
            if number < count:
                write_in(painter, cell, figure(value, 4), ground)

    def _say(self, painter: QtGui.QPainter, place: QtCore.QRectF, words: str) -> None:
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(theme.current().muted))
        area = QtCore.QRectF(place.left() - _GAP / 2, 0, place.width() + _GAP, _LABEL - 2)
        painter.drawText(area, int(QtCore.Qt.AlignmentFlag.AlignHCenter), words)

    def _symbol(self, painter: QtGui.QPainter, place: QtCore.QRectF, gap: float, symbol: str) -> None:
        painter.setFont(theme.font("title"))
        painter.setPen(QtGui.QColor(theme.current().text))
        area = QtCore.QRectF(place.right(), place.top(), gap, place.height())
        painter.drawText(area, int(QtCore.Qt.AlignmentFlag.AlignCenter), symbol)

    def _paint_tail(self, painter: QtGui.QPainter, layout: _Layout, shown: Sum) -> None:
        """Sum, what is added, and the pixel that comes of it."""
        colours, done, area, cell = theme.current(), self._progress >= 1, layout.tail, layout.pixel
        made = float(shown.products.ravel()[: self.so_far].sum())
        lines = [(shown.words if done else "so far", made), *(shown.more if done else ())]
        painter.setFont(theme.font("caption"))
        for number, (words, value) in enumerate(lines):
            place = QtCore.QRectF(area.left(), area.top() + number * _LINE, area.width(), _LINE)
            painter.setPen(QtGui.QColor(colours.muted))
            painter.drawText(place, int(QtCore.Qt.AlignmentFlag.AlignLeft), words)
            painter.setPen(QtGui.QColor(colours.text))
            painter.drawText(place, int(QtCore.Qt.AlignmentFlag.AlignRight), figure(value, 6))
        rule = cell.top() - 8
        painter.setPen(QtGui.QColor(colours.outline))
        painter.drawLine(QtCore.QPointF(area.left(), rule), QtCore.QPointF(area.right(), rule))
        if done:
            painter.fillRect(cell, shown.colour)
            self._frame(painter, cell)
            painter.setPen(QtGui.QColor(colours.text))
            painter.setFont(theme.font("body" if area.width() < _WORDS else "heading"))
            beside = QtCore.QRectF(cell.right() + 8, cell.top(), area.right() - cell.right(), cell.height())
            painter.drawText(beside, int(QtCore.Qt.AlignmentFlag.AlignVCenter), f"= {figure(shown.value, 6)}")
