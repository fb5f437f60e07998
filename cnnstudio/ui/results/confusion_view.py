"""The confusion matrix, painted: rows are true classes, columns what the network said."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import plain

_MIN_CELL, _MAX_CELL = 4, 46
_LABELLED = 12
"""Pixels of a cell from which on the classes' names fit beside them."""
_MAX_LABEL = 120
_CORNER = 76
"""Pixels for the words at the corner."""


class ConfusionView(QtWidgets.QWidget):
    """Green on the diagonal is right, orange off it is wrong; arrows move, Enter chooses."""

    cell_chosen = QtCore.Signal(int, int)
    """True class, predicted class."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion_matrix")
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self._classes: tuple[str, ...] = ()
        self._matrix: tuple[tuple[int, ...], ...] = ()
        self._cell = (0, 0)
        theme.notifier().changed.connect(self.update)

    @property
    def cell(self) -> tuple[int, int]:
        """Row and column of the marked cell."""
        return self._cell

    def show_matrix(self, classes: tuple[str, ...], matrix: tuple[tuple[int, ...], ...]) -> None:
        """Replace what is shown."""
        self._classes, self._matrix, self._cell = classes, matrix, (0, 0)
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sentence(self, row: int, column: int) -> str:
        """A cell in plain words."""
        count, total = self._matrix[row][column], sum(self._matrix[row])
        true, said = self._classes[row], self._classes[column]
        if row == column:
            return f"Recognised: {count:,} of {counted(total, 'picture')} of {true}."
        return f"Predicted as {said}: {count:,} of {counted(total, 'picture')} of {true}."

    @override
    def sizeHint(self) -> QtCore.QSize:
        side = self._cell_side()
        cells = side * len(self._classes)
        return QtCore.QSize(self._label_width() + cells + 4, self._label_width() + cells + 4)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self.setFixedHeight(self.sizeHint().height())

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        colours, side = theme.current(), self._cell_side()
        for row, counts in enumerate(self._matrix):
            total = sum(counts) or 1
            for column, count in enumerate(counts):
                self._paint_cell(painter, self.cell_rect(row, column), count, count / total, right=row == column)
        painter.setPen(QtGui.QColor(colours.text))
        if side >= _LABELLED:
            self._paint_labels(painter)
        painter.setPen(QtGui.QColor(colours.muted))
        left = self._label_width()
        painter.drawText(QtCore.QRectF(0, 0, left - 6, 40), QtCore.Qt.AlignmentFlag.AlignRight, "Predicted →\nActual ↓")
        if self.hasFocus() and self._classes:
            painter.setPen(QtGui.QColor(colours.accent))
            painter.drawRoundedRect(self.cell_rect(*self._cell).adjusted(-1, -1, 1, 1), 4, 4)

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        if cell is not None:
            self._choose(*cell)

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        cell = self._cell_at(event.position().toPoint())
        if cell is not None:
            QtWidgets.QToolTip.showText(event.globalPosition().toPoint(), plain(self.sentence(*cell)), self)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtCore.Qt.Key
        moves = {
            keys.Key_Left: (0, -1), keys.Key_Right: (0, 1), keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0),
        }  # fmt: skip
        last = len(self._classes) - 1
        move = moves.get(QtCore.Qt.Key(event.key()))
        if move is not None and last >= 0:
            self._cell = (min(last, max(0, self._cell[0] + move[0])), min(last, max(0, self._cell[1] + move[1])))
            self.setAccessibleDescription(self.sentence(*self._cell))
            self.update()
        elif event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter, QtCore.Qt.Key.Key_Space) and last >= 0:
            self._choose(*self._cell)
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int, column: int) -> None:
        self._cell = (row, column)
        self.update()
        self.cell_chosen.emit(row, column)

    def _paint_cell(
        self, painter: QtGui.QPainter, rect: QtCore.QRectF, count: int, share: float, *, right: bool
    ) -> None:
        colours = theme.current()
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(colours.surface_alt))
        painter.drawRoundedRect(rect, 4, 4)
        if count:
            fill = QtGui.QColor(colours.series[2] if right else colours.series[1])
            fill.setAlphaF(0.12 + 0.68 * share)
            painter.setBrush(fill)
            painter.drawRoundedRect(rect, 4, 4)
        if count and rect.width() >= 20:
            painter.setPen(QtGui.QColor(colours.text))
            painter.drawText(rect, QtCore.Qt.AlignmentFlag.AlignCenter, str(count))

    def _paint_labels(self, painter: QtGui.QPainter) -> None:
        metrics, left, side = painter.fontMetrics(), self._label_width(), self._cell_side()
        for index, name in enumerate(self._classes):
            text = metrics.elidedText(name, QtCore.Qt.TextElideMode.ElideRight, left - 12)
            painter.drawText(
                QtCore.QRectF(0, left + index * side, left - 8, side),
                int(QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignRight),
                text,
            )
            painter.save()
            painter.translate(left + index * side + side / 2, left - 8)
            painter.rotate(-90)
            painter.drawText(
                QtCore.QRectF(0, -side / 2, left - 12, side),
                int(QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignLeft),
                text,
            )
            painter.restore()

    def cell_rect(self, row: int, column: int) -> QtCore.QRectF:
        """Where a cell lies."""
        left, side = self._label_width(), self._cell_side()
        gap = 2 if side >= 14 else 1
        return QtCore.QRectF(left + column * side, left + row * side, side - gap, side - gap)

    def _cell_at(self, point: QtCore.QPoint) -> tuple[int, int] | None:
        left, side, count = self._label_width(), self._cell_side(), len(self._classes)
        column, row = (point.x() - left) // side, (point.y() - left) // side
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    def _cell_side(self) -> int:
        return max(_MIN_CELL, min(_MAX_CELL, self._side_beside(self._label_width())))

    def _side_beside(self, labels: int) -> int:
        return (self.width() - labels - 4) // max(1, len(self._classes))

    def _label_width(self) -> int:
        """Small cells have no names beside them, so what these would take is theirs."""
        widest = self._widest_label()
        return widest if self._side_beside(widest) >= _LABELLED else _CORNER

    def _widest_label(self) -> int:
        metrics = QtGui.QFontMetrics(theme.font("caption"))
        widest = max((metrics.horizontalAdvance(name) for name in self._classes), default=40)
        return max(_CORNER, min(_MAX_LABEL, widest + 14))
