"""The most frequent mix-ups of many classes, as a table that can be sorted and searched."""

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.core.scores import MixUp
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.sorted_rows import Index, SortedRows
from cnnstudio.ui.widgets import plain, table

MIX_UP_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
LINES_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
"""Of the actual and of the predicted class."""
_GAP = 6
_ROW_HEIGHT = 42
NAMES, TIMES, SHARE = range(3)
_TITLES = ("Actual → predicted", "Times", "Of its pictures")


class MixUpRows(SortedRows):
    """Pairs of classes that were taken for each other."""

    def __init__(self) -> None:
        super().__init__(_TITLES, TIMES, QtCore.Qt.SortOrder.DescendingOrder)
        self._figures: Figures | None = None

    def show_figures(self, figures: Figures) -> None:
        """Replace the rows."""
        self._figures = figures
        self._fill()

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._figures is None:
            return None
        mix_up, column = self._rows[index.row()], index.column()
        if role == MIX_UP_ROLE:
            return mix_up
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            value = self._key(column)(mix_up)
            return f"{100 * value:.0f} %" if column == SHARE else f"{value:,}" if column == TIMES else " → ".join(value)
        if role == LINES_ROLE:
            return self._key(NAMES)(mix_up)
        if role == QtCore.Qt.ItemDataRole.ToolTipRole and column == NAMES:
            return plain(" → ".join(self._key(NAMES)(mix_up)))
        return None

    def _key(self, column: int) -> Callable[[MixUp], Any]:
        figures = self._figures
        assert figures is not None
        if column == NAMES:
            return lambda each: (isolated(figures.classes[each.true]), isolated(figures.classes[each.predicted]))
        if column == TIMES:
            return lambda each: each.count
        return lambda each: each.count / max(1, figures.figures[each.true].pictures)

    @override
    def _sorted(self, column: int, *, descending: bool) -> list[MixUp]:
        figures = self._figures
        if figures is None:
            return []
        named = [self._wanted in name.casefold() for name in figures.classes]
        rows = [each for each in figures.mix_ups if named[each.true] or named[each.predicted]]
        return sorted(rows, key=self._key(column), reverse=descending)

    @override
    def _alignment(self, column: int) -> QtCore.Qt.AlignmentFlag:
        side = QtCore.Qt.AlignmentFlag
        return (side.AlignLeft if column == NAMES else side.AlignRight) | side.AlignVCenter


class MixUpList(QtWidgets.QTableView):
    """The most frequent first; a click or Return shows the pictures behind one."""

    mix_up_chosen = QtCore.Signal(int, int)
    """Actual class, predicted class."""

    def __init__(self) -> None:
        super().__init__()
        table(self, "mix_up_list", "Mix-ups, the most frequent first", _ROW_HEIGHT)
        self.rows = MixUpRows()
        self.setModel(self.rows)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(NAMES, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.setItemDelegateForColumn(NAMES, _TwoNames(self))
        self.setColumnWidth(TIMES, theme.scaled(92))  # with room for the mark of the order
        self.setColumnWidth(SHARE, theme.scaled(124))
        self.setSortingEnabled(True)
        self.sortByColumn(TIMES, QtCore.Qt.SortOrder.DescendingOrder)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def _choose(self, index: QtCore.QModelIndex) -> None:
        mix_up: MixUp = index.data(MIX_UP_ROLE)
        self.mix_up_chosen.emit(mix_up.true, mix_up.predicted)


class _TwoNames(QtWidgets.QStyledItemDelegate):
    """Below each other, so that each has all of the column; long ones lack their middle."""

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        actual, predicted = index.data(LINES_ROLE)
        chosen = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, QtGui.QColor(colours.selection))
        painter.setPen(QtGui.QColor(colours.selection_text if chosen else colours.text))
        room: QtCore.QRect = option.rect.adjusted(_GAP, 0, -_GAP, 0)
        arrow = option.fontMetrics.horizontalAdvance("→ ")
        upper = QtCore.QRect(room.left(), room.top(), room.width(), room.height() // 2)
        lower = upper.translated(arrow, room.height() // 2).adjusted(0, 0, -arrow, 0)
        side, middle = QtCore.Qt.AlignmentFlag.AlignLeft, QtCore.Qt.TextElideMode.ElideMiddle
        painter.drawText(upper, int(side | _DOWN), option.fontMetrics.elidedText(actual, middle, upper.width()))
        painter.drawText(lower, int(side | _UP), option.fontMetrics.elidedText(predicted, middle, lower.width()))
        painter.drawText(lower.translated(-arrow, 0), int(side | _UP), "→")
        painter.restore()


_DOWN, _UP = QtCore.Qt.AlignmentFlag.AlignBottom, QtCore.Qt.AlignmentFlag.AlignTop
