"""The pictures of a dataset as a grid: rows are made when they are painted, so that 60,000 cost nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import Sample
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
SAMPLE_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
LEFT_OUT_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
SHADED_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 3
"""Of every second group, so that one sees which pictures belong together."""
SIDE = 116
CELL = QtCore.QSize(SIDE + 12, SIDE + 42)


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
            told = f"{sample.path.name}: {self._classes[sample.label]}, {sample.split}{note}"
            return plain(told) if role == QtCore.Qt.ItemDataRole.ToolTipRole else told
        return None


class PicturePainter(QtWidgets.QStyledItemDelegate):
    """A thumbnail with its class and split; left-out ones are faint."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails

    @override
    def sizeHint(self, _option: QtWidgets.QStyleOptionViewItem, _index: Index) -> QtCore.QSize:
        return CELL

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        area: QtCore.QRect = option.rect.adjusted(4, 4, -4, -4)
        sample: Sample = index.data(SAMPLE_ROLE)
        left_out = index.data(LEFT_OUT_ROLE)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if index.data(SHADED_ROLE):
            painter.fillRect(option.rect, QtGui.QColor(colours.surface_alt))
        if option.state & QtWidgets.QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2))
            painter.setBrush(QtGui.QColor(colours.accent_soft))
            painter.drawRoundedRect(area, 6, 6)
        box = QtCore.QRect(area.left() + 2, area.top() + 2, SIDE, SIDE - 4)
        picture = self._thumbnails.get(sample.path)
        if picture is None or picture.isNull():
            painter.fillRect(box.adjusted(8, 8, -8, -8), QtGui.QColor(colours.surface_alt))
        else:
            size = picture.size().scaled(box.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
            place = QtCore.QRect(
                box.center().x() - size.width() // 2, box.center().y() - size.height() // 2, size.width(), size.height()
            )
            painter.setOpacity(0.3 if left_out else 1)
            painter.drawPixmap(place, picture)
            painter.setOpacity(1)
        painter.setFont(theme.font("caption"))
        metrics = QtGui.QFontMetrics(painter.font())
        lines = (
            (index.data(), colours.text),
            ("skipped" if left_out else sample.split, colours.bad if left_out else colours.muted),
        )
        for number, (text, colour) in enumerate(lines):
            line = QtCore.QRect(
                area.left() + 4, box.bottom() + 2 + number * metrics.height(), area.width() - 8, metrics.height()
            )
            painter.setPen(QtGui.QColor(colour))
            shown = metrics.elidedText(text, QtCore.Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, int(QtCore.Qt.AlignmentFlag.AlignCenter), shown)
        painter.restore()
