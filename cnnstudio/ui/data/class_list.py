"""The classes of a dataset as rows: name, counts, and a strip of thumbnails, painted by a delegate."""

from itertools import accumulate
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.data import SPLITS, Dataset
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
ROW_HEIGHT, TILE = 84, 64
_NAME_WIDTH, _BAR_WIDTH, _BAR_HEIGHT = 170, 150, 10
_SHOWN = 60
"""Thumbnails of a class at most, which fills a row on any screen."""
PICTURES_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
COUNTS_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
LARGEST_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 3
"""Pictures of the largest class."""


class ClassList(QtCore.QAbstractListModel):
    """One row per class."""

    def __init__(self) -> None:
        super().__init__()
        self._dataset: Dataset | None = None
        self._starts: list[int] = []
        self._largest = 1
        self._counts: dict[str, dict[str, int]] = {}

    def show_dataset(self, dataset: Dataset) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self._dataset, self._counts = dataset, dataset.counts()
        sizes = [sum(row.values()) for row in self._counts.values()]
        self._starts = list(accumulate(sizes, initial=0))  # samples are sorted by class
        self._largest = max(sizes, default=1)
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() or self._dataset is None else len(self._dataset.classes)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if self._dataset is None or not index.isValid():
            return None
        name = self._dataset.classes[index.row()]
        counts = self._counts[name]
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return name
        if role in (QtCore.Qt.ItemDataRole.AccessibleTextRole, QtCore.Qt.ItemDataRole.ToolTipRole):
            parts = ", ".join(f"{counts[split]} {split}" for split in SPLITS)
            told = f"{name}: {counted(sum(counts.values()), 'picture')} ({parts})"
            return plain(told) if role == QtCore.Qt.ItemDataRole.ToolTipRole else told
        if role == PICTURES_ROLE:
            start, end = self._starts[index.row()], self._starts[index.row() + 1]
            return [sample.path for sample in self._dataset.samples[start : min(end, start + _SHOWN)]]
        return {COUNTS_ROLE: counts, LARGEST_ROLE: self._largest}.get(int(role))


class ClassDelegate(QtWidgets.QStyledItemDelegate):
    """Paints a class: name and count, a bar as long as it has pictures in the colours of the split, thumbnails."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails

    @override
    def sizeHint(self, option: QtWidgets.QStyleOptionViewItem, index: Index) -> QtCore.QSize:
        return QtCore.QSize(400, ROW_HEIGHT)

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours, rect = theme.current(), QtCore.QRect(option.rect)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & QtWidgets.QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QtGui.QColor(colours.accent_soft))
        painter.setPen(QtGui.QColor(colours.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        self._paint_words(painter, rect, index)
        self._paint_pictures(painter, rect.adjusted(theme.M + _NAME_WIDTH + _BAR_WIDTH, 0, -theme.S, 0), index)
        painter.restore()

    def _paint_words(self, painter: QtGui.QPainter, rect: QtCore.QRect, index: Index) -> None:
        colours, counts = theme.current(), index.data(COUNTS_ROLE)
        total = sum(counts.values())
        name = QtCore.QRect(rect.left() + theme.M, rect.top() + 18, _NAME_WIDTH - theme.S, 24)
        painter.setPen(QtGui.QColor(colours.text))
        heading = QtGui.QFont(theme.font("heading"))
        painter.setFont(heading)
        text = painter.fontMetrics().elidedText(index.data(), QtCore.Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, QtCore.Qt.AlignmentFlag.AlignVCenter, text)
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(colours.muted))
        below = QtCore.QRect(name.left(), name.bottom() + 2, _NAME_WIDTH, 20)
        painter.drawText(below, QtCore.Qt.AlignmentFlag.AlignVCenter, counted(total, "picture"))
        width = max(_BAR_HEIGHT, (_BAR_WIDTH - theme.M) * total / index.data(LARGEST_ROLE))
        bar = QtCore.QRectF(
            rect.left() + theme.M + _NAME_WIDTH, rect.center().y() - _BAR_HEIGHT / 2, width, _BAR_HEIGHT
        )
        paint_split(painter, bar, counts)

    def _paint_pictures(self, painter: QtGui.QPainter, rect: QtCore.QRect, index: Index) -> None:
        x, y = rect.left(), rect.top() + (ROW_HEIGHT - TILE) // 2
        for path in index.data(PICTURES_ROLE):
            if x + TILE > rect.right():
                break
            target = QtCore.QRectF(x, y, TILE, TILE)
            clip = QtGui.QPainterPath()
            clip.addRoundedRect(target, 6, 6)
            picture = self._thumbnails.get(path)
            if picture is None or picture.isNull():
                painter.fillPath(clip, QtGui.QColor(theme.current().surface_alt))
            else:
                side = min(picture.width(), picture.height())
                source = QtCore.QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
                painter.save()
                painter.setClipPath(clip)
                painter.drawPixmap(target, picture, source)
                painter.restore()
            x += TILE + theme.S


def paint_split(painter: QtGui.QPainter, rect: QtCore.QRectF, counts: dict[str, int]) -> None:
    """A bar in three colours: train, validation, test."""
    total = sum(counts.values()) or 1
    clip = QtGui.QPainterPath()
    clip.addRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.save()
    painter.setClipPath(clip)
    left = rect.left()
    for split, colour in zip(SPLITS, split_colours(), strict=True):
        width = rect.width() * counts[split] / total
        painter.fillRect(
            QtCore.QRectF(QtCore.QPointF(left, rect.top()), QtCore.QPointF(left + width, rect.bottom())),
            QtGui.QColor(colour),
        )
        left += width
    painter.restore()


def split_colours() -> tuple[str, str, str]:
    """Of train, validation and test."""
    series = theme.current().series
    return series[0], series[4], series[2]
