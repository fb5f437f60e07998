"""Rows of a table that are sorted and narrowed in the model, since a proxy would ask in Python for every comparison."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from PySide6 import QtCore
from typing_extensions import override

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex


class SortedRows(QtCore.QAbstractTableModel):
    """Of objects of one kind; those that derive from it choose, order and show them."""

    def __init__(self, titles: Sequence[str], column: int, order: QtCore.Qt.SortOrder) -> None:
        """``column`` and ``order`` hold until somebody sorts otherwise."""
        super().__init__()
        self._titles = titles
        self._rows: list[Any] = []
        self._wanted = ""
        self._order = (column, order)

    def narrow(self, text: str) -> None:
        """Only rows that have this in the name of a class."""
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
        return 0 if parent.isValid() else len(self._titles)

    @override
    def headerData(
        self, section: int, orientation: QtCore.Qt.Orientation, role: int = QtCore.Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == QtCore.Qt.Orientation.Vertical:
            return None
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return self._titles[section] if role == QtCore.Qt.ItemDataRole.DisplayRole else None

    def _fill(self) -> None:
        column, order = self._order
        self.beginResetModel()
        self._rows = self._sorted(column, descending=order == QtCore.Qt.SortOrder.DescendingOrder)
        self.endResetModel()

    @abstractmethod
    def _sorted(self, column: int, *, descending: bool) -> list[Any]:
        """The rows that are wanted, in order."""

    @abstractmethod
    def _alignment(self, column: int) -> QtCore.Qt.AlignmentFlag:
        """Of what stands in a column, and of the words over it."""
