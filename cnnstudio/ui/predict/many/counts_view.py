"""How many pictures were answered how: a bar for each class, the most frequent first."""

from collections.abc import Sequence
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, isolated
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
_ROW, _BAR, _NAMES = 28, 10, 0.34
_COUNT_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1


class Counts(QtCore.QAbstractListModel):
    """Names and counts."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[tuple[str, int]] = ()
        self.most = 1

    def show(self, rows: Sequence[tuple[str, int]]) -> None:
        """Other counts; rows that stay only change, so that nothing scrolls away under the mouse."""
        rows = tuple(rows)
        common = min(len(rows), len(self._rows))
        nowhere = QtCore.QModelIndex()
        if len(rows) > common:
            self.beginInsertRows(nowhere, common, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        elif len(self._rows) > common:
            self.beginRemoveRows(nowhere, common, len(self._rows) - 1)
            self._rows = rows
            self.endRemoveRows()
        self._rows = rows
        self.most = max((count for _, count in rows), default=1)
        if common:
            self.dataChanged.emit(self.index(0), self.index(common - 1))

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, count = self._rows[index.row()]
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return name
        if role == _COUNT_ROLE:
            return count
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            told = f"{isolated(name)}: {counted(count, 'picture')}"
            return plain(told) if role == QtCore.Qt.ItemDataRole.ToolTipRole else told
        return None


class CountsView(QtWidgets.QListView):
    """Only looked at: what is chosen means nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("folder_counts")
        self.setAccessibleName("Pictures for each answer")
        self.counts = Counts()
        self.setModel(self.counts)
        self.setItemDelegate(_CountPainter(self.counts))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(3 * theme.scaled(_ROW))
        theme.notifier().changed.connect(self.viewport().update)


class _CountPainter(QtWidgets.QStyledItemDelegate):
    def __init__(self, counts: Counts) -> None:
        super().__init__()
        self._counts = counts

    @override
    def sizeHint(self, option: QtWidgets.QStyleOptionViewItem, index: Index) -> QtCore.QSize:
        return QtCore.QSize(200, theme.scaled(_ROW))

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        area: QtCore.QRect = option.rect.adjusted(theme.S, 0, -theme.XS, 0)
        name, count = str(index.data()), int(index.data(_COUNT_ROLE))
        middle = QtCore.Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("body"))
        painter.setPen(QtGui.QColor(colours.text))
        figures = painter.fontMetrics().horizontalAdvance(f"{self._counts.most:,}") + theme.S
        names = int(_NAMES * area.width())
        words = QtCore.QRect(area.left(), area.top(), names - theme.S, area.height())
        shown = painter.fontMetrics().elidedText(isolated(name), QtCore.Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, int(middle | QtCore.Qt.AlignmentFlag.AlignLeft), shown)
        right = QtCore.QRect(area.right() - figures - theme.XS, area.top(), figures, area.height())
        painter.drawText(right, int(middle | QtCore.Qt.AlignmentFlag.AlignRight), f"{count:,}")
        full = area.width() - names - figures - theme.S
        bar = QtCore.QRectF(area.left() + names, area.center().y() - _BAR / 2, full * count / self._counts.most, _BAR)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(colours.accent))
        painter.drawRoundedRect(bar, 3, 3)
        painter.restore()
