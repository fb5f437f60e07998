"""The most frequent mix-ups of many classes, as a table that can be sorted and searched."""

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core.scores import MixUp
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.ui.widgets import plain, table

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
MIX_UP_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
_ROW_HEIGHT = 28
ACTUAL, PREDICTED, TIMES, SHARE = range(4)
_TITLES = ("Actual", "Predicted", "Times", "Of its pictures")


class MixUpRows(QtCore.QAbstractTableModel):
    """Sorted and narrowed here."""

    def __init__(self) -> None:
        super().__init__()
        self._figures: Figures | None = None
        self._rows: list[MixUp] = []
        self._wanted = ""
        self._order = (TIMES, QtCore.Qt.SortOrder.DescendingOrder)

    def show_figures(self, figures: Figures) -> None:
        """Replace the rows."""
        self._figures = figures
        self._fill()

    def narrow(self, text: str) -> None:
        """Only mix-ups of a class that has this in its name."""
        self._wanted = text.strip().casefold()
        self._fill()

    @override
    def sort(self, column: int, order: QtCore.Qt.SortOrder = QtCore.Qt.SortOrder.AscendingOrder) -> None:
        self._order = (column, order)
        self._fill()

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    @override
    def columnCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(_TITLES)

    @override
    def headerData(
        self, section: int, orientation: QtCore.Qt.Orientation, role: int = QtCore.Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == QtCore.Qt.Orientation.Vertical:
            return None
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return _TITLES[section] if role == QtCore.Qt.ItemDataRole.DisplayRole else None

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._figures is None:
            return None
        mix_up, column = self._rows[index.row()], index.column()
        if role == MIX_UP_ROLE:
            return mix_up
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            value = self._key(column)(mix_up)
            return f"{100 * value:.0f} %" if column == SHARE else f"{value:,}" if column == TIMES else value
        if role == QtCore.Qt.ItemDataRole.ToolTipRole and column in (ACTUAL, PREDICTED):
            return plain(str(self._key(column)(mix_up)))
        return None

    def _key(self, column: int) -> Callable[[MixUp], Any]:
        figures = self._figures
        assert figures is not None
        if column in (ACTUAL, PREDICTED):
            return lambda each: figures.classes[each.true if column == ACTUAL else each.predicted]
        if column == TIMES:
            return lambda each: each.count
        return lambda each: each.count / max(1, figures.figures[each.true].pictures)

    def _fill(self) -> None:
        figures, (column, order) = self._figures, self._order
        if figures is None:
            return
        named = [self._wanted in name.casefold() for name in figures.classes]
        self.beginResetModel()
        self._rows = [each for each in figures.mix_ups if named[each.true] or named[each.predicted]]
        self._rows.sort(key=self._key(column), reverse=order == QtCore.Qt.SortOrder.DescendingOrder)
        self.endResetModel()


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
        for column in (ACTUAL, PREDICTED):
            header.setSectionResizeMode(column, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(TIMES, 62)
        self.setColumnWidth(SHARE, 104)
        self.setSortingEnabled(True)
        self.sortByColumn(TIMES, QtCore.Qt.SortOrder.DescendingOrder)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def _choose(self, index: QtCore.QModelIndex) -> None:
        mix_up: MixUp = index.data(MIX_UP_ROLE)
        self.mix_up_chosen.emit(mix_up.true, mix_up.predicted)


def _alignment(column: int) -> QtCore.Qt.AlignmentFlag:
    side = QtCore.Qt.AlignmentFlag
    return (side.AlignLeft if column in (ACTUAL, PREDICTED) else side.AlignRight) | side.AlignVCenter
