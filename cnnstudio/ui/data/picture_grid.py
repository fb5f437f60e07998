"""The pictures of a dataset as a grid: rows are made when they are painted, so that 60,000 cost nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.data import Sample
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
SAMPLE_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
LEFT_OUT_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
SHADED_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 3
"""Of every second group, so that one sees which pictures belong together."""
SMALLEST, SIDE, LARGEST = 64, 116, 256
"""Of a picture, in device-independent pixels."""
SMALL_READ, LARGE_READ = 128, 256
"""Pixels that are read for small and for large ones: thousands of the large ones would need a GB of memory."""
_TWO_LINES_FROM = 96


class PictureGrid(QtCore.QAbstractListModel):
    """Samples in the order they are given."""

    def __init__(self) -> None:
        super().__init__()
        self.samples: Sequence[Sample] = ()
        self._classes: tuple[str, ...] = ()
        self._left_out: frozenset[Sample] = frozenset()
        self._shaded: frozenset[Path] = frozenset()

    def show_samples(
        self,
        samples: Sequence[Sample],
        classes: tuple[str, ...],
        left_out: frozenset[Sample],
        shaded: frozenset[Path] = frozenset(),
    ) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.samples, self._classes, self._left_out, self._shaded = samples, classes, left_out, shaded
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.samples)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        sample = self.samples[index.row()]
        if role == SAMPLE_ROLE:
            return sample
        if role == LEFT_OUT_ROLE:
            return sample in self._left_out
        if role == SHADED_ROLE:
            return sample.path in self._shaded
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return self._classes[sample.label]
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            note = ", skipped" if sample in self._left_out else ""
            told = f"{isolated(sample.path.name)}: {isolated(self._classes[sample.label])}, {sample.split}{note}"
            return plain(told) if role == QtCore.Qt.ItemDataRole.ToolTipRole else told
        return None

    @override
    def flags(self, index: Index) -> QtCore.Qt.ItemFlag:
        return super().flags(index) | QtCore.Qt.ItemFlag.ItemIsDragEnabled


class PicturePainter(QtWidgets.QStyledItemDelegate):
    """A thumbnail with its class and split; left-out ones are faint."""

    def __init__(self, thumbnails: Thumbnails, large: Thumbnails) -> None:
        super().__init__()
        self._thumbnails, self._large = thumbnails, large
        self._font = theme.font("caption")
        self._metrics = QtGui.QFontMetrics(self._font)
        self.side = SIDE

    @property
    def cell(self) -> QtCore.QSize:
        """Of a picture and its words."""
        return QtCore.QSize(self.side + 12, self.side + 10 + self._metrics.height() * self._lines)

    @property
    def _lines(self) -> int:
        return 2 if self.side >= _TWO_LINES_FROM else 1

    @override
    def sizeHint(self, _option: QtWidgets.QStyleOptionViewItem, _index: Index) -> QtCore.QSize:
        return self.cell

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        area: QtCore.QRect = option.rect.adjusted(0, 3, 0, -3)
        area.setLeft(option.rect.center().x() - self.cell.width() // 2 + 3)  # cells share what is left of the width
        area.setWidth(self.cell.width() - 6)
        sample: Sample = index.data(SAMPLE_ROLE)
        left_out = index.data(LEFT_OUT_ROLE)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        if index.data(SHADED_ROLE):
            painter.fillRect(option.rect, QtGui.QColor(colours.surface_alt))
        state = QtWidgets.QStyle.StateFlag
        if option.state & (state.State_Selected | state.State_HasFocus):
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2))
            chosen = bool(option.state & state.State_Selected)
            painter.setBrush(QtGui.QColor(colours.accent_soft) if chosen else QtCore.Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 6, 6)
        box = QtCore.QRect(area.left() + 3, area.top() + 3, self.side, self.side)
        picture = self._picture(sample.path, painter.device().devicePixelRatioF())
        if picture is None or picture.isNull():
            painter.fillRect(box.adjusted(6, 6, -6, -6), QtGui.QColor(colours.surface_alt))
        else:
            size = picture.size().scaled(box.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
            corner = box.center() - QtCore.QPoint(size.width() // 2, size.height() // 2)
            painter.setOpacity(0.3 if left_out else 1)
            painter.drawPixmap(QtCore.QRect(corner, size), picture)
            painter.setOpacity(1)
        self._paint_words(painter, QtCore.QRect(area.left() + 3, box.bottom() + 1, area.width() - 6, 0), index)
        painter.restore()

    def _paint_words(self, painter: QtGui.QPainter, line: QtCore.QRect, index: Index) -> None:
        colours, left_out = theme.current(), index.data(LEFT_OUT_ROLE)
        painter.setFont(self._font)
        metrics = self._metrics
        second = ("skipped", colours.bad) if left_out else (index.data(SAMPLE_ROLE).split, colours.muted)
        lines = [(index.data(), colours.text), second]
        for text, colour in lines if self._lines == 2 else lines[1:] if left_out else lines[:1]:
            line.setHeight(metrics.height())
            painter.setPen(QtGui.QColor(colour))
            shown = metrics.elidedText(text, QtCore.Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(line, int(QtCore.Qt.AlignmentFlag.AlignCenter), shown)
            line.translate(0, metrics.height())

    def _picture(self, path: Path, ratio: float) -> QtGui.QPixmap | None:
        """As sharp as it is shown; while that is read, a smaller one that is there."""
        if self.side * ratio <= SMALL_READ:
            return self._thumbnails.get(path)
        return self._large.get(path) or self._thumbnails.known(path)
