"""Figures of every class, as a table that can be sorted and searched, with a bar for what is recognised."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import ClassFigures
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.sorted_rows import Index, SortedRows
from cnnstudio.ui.widgets import plain, table
from cnnstudio.understanding.classes import ClassRanges

FIGURES_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
_ROW_HEIGHT = 30
NAME, PICTURES, RECALL, PRECISION, F1 = range(5)


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    about: str
    text: Callable[[ClassFigures], str]
    key: Callable[[ClassFigures], Any]
    width: int


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _or_less(share: float | None) -> float:
    return -1.0 if share is None else share


_COLUMNS = (
    _Column("Class", "Name of the class.", lambda each: each.name, lambda each: each.name.casefold(), 0),
    _Column(
        "Pictures",
        "Pictures of the class in this split.",
        lambda each: f"{each.pictures:,}",
        lambda each: each.pictures,
        76,
    ),
    _Column(
        "Recognised (recall)",
        "Of the pictures of this class: the share that was recognised (recall). The thin line is the 95 % range for "
        "new pictures of the class: the fewer there are, the longer it is.",
        lambda each: _share(each.recall),
        lambda each: _or_less(each.recall),
        260,
    ),
    _Column(
        "Correct when\npredicted (precision)",
        "Of the pictures that were predicted as this class: the share that is correct (precision).",
        lambda each: _share(each.precision),
        lambda each: _or_less(each.precision),
        176,
    ),
    _Column(
        "F1",
        "Recall and precision in one number: their harmonic mean.",
        lambda each: _share(each.f1),
        lambda each: _or_less(each.f1),
        60,
    ),
)


class ClassRows(SortedRows):
    """The figures of each class."""

    def __init__(self) -> None:
        super().__init__([column.title for column in _COLUMNS], RECALL, QtCore.Qt.SortOrder.AscendingOrder)
        self._all: Sequence[ClassFigures] = ()
        self._ranges: Mapping[str, ClassRanges] = {}
        self.ranges = True
        """Whether intervals say something of new pictures."""

    def show_figures(self, figures: Figures, *, ranges: bool) -> None:
        """Replace the rows; ``ranges`` tells whether they say something of new pictures."""
        self._all, self.ranges = figures.figures, ranges
        self._ranges = dict(zip(figures.classes, figures.ranges, strict=True))
        self._fill()

    @override
    def headerData(
        self, section: int, orientation: QtCore.Qt.Orientation, role: int = QtCore.Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == QtCore.Qt.ItemDataRole.ToolTipRole and orientation == QtCore.Qt.Orientation.Horizontal:
            return _COLUMNS[section].about
        return super().headerData(section, orientation, role)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        figures, column = self._rows[index.row()], index.column()
        if role == FIGURES_ROLE:
            return figures
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[column].text(figures)
        if role == QtCore.Qt.ItemDataRole.ToolTipRole and column in (NAME, RECALL):
            return plain(f"{figures.name}: {self.told(figures)}")
        if role == QtCore.Qt.ItemDataRole.ToolTipRole and column in (PRECISION, F1):
            return plain(f"{figures.name}: {self._told_range(figures, column)}")
        if role == QtCore.Qt.ItemDataRole.AccessibleTextRole and column == RECALL:
            return self.told(figures)
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        return None

    def told(self, figures: ClassFigures) -> str:
        """What the bar shows, in words."""
        if figures.recall is None:
            return "no pictures in this split"
        shown = f"{figures.right:,} of {figures.pictures:,} recognised ({_share(figures.recall)})"
        if not self.ranges:
            return shown
        low, high = (100 * value for value in figures.interval)
        return f"{shown}, between {low:.0f} % and {high:.0f} % on new pictures"

    def _told_range(self, figures: ClassFigures, column: int) -> str:
        """Precision or F1, with what holds for new pictures."""
        share, known = (figures.precision if column == PRECISION else figures.f1), self._ranges.get(figures.name)
        if share is None or known is None or not self.ranges:
            return _share(share)
        low, high = (100 * end for end in (known.precision if column == PRECISION else known.f1))
        return f"{_share(share)}, between {low:.0f} % and {high:.0f} % on new pictures"

    @override
    def _sorted(self, column: int, *, descending: bool) -> list[ClassFigures]:
        rows = [each for each in self._all if self._wanted in each.name.casefold()]
        rows.sort(key=lambda each: each.name.casefold())
        rows.sort(key=_COLUMNS[column].key, reverse=descending)
        return rows

    @override
    def _alignment(self, column: int) -> QtCore.Qt.AlignmentFlag:
        side = QtCore.Qt.AlignmentFlag
        return (side.AlignLeft if column in (NAME, RECALL) else side.AlignRight) | side.AlignVCenter


class ClassTable(QtWidgets.QTableView):
    """The class that is hardest to find comes first; Return or a click chooses one."""

    class_chosen = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        table(self, "class_table", "Figures per class", _ROW_HEIGHT)
        self.rows = ClassRows()
        self.setModel(self.rows)
        self.setItemDelegateForColumn(RECALL, RangeBar(self.rows))
        self.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(48)
        header.setDefaultAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter)
        for number, column in enumerate(_COLUMNS):
            if column.width:
                self.setColumnWidth(number, theme.scaled(column.width))
        header.setSectionResizeMode(NAME, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)
        self.sortByColumn(RECALL, QtCore.Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def _choose(self, index: QtCore.QModelIndex) -> None:
        figures: ClassFigures = index.data(FIGURES_ROLE)
        self.class_chosen.emit(figures.name)


class RangeBar(QtWidgets.QStyledItemDelegate):
    """A share as a bar, its interval as a line over it, and the number."""

    def __init__(self, rows: ClassRows) -> None:
        super().__init__(rows)
        self._rows = rows

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        figures: ClassFigures = index.data(FIGURES_ROLE)
        colours = theme.current()
        box: QtCore.QRect = option.rect
        selected = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(box, QtGui.QColor(colours.selection))
        text = QtGui.QColor(colours.selection_text if selected else colours.text)
        words = option.fontMetrics.horizontalAdvance("100 %") + theme.S
        painter.save()
        painter.setPen(text)
        at = QtCore.QRect(box.left() + 4, box.top(), words, box.height())
        side = QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignRight
        painter.drawText(at.adjusted(0, 0, -theme.S, 0), side, index.data())
        if figures.recall is not None:
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
            left, width = float(at.right()), box.width() - words - 4 - theme.S
            track = QtCore.QRectF(left, box.center().y() - 5, width, 11)
            painter.setPen(QtCore.Qt.PenStyle.NoPen)
            painter.setBrush(QtGui.QColor(colours.surface if selected else colours.border))
            painter.drawRoundedRect(track, 3, 3)
            painter.setBrush(QtGui.QColor(colours.accent))
            filled = QtCore.QRectF(track.left(), track.top(), figures.recall * width, track.height())
            painter.drawRoundedRect(filled, 3, 3)
            if self._rows.ranges:
                _whisker(painter, track, figures.interval, text)
        painter.restore()


def _whisker(painter: QtGui.QPainter, track: QtCore.QRectF, interval: tuple[float, float], ink: QtGui.QColor) -> None:
    """A line with ends, light around, so that it is seen on the bar as beside it."""
    low, high = (track.left() + share * track.width() for share in interval)
    y = track.center().y()
    lines = [
        QtCore.QLineF(low, y, high, y), QtCore.QLineF(low, y - 4, low, y + 4), QtCore.QLineF(high, y - 4, high, y + 4),
    ]  # fmt: skip
    for colour, width in ((QtGui.QColor(theme.current().surface), 3.5), (ink, 1.5)):
        painter.setPen(QtGui.QPen(colour, width))
        painter.drawLines(lines)
