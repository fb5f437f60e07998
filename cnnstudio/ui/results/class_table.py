"""Figures of every class, as a table."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import ClassFigures
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Cell, table

_ROW_HEIGHT = 32
_MIN_WIDTH = 48
_WIDTHS = (64, 84, 92, 92, 64)
"""Of the figures; headings in lines need less than Qt would take, and the names get the rest."""
_COLUMNS = (
    ("Class", "Name of the class."),
    ("Pictures", "Pictures of the class in this split."),
    ("Recognised\n(recall)", "Of the pictures of this class: the share that was recognised (recall)."),
    (
        "On new\npictures\n(95 % range)",
        "Between which shares of new pictures of the class are likely to be recognised. Few pictures say little.",
    ),
    (
        "Correct when\npredicted\n(precision)",
        "Of the pictures that were predicted as this class: the share that is correct (precision).",
    ),
    ("F1", "Recall and precision in one number: their harmonic mean."),
)
_RECALL, _RANGE = 2, 3


class ClassTable(QtWidgets.QTableWidget):
    """Sortable; the class that is hardest to find comes first."""

    def __init__(self) -> None:
        super().__init__(0, len(_COLUMNS))
        table(self, "class_table", "Figures per class", _ROW_HEIGHT)
        for column, (title, text) in enumerate(_COLUMNS):
            heading = QtWidgets.QTableWidgetItem(title)
            heading.setToolTip(text)
            self.setHorizontalHeaderItem(column, heading)
        small = theme.font("caption").pointSizeF()
        self.horizontalHeader().setStyleSheet(f"QHeaderView::section {{ font-size: {small}pt; padding: 7px 3px; }}")
        self.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.horizontalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
        for column, width in enumerate(_WIDTHS, 1):
            self.setColumnWidth(column, width)
        self.horizontalHeader().setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(_MIN_WIDTH)

    def show_figures(self, figures: list[ClassFigures], *, ranges: bool) -> None:
        """Replace the rows; without ``ranges`` for pictures that say nothing of new ones."""
        self.setColumnHidden(_RANGE, not ranges)
        self.setSortingEnabled(False)
        self.setRowCount(len(figures))
        for row, entry in enumerate(figures):
            low, high = entry.interval
            cells = (
                QtWidgets.QTableWidgetItem(entry.name),
                Cell(f"{entry.pictures:,}", float(entry.pictures)),
                _share(entry.recall),
                Cell(f"{100 * low:.0f}–{100 * high:.0f} %" if entry.pictures else "–", low),
                _share(entry.precision),
                _share(entry.f1),
            )
            for column, cell in enumerate(cells):
                self.setItem(row, column, cell)
        self.setSortingEnabled(True)
        self.sortByColumn(_RECALL, QtCore.Qt.SortOrder.AscendingOrder)


def _share(share: float | None) -> Cell:
    return Cell("–", -1.0) if share is None else Cell(f"{100 * share:.0f} %", share)
