"""A row per class: how much of it is recognised now, and what twice as many pictures may bring."""

from collections.abc import Sequence

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, isolated
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import plain
from cnnstudio.understanding.outcomes import Curve
from cnnstudio.understanding.words import WHY_NOT

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
_CURVE = int(QtCore.Qt.ItemDataRole.UserRole)
_HEIGHT, _BAR, _NAME, _WORDS = 44, 8, 150, 210


class GrowthRows(QtWidgets.QListWidget):
    """Return or a double click on a class collects pictures of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("growth_rows")
        self.setAccessibleName("Classes, those first whose pictures would help most")
        self.setItemDelegate(_Painter())
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Replace the rows."""
        self.clear()
        for curve in curves:
            pictures = counted(curve.pictures, "picture")
            told = f"{isolated(curve.name)}, {pictures}: {ahead(curve)}"
            item = QtWidgets.QListWidgetItem(told)
            item.setData(_CURVE, curve)
            item.setToolTip(plain(told))
            self.addItem(item)
        if curves:
            self.setCurrentRow(0)

    def current(self) -> Curve | None:
        """The class that is chosen."""
        item = self.currentItem()
        return item.data(_CURVE) if item is not None else None


def ahead(curve: Curve) -> str:
    """Such as: now 62 %, then 63 to 68 %."""
    now = f"now {100 * curve.now:.0f} %"
    if curve.forecast is None:
        return f"{now}; {WHY_NOT[curve.why]}"
    low, high = (100 * end for end in curve.forecast)
    return f"{now}, with {curve.pictures:,} more {low:.0f} to {high:.0f} %"


class _Painter(QtWidgets.QStyledItemDelegate):
    """The name and how many, a bar for now, a paler one for what may come, and both in words."""

    @override
    def sizeHint(self, _option: QtWidgets.QStyleOptionViewItem, _index: Index) -> QtCore.QSize:
        return QtCore.QSize(200, theme.scaled(_HEIGHT))

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours, curve = theme.current(), index.data(_CURVE)
        area = option.rect.adjusted(theme.S, 2, -theme.S, -2)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(option.rect, QtGui.QColor(colours.selection))
        ink = colours.selection_text if chosen else colours.text
        left = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
        name = QtCore.QRect(area.left(), area.top(), theme.scaled(_NAME), area.height() // 2)
        painter.setFont(theme.font("body"))
        painter.setPen(QtGui.QColor(ink))
        painter.drawText(name, int(left), _fitted(painter, isolated(curve.name), name.width()))
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(ink if chosen else colours.muted))
        below = name.translated(0, area.height() // 2)
        painter.drawText(below, int(left), counted(curve.pictures, "picture"))
        words = QtCore.QRect(area.right() - theme.scaled(_WORDS), area.top(), theme.scaled(_WORDS), area.height())
        painter.setPen(QtGui.QColor(ink))
        painter.drawText(words, int(left) | int(QtCore.Qt.TextFlag.TextWordWrap), ahead(curve))
        bar = QtCore.QRectF(name.right() + theme.S, area.center().y() - _BAR / 2, 0, _BAR)
        bar.setRight(max(bar.left() + 1, words.left() - theme.M))
        _draw_bar(painter, bar, curve)
        painter.restore()


def _draw_bar(painter: QtGui.QPainter, bar: QtCore.QRectF, curve: Curve) -> None:
    colours = theme.current()
    painter.setPen(QtCore.Qt.PenStyle.NoPen)
    painter.setBrush(QtGui.QColor(colours.surface_alt))
    painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
    now = QtCore.QRectF(bar)
    now.setWidth(bar.width() * curve.now)
    painter.setBrush(QtGui.QColor(colours.series[0]))
    painter.drawRoundedRect(now, _BAR / 2, _BAR / 2)
    if curve.forecast is not None:
        low, high = (bar.left() + bar.width() * end for end in curve.forecast)
        middle = bar.center().y()
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.series[1]), 2))
        painter.drawLine(QtCore.QPointF(low, middle), QtCore.QPointF(high, middle))
        for end in (low, high):
            painter.drawLine(QtCore.QPointF(end, middle - _BAR), QtCore.QPointF(end, middle + _BAR))


def _fitted(painter: QtGui.QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, QtCore.Qt.TextElideMode.ElideMiddle, width)
