"""The classes of a dataset as rows, with a search, an order, and a key for each of the first nine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from PySide6 import QtCore
from typing_extensions import override

from cnnstudio.core import counted, isolated
from cnnstudio.data import SPLITS, Dataset
from cnnstudio.ui.widgets import plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
Kind = Literal["all", "skipped", "class", "new"]
Order = Literal["name", "most", "fewest"]
DIGITS = 9
"""Classes with a key of their own."""
ROW_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True, slots=True)
class Row:
    """All pictures, those that were skipped, a class, or a new class that has no pictures yet."""

    kind: Kind
    name: str
    """Of the class, or what the row says."""
    counts: dict[str, int] = field(default_factory=dict)
    picture: Path | None = None
    share: float = 0.0
    """Of the pictures of the largest class."""
    key: int = 0
    """The digit that gives pictures this class; 0 for none."""

    @property
    def total(self) -> int:
        """Pictures."""
        return sum(self.counts.values())

    @property
    def is_class(self) -> bool:
        """Whether pictures can be of it."""
        return self.kind in ("class", "new")


class ClassList(QtCore.QAbstractListModel):
    """All pictures first, then what was skipped, then the classes that match the search, in the order wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._pictures: dict[str, int] = {}
        self._above: list[Row] = []
        self._counted: list[Row] = []
        self._new: tuple[str, ...] = ()
        self._text = ""
        self._order: Order = "name"

    def show_dataset(self, dataset: Dataset, counts: dict[str, dict[str, int]]) -> None:
        """Show a folder's classes; ``counts`` are its own."""
        sizes = [sum(row.values()) for row in counts.values()]
        largest = max(sizes, default=0) or 1
        starts = accumulate(sizes, initial=0)  # samples are sorted by class
        self._counted = [
            Row("class", name, counts[name], dataset.samples[start].path if size else None, size / largest)
            for name, size, start in zip(dataset.classes, sizes, starts, strict=False)
        ]
        everything: dict[str, int] = {split: sum(row[split] for row in counts.values()) for split in SPLITS}
        self._above = [Row("all", "All pictures", everything)]
        if dataset.left_out:
            self._above.append(Row("skipped", "Skipped by you", {"": len(dataset.left_out)}))
        self._fill()

    def show_new(self, names: Sequence[str]) -> None:
        """Show classes that have no pictures yet."""
        self._new = tuple(names)
        if self._above:
            self._fill()

    @property
    def _classes(self) -> list[Row]:
        have = {row.name for row in self._counted}
        return [*self._counted, *(Row("new", name) for name in self._new if name not in have)]

    def narrow(self, text: str) -> None:
        """Only classes with this in their names."""
        self._text = text.strip().casefold()
        self._fill()

    def set_order(self, order: Order) -> None:
        """By name, or by the number of pictures."""
        self._order = order
        self._fill()

    def keys(self) -> list[str]:
        """The classes that the digits give, from 1."""
        return [row.name for row in self.rows if row.key]

    def row_of(self, kind: Kind, name: str = "") -> int:
        """Where it is shown; -1 if it is not."""
        wanted = (name, True) if kind in ("class", "new") else (kind, False)
        found = ((row.name, True) if row.is_class else (row.kind, False) for row in self.rows)
        return next((number for number, row in enumerate(found) if row == wanted), -1)

    def names(self) -> list[str]:
        """Of all classes, also those that the search hides."""
        return [row.name for row in self._classes]

    def find(self, kind: Kind, name: str = "") -> Row | None:
        """A row, also where the search hides it."""
        rows = [*self._above, *self._classes]
        is_class = kind in ("class", "new")
        return next((row for row in rows if (row.name == name if is_class else row.kind == kind)), None)

    def row_with(self, picture: str) -> int:
        """The row that shows this picture; -1 if none does."""
        return self._pictures.get(picture, -1)

    @property
    def first_class(self) -> int:
        """The row of the first class that matches."""
        return len(self._above)

    @property
    def class_count(self) -> int:
        """Classes that match the search."""
        return len(self.rows) - len(self._above)

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return row.name
        if role in (QtCore.Qt.ItemDataRole.AccessibleTextRole, QtCore.Qt.ItemDataRole.ToolTipRole):
            return plain(_told(row)) if role == QtCore.Qt.ItemDataRole.ToolTipRole else _told(row)
        return None

    def _fill(self) -> None:
        self.beginResetModel()
        shown = [row for row in self._classes if self._text in row.name.casefold()]
        if self._order != "name":
            shown.sort(key=lambda row: row.total, reverse=self._order == "most")
        keyed = [
            Row(row.kind, row.name, row.counts, row.picture, row.share, number) if number <= DIGITS else row
            for number, row in enumerate(shown, 1)
        ]
        self.rows = [*self._above, *keyed]
        self._pictures = {str(row.picture): number for number, row in enumerate(self.rows) if row.picture is not None}
        self.endResetModel()


def _told(row: Row) -> str:
    if row.kind == "new":
        return f"{isolated(row.name)}: no pictures yet. Drop some here."
    told = f"{isolated(row.name)}: {counted(row.total, 'picture')}"
    if row.kind != "skipped":
        told += f" ({', '.join(f'{row.counts[split]:,} {split}' for split in SPLITS)})"
    return f"{told}. Key {row.key}." if row.key else told
