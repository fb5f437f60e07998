"""Pictures that wait to be sorted, those that are alike beside each other, as a grid that the keyboard works in."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, acted_on, grid, plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
NAME_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
GROUP_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
SIDE = 112
_CELL = QtCore.QSize(SIDE + 12, SIDE + 12)
_BATCH = 2000
_Flag = QtCore.QItemSelectionModel.SelectionFlag


class SortModel(QtCore.QAbstractListModel):
    """Names of pictures, group by group."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path()
        self.names: list[str] = []
        self._group_of: list[int] = []

    def show_groups(self, root: Path, groups: Sequence[Sequence[str]]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.root = root
        self.names = [name for group in groups for name in group]
        self._group_of = [number for number, group in enumerate(groups) for _ in group]
        self.endResetModel()

    def rows_of_group(self, row: int) -> tuple[int, int]:
        """First and last row of the group that a row is in."""
        group, first, last = self._group_of[row], row, row
        while first and self._group_of[first - 1] == group:
            first -= 1
        while last + 1 < len(self._group_of) and self._group_of[last + 1] == group:
            last += 1
        return first, last

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.names)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name = self.names[index.row()]
        if role == NAME_ROLE:
            return name
        if role == GROUP_ROLE:
            return self._group_of[index.row()]
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            return plain(name) if role == QtCore.Qt.ItemDataRole.ToolTipRole else name
        return None


class SortPainter(QtWidgets.QStyledItemDelegate):
    """A thumbnail; every second group is shaded."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails

    @override
    def sizeHint(self, _option: QtWidgets.QStyleOptionViewItem, _index: Index) -> QtCore.QSize:
        return _CELL

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours, flag = theme.current(), QtWidgets.QStyle.StateFlag
        model = index.model()
        assert isinstance(model, SortModel)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if index.data(GROUP_ROLE) % 2:
            painter.fillRect(option.rect, QtGui.QColor(colours.surface_alt))
        box = QtCore.QRectF(option.rect).adjusted(6, 6, -6, -6)
        picture = self._thumbnails.get(model.root / index.data(NAME_ROLE))
        if picture is None or picture.isNull():
            painter.fillRect(box, QtGui.QColor(colours.border))
        else:
            size = QtCore.QSizeF(picture.size()).scaled(box.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
            corner = box.center() - QtCore.QPointF(size.width() / 2, size.height() / 2)
            painter.drawPixmap(QtCore.QRectF(corner, size), picture, QtCore.QRectF(picture.rect()))
        if option.state & flag.State_Selected:
            tint = QtGui.QColor(colours.accent)
            painter.setPen(QtGui.QPen(tint, 3))
            tint.setAlpha(50)
            painter.setBrush(tint)
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 6, 6)
        if option.state & flag.State_HasFocus:
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.text), 1, QtCore.Qt.PenStyle.DotLine))
            painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(-5, -5, 5, 5))
        painter.restore()


class SortGrid(QtWidgets.QListView):
    """Keys that mean something go to ``pressed``, which takes them before the list searches for a name."""

    pressed = QtCore.Signal(QtGui.QKeyEvent)

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        grid(self, "sort_grid", "Pictures to sort")
        self.pictures = SortModel()
        self.setModel(self.pictures)
        self._painter = SortPainter(thumbnails)
        self.setItemDelegate(self._painter)
        self.setLayoutMode(QtWidgets.QListView.LayoutMode.Batched)  # 60,000 at once would hold up the window
        self.setBatchSize(_BATCH)
        self.setGridSize(_CELL)
        self.setSelectionMode(QtWidgets.QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self._is_double = False
        thumbnails.ready.connect(lambda _: self.viewport().update())
        theme.notifier().changed.connect(self.viewport().update)

    def chosen(self) -> list[str]:
        """Names of the pictures to act on."""
        return [index.data(NAME_ROLE) for index in acted_on(self)]

    def show_groups(self, root: Path, groups: Sequence[Sequence[str]]) -> None:
        """Replace the pictures; the place stays."""
        self.pictures.show_groups(root, groups)

    def choose(self, first: int, last: int) -> None:
        """Select these rows, and no others; the keyboard is at the first."""
        model = self.pictures
        self.selectionModel().setCurrentIndex(model.index(first), _Flag.NoUpdate)
        self.selectionModel().select(QtCore.QItemSelection(model.index(first), model.index(last)), _Flag.ClearAndSelect)
        self.scrollTo(model.index(first))

    def choose_names(self, names: Collection[str]) -> None:
        """Select these, such as those that came back, and show the first."""
        wanted, chosen = set(names), QtCore.QItemSelection()
        rows = [row for row, name in enumerate(self.pictures.names) if name in wanted]
        for row in rows:
            chosen.select(self.pictures.index(row), self.pictures.index(row))
        if rows:
            self.selectionModel().setCurrentIndex(self.pictures.index(rows[0]), _Flag.NoUpdate)
            self.selectionModel().select(chosen, _Flag.ClearAndSelect)
            self.scrollTo(self.pictures.index(rows[0]))

    def choose_group(self, row: int) -> None:
        """Select all that are alike."""
        if 0 <= row < self.pictures.rowCount():
            self.choose(*self.pictures.rows_of_group(row))

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.choose_group(self.indexAt(event.position().toPoint()).row())
        self._is_double = True

    @override
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        """Of a double click: there, Qt chooses the one picture again."""
        super().mouseReleaseEvent(event)
        if self._is_double:
            self._is_double = False
            self.choose_group(self.indexAt(event.position().toPoint()).row())

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        event.setAccepted(False)
        self.pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)
