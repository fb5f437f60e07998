"""A kernel as squares with its numbers: typed, or pulled up and down with the mouse."""

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.lab.operation.figures import figure, signed_colour, write_in
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role

_LARGEST = 44
_PULLED = 4.0
"""Pixels of the mouse to a step."""
_STEP, _FINE = 0.1, 0.01
_MOST = 1000.0


class KernelGrid(QtWidgets.QWidget):
    """Arrows go from square to square; a digit begins to type; + and − change a number by a tenth."""

    spoken_role = Role.Grouping

    edited = QtCore.Signal()
    """A person changed ``values``."""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._accessible = accessible
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setCursor(QtCore.Qt.CursorShape.SizeVerCursor)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setToolTip("Type a number, or pull a square up or down")
        self.values = np.zeros((3, 3), np.float32)
        """Rows×columns."""
        self._at = (0, 0)
        self._pulled: tuple[float, float] | None = None
        self.editor = QtWidgets.QLineEdit(self)
        self.editor.setObjectName(f"{name}_editor")
        self.editor.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.editor.hide()
        self.editor.editingFinished.connect(self._typed)
        self.editor.installEventFilter(self)
        self._tell()
        theme.notifier().changed.connect(self.update)

    def show_values(self, values: np.ndarray) -> None:
        """Show other numbers, rows×columns; nothing is told."""
        self.editor.hide()
        self.values = np.array(values, np.float32)
        self._at = (min(self._at[0], self.values.shape[0] - 1), min(self._at[1], self.values.shape[1] - 1))
        self.setFixedHeight(self._height(self.width()))
        self._tell()
        self.update()

    @property
    def at(self) -> tuple[int, int]:
        """Row and column that the keyboard is in."""
        return self._at

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(200, self._height(200))

    @override
    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(120, 24)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self.setFixedHeight(self._height(self.width()))

    # Painting -------------------------------------------------------------------------------------------------

    def _side(self, width: int) -> int:
        return max(16, min(_LARGEST, width // self.values.shape[1], 6 * _LARGEST // max(6, self.values.shape[0])))

    def _height(self, width: int) -> int:
        return self._side(width) * self.values.shape[0] + 2

    def cell(self, row: int, column: int) -> QtCore.QRectF:
        """Where a number stands."""
        side = self._side(self.width())
        left = (self.width() - side * self.values.shape[1]) // 2
        return QtCore.QRectF(left + column * side, 1 + row * side, side, side)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, colours = QtGui.QPainter(self), theme.current()
        largest = float(np.abs(self.values).max())
        letters = 5 if self._side(self.width()) >= 36 else 4
        for row, column in np.ndindex(*self.values.shape):
            place, value = self.cell(row, column), float(self.values[row, column])
            ground = signed_colour(value, largest)
            painter.fillRect(place, ground)
            painter.setPen(QtGui.QColor(colours.border))
            painter.drawRect(place)
            write_in(painter, place, figure(value, letters), ground)
        if self.hasFocus():
            here = self.cell(*self._at)
            for colour, inside in ((colours.text, 1), (colours.surface, 3)):  # one of them is seen on every number
                painter.setPen(QtGui.QPen(QtGui.QColor(colour), 2))
                painter.drawRect(here.adjusted(inside, inside, -inside, -inside))

    # Changing -------------------------------------------------------------------------------------------------

    def _go(self, row: int, column: int) -> None:
        rows, columns = self.values.shape
        self._at = (min(max(0, row), rows - 1), min(max(0, column), columns - 1))
        self._tell()
        self.update()

    def _set(self, value: float) -> None:
        value = min(_MOST, max(-_MOST, value))
        if value != float(self.values[self._at]):
            self.values = self.values.copy()  # who was given the last ones keeps them
            self.values[self._at] = value
            self._tell()
            self.update()
            self.edited.emit()

    def _tell(self) -> None:
        row, column = self._at
        self.setAccessibleName(
            f"{self._accessible}, row {row + 1}, column {column + 1}: {figure(float(self.values[self._at]))}"
        )

    def _edit(self, text: str) -> None:
        self.editor.setAccessibleName(f"Row {self._at[0] + 1}, column {self._at[1] + 1}")
        place = self.cell(*self._at).toRect()
        wide = max(place.width(), 56)
        left = min(max(0, place.center().x() - wide // 2), max(0, self.width() - wide))
        self.editor.setGeometry(left, place.center().y() - 16, wide, 32)
        self.editor.setText(text)
        self.editor.show()
        self.editor.setFocus()
        if not text:
            self.editor.setText(figure(float(self.values[self._at])).replace("−", "-"))
            self.editor.selectAll()

    def _typed(self) -> None:
        if not self.editor.isHidden():
            self.editor.hide()
            value = number_in(self.editor.text())
            if value is not None:
                self._set(value)
            self.setFocus()

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """In the field: Tab and the arrows up and down take the number and go on; Esc leaves it as it was."""
        if not isinstance(event, QtGui.QKeyEvent) or event.type() != QtCore.QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.editor.hide()
            self.setFocus()
            return True
        if event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter):
            self._typed()  # and not also the key that opens the field
            return True
        step = _AFTER.get(QtCore.Qt.Key(event.key()))
        if step is None:
            return super().eventFilter(watched, event)
        self._typed()
        row, column = self._at[0] + step[0], self._at[1] + step[1]
        if column >= self.values.shape[1] and row + 1 < self.values.shape[0]:
            row, column = row + 1, 0
        self._go(row, column)
        return True

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        step = _STEPS.get(QtCore.Qt.Key(event.key()))
        fine = event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier
        if step is not None:
            self._go(self._at[0] + step[0], self._at[1] + step[1])
        elif event.text() == "+":
            self._set(float(self.values[self._at]) + _STEP)
        elif event.key() in (QtCore.Qt.Key.Key_PageUp, QtCore.Qt.Key.Key_PageDown):
            up = 1 if event.key() == QtCore.Qt.Key.Key_PageUp else -1
            self._set(float(self.values[self._at]) + up * (_FINE if fine else _STEP))
        elif event.key() in (QtCore.Qt.Key.Key_Delete, QtCore.Qt.Key.Key_Backspace):
            self._set(0.0)
        elif event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter, QtCore.Qt.Key.Key_F2):
            self._edit("")
        elif event.text() and event.text() in "0123456789-.,":
            self._edit(event.text())
        else:
            super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        place = event.position()
        for row, column in np.ndindex(*self.values.shape):
            if self.cell(row, column).contains(place):
                self._go(row, column)
                self._pulled = (place.y(), float(self.values[row, column]))

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._pulled is not None:
            start, before = self._pulled
            fine = event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier
            steps = int((start - event.position().y()) / _PULLED)
            self._set(round(before + steps * (_FINE if fine else _STEP), 4))

    @override
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        self._pulled = None

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        self._edit("")


def number_in(text: str) -> float | None:
    """What a person typed: 0,5 and 1/9 are numbers, too; None where it is none."""
    above, slash, below = text.strip().replace(",", ".").replace("−", "-").partition("/")
    try:
        value = float(above) / (float(below) if slash else 1.0)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if np.isfinite(value) else None


_STEPS = {
    QtCore.Qt.Key.Key_Left: (0, -1), QtCore.Qt.Key.Key_Right: (0, 1),
    QtCore.Qt.Key.Key_Up: (-1, 0), QtCore.Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
_AFTER = {
    QtCore.Qt.Key.Key_Tab: (0, 1), QtCore.Qt.Key.Key_Backtab: (0, -1),
    QtCore.Qt.Key.Key_Up: (-1, 0), QtCore.Qt.Key.Key_Down: (1, 0),
}  # fmt: skip
