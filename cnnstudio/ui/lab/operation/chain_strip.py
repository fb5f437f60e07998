"""The chain from left to right: each step with its picture, its size, what it costs and how far it sees."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme

_WIDTH, _HEIGHT, _PICTURE = 202, 68, 52
_IMAGE, _LINES, _BAD = (QtCore.Qt.ItemDataRole.UserRole + number for number in range(3))


@dataclass(frozen=True, slots=True)
class Link:
    """One step as it is shown."""

    title: str
    lines: tuple[str, ...]
    image: QtGui.QImage | None
    problem: str = ""


class ChainStrip(QtWidgets.QListWidget):
    """Arrows go from step to step, Delete removes one, Ctrl+arrows or a drag put it elsewhere."""

    picked = QtCore.Signal(int)
    removed = QtCore.Signal(int)
    shifted = QtCore.Signal(int, int)
    """A step, and the place it is to have."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_chain")
        self.setAccessibleName("Chain of operations")
        self.setFlow(QtWidgets.QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setFixedHeight(theme.scaled(_HEIGHT) + 20)  # with its scroll bar
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QtWidgets.QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(QtCore.Qt.DropAction.MoveAction)
        self.setItemDelegate(_Delegate(self))
        self.currentRowChanged.connect(lambda row: self.picked.emit(row) if row >= 0 else None)
        self.model().rowsMoved.connect(self._dragged)

    def show_links(self, links: Sequence[Link], current: int) -> None:
        """Show the chain; nothing is told."""
        with QtCore.QSignalBlocker(self):
            while self.count() > len(links):
                self.takeItem(self.count() - 1)
            while self.count() < len(links):
                self.addItem(QtWidgets.QListWidgetItem())
            for row, link in enumerate(links):
                item = self.item(row)
                item.setSizeHint(QtCore.QSize(theme.scaled(_WIDTH), theme.scaled(_HEIGHT)))
                item.setText(link.title)
                item.setData(_IMAGE, link.image)
                item.setData(_LINES, link.lines)
                item.setData(_BAD, link.problem)
                told = ". ".join((link.title, *(link.lines if not link.problem else (link.problem,))))
                item.setData(QtCore.Qt.ItemDataRole.AccessibleTextRole, told)
                item.setToolTip("\n".join((link.title, *link.lines, link.problem)).strip())
            self.setCurrentRow(current)
        self.viewport().update()

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        key, row = event.key(), self.currentRow()
        aside = {QtCore.Qt.Key.Key_Left: -1, QtCore.Qt.Key.Key_Right: 1}.get(QtCore.Qt.Key(key))
        if key in (QtCore.Qt.Key.Key_Delete, QtCore.Qt.Key.Key_Backspace):
            self.removed.emit(row)
        elif aside is not None and event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            self.shifted.emit(row, row + aside)
        else:
            super().keyPressEvent(event)

    def _dragged(self, _: QtCore.QModelIndex, start: int, __: int, ___: QtCore.QModelIndex, to: int) -> None:
        self.shifted.emit(start, to - 1 if to > start else to)


class _Delegate(QtWidgets.QStyledItemDelegate):
    @override
    def paint(
        self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem,
        index: QtCore.QModelIndex | QtCore.QPersistentModelIndex,
    ) -> None:  # fmt: skip
        colours, place = theme.current(), QtCore.QRectF(option.rect).adjusted(3, 3, -15, -3)
        chosen = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        problem = index.data(_BAD)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        edge = colours.bad if problem else colours.accent if chosen else colours.border
        painter.setPen(QtGui.QPen(QtGui.QColor(edge), 2 if chosen or problem else 1))
        painter.setBrush(QtGui.QColor(colours.accent_soft if chosen else colours.surface))
        painter.drawRoundedRect(place, 8, 8)
        left = place.left() + 6
        image = index.data(_IMAGE)
        if isinstance(image, QtGui.QImage) and not image.isNull():
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
            size = QtCore.QSizeF(image.size()).scaled(_PICTURE, _PICTURE, QtCore.Qt.AspectRatioMode.KeepAspectRatio)
            box = QtCore.QRectF(left, place.center().y() - size.height() / 2, size.width(), size.height())
            painter.drawImage(box, image)
        words = QtCore.QRectF(left + _PICTURE + 6, place.top() + 3, place.right() - left - _PICTURE - 10, 16)
        painter.setFont(theme.font("caption"))
        bold = painter.font()
        bold.setBold(True)
        lines = (problem,) if problem else index.data(_LINES) or ()
        for number, text in enumerate((index.data(), *lines)):
            painter.setFont(bold if not number else theme.font("caption"))
            painter.setPen(QtGui.QColor(colours.text if not number else colours.bad if problem else colours.muted))
            shown = painter.fontMetrics().elidedText(text, QtCore.Qt.TextElideMode.ElideRight, round(words.width()))
            painter.drawText(words.translated(0, 15 * number), int(QtCore.Qt.AlignmentFlag.AlignVCenter), shown)
        if index.row() < index.model().rowCount() - 1:
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.outline), 2))
            middle = place.center().y()
            tip = QtCore.QPointF(place.right() + 12, middle)
            painter.drawLine(QtCore.QPointF(place.right() + 3, middle), tip)
            painter.drawLine(tip, tip + QtCore.QPointF(-4, -4))
            painter.drawLine(tip, tip + QtCore.QPointF(-4, 4))
        painter.restore()
