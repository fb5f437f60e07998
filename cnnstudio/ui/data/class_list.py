"""The classes of a dataset as rows: a picture, the name, how many pictures, and a bar in the colours of the split."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, isolated
from cnnstudio.data import SPLITS, Dataset
from cnnstudio.ui.data.split_line import paint_split
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
Kind = Literal["all", "skipped", "class", "new"]
Order = Literal["name", "most", "fewest"]
ROW_HEIGHT = 46
DIGITS = 9
"""Classes with a key of their own."""
_TILE, _BAR, _KEY = 32, 5, 16
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
        self._above: list[Row] = []
        self._classes: list[Row] = []
        self._new: list[str] = []
        self._text = ""
        self._order: Order = "name"

    def show_dataset(self, dataset: Dataset, new: Sequence[str] = ()) -> None:
        """Show a folder's classes, and ``new`` ones that have no pictures yet."""
        counts = dataset.counts()
        sizes = {name: sum(row.values()) for name, row in counts.items()}
        largest = max(sizes.values(), default=0) or 1
        first: dict[int, Path] = {}
        for sample in dataset.samples:
            first.setdefault(sample.label, sample.path)
        self._classes = [
            Row("class", name, counts[name], first.get(label), sizes[name] / largest)
            for label, name in enumerate(dataset.classes)
        ]
        self._classes += [Row("new", name) for name in new if name not in counts]
        self._above = [Row("all", "All pictures", {split: len(dataset.split(split)) for split in SPLITS})]
        if dataset.left_out:
            self._above.append(Row("skipped", "Skipped by you", {"": len(dataset.left_out)}))
        self._fill()

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

    def find(self, kind: Kind, name: str = "") -> Row | None:
        """A row, also where the search hides it."""
        rows = [*self._above, *self._classes]
        is_class = kind in ("class", "new")
        return next((row for row in rows if (row.name == name if is_class else row.kind == kind)), None)

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
        self.endResetModel()


def _told(row: Row) -> str:
    if row.kind == "new":
        return f"{isolated(row.name)}: no pictures yet. Drop some here."
    told = f"{isolated(row.name)}: {counted(row.total, 'picture')}"
    if row.kind != "skipped":
        told += f" ({', '.join(f'{row.counts[split]:,} {split}' for split in SPLITS)})"
    return f"{told}. Key {row.key}." if row.key else told


class ClassDelegate(QtWidgets.QStyledItemDelegate):
    """Paints a row in its width: a long name gives way in its middle, since endings tell classes apart."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.target = -1
        """The row that files hover over."""

    @override
    def sizeHint(self, option: QtWidgets.QStyleOptionViewItem, index: Index) -> QtCore.QSize:
        return QtCore.QSize(120, ROW_HEIGHT)

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours, row = theme.current(), index.data(ROW_ROLE)
        area = option.rect.adjusted(3, 1, -3, -1)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        chosen = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        hot = index.row() == self.target
        if chosen or hot:
            focused = bool(option.state & QtWidgets.QStyle.StateFlag.State_HasFocus)
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2) if focused or hot else QtCore.Qt.PenStyle.NoPen)
            painter.setBrush(QtGui.QColor(colours.accent_soft))
            painter.drawRoundedRect(area, 6, 6)
        inner = area.adjusted(6, 4, -7, -4)
        tile = QtCore.QRect(inner.left(), inner.top() + (inner.height() - _TILE) // 2, _TILE, _TILE)
        if row.is_class:
            self._paint_picture(painter, tile, row)
            inner.setLeft(tile.right() + theme.S)
        self._paint_words(painter, inner, row)
        painter.restore()

    def _paint_words(self, painter: QtGui.QPainter, area: QtCore.QRect, row: Row) -> None:
        colours, metrics = theme.current(), QtGui.QFontMetrics(theme.font("body"))
        line = QtCore.QRect(area.left(), area.top(), area.width(), metrics.height() + 2)
        if not row.is_class:
            line.moveTop(area.center().y() - line.height() // 2)
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(colours.muted))
        figure = f"{row.total:,}"
        painter.drawText(line, int(_RIGHT), figure)
        name = line.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(figure) - theme.S, 0)
        painter.setFont(theme.font("body"))
        painter.setPen(QtGui.QColor(colours.text))
        painter.drawText(name, int(_LEFT), metrics.elidedText(row.name, _MIDDLE, name.width()))
        if not row.is_class:
            return
        below = QtCore.QRect(area.left(), line.bottom() + 1, area.width(), area.bottom() - line.bottom())
        if row.key:
            self._paint_key(painter, below, row.key)
        room = below.width() - _KEY - theme.S
        if row.kind == "new":
            painter.setFont(theme.font("caption"))
            painter.setPen(QtGui.QColor(colours.muted))
            shown = painter.fontMetrics().elidedText("Drop pictures here", QtCore.Qt.TextElideMode.ElideRight, room)
            painter.drawText(below, int(_LEFT), shown)
            return
        top = below.center().y() - _BAR / 2 + 0.5
        paint_split(painter, QtCore.QRectF(below.left(), top, max(_BAR, room * row.share), _BAR), row.counts)

    @staticmethod
    def _paint_key(painter: QtGui.QPainter, below: QtCore.QRect, key: int) -> None:
        """The digit, as the cap of a key."""
        side = min(_KEY, below.height())
        cap = QtCore.QRectF(below.right() - _KEY + 1, below.center().y() - side / 2 + 0.5, _KEY, side)
        painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().border), 1))
        painter.setBrush(QtGui.QColor(theme.current().surface_alt))
        painter.drawRoundedRect(cap, 3, 3)
        small = QtGui.QFont(theme.font("caption"))
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setPen(QtGui.QColor(theme.current().muted))
        painter.drawText(cap, int(QtCore.Qt.AlignmentFlag.AlignCenter), str(key))

    def _paint_picture(self, painter: QtGui.QPainter, target: QtCore.QRect, row: Row) -> None:
        clip = QtGui.QPainterPath()
        clip.addRoundedRect(QtCore.QRectF(target), 5, 5)
        picture = self._thumbnails.get(row.picture) if row.picture is not None else None
        if picture is None or picture.isNull():
            painter.fillPath(clip, QtGui.QColor(theme.current().surface_alt))
            return
        side = min(picture.width(), picture.height())
        source = QtCore.QRect((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
        painter.save()
        painter.setClipPath(clip)
        painter.drawPixmap(target, picture, source)
        painter.restore()


_LEFT = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
_RIGHT = QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter
_MIDDLE = QtCore.Qt.TextElideMode.ElideMiddle
