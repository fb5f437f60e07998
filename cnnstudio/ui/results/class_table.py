"""Figures of every class, as a table."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import ClassFigures
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Cell, table

_ROW_HEIGHT = 32
_MIN_WIDTH = 48
_WIDTHS = (56, 80, 86, 52)
"""Of the figures; headings in lines need less than Qt would take, and the names get the rest."""
_COLUMNS = (
    ("Class", "Name of the class."),
    ("Pictures", "Pictures of the class in this split."),
    ("Recognised\n(recall)", "Of the pictures of this class: the share that was recognised (recall)."),
    (
        "Correct when\npredicted\n(precision)",
        "Of the pictures that were predicted as this class: the share that is correct (precision).",
    ),
    ("F1", "Recall and precision in one number: their harmonic mean."),
)


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

    def show_figures(self, figures: list[ClassFigures]) -> None:
        """Replace the rows."""
        self.setSortingEnabled(False)
        self.setRowCount(len(figures))
        for row, entry in enumerate(figures):
            self.setItem(row, 0, QtWidgets.QTableWidgetItem(entry.name))
            self.setItem(row, 1, Cell(f"{entry.pictures:,}", float(entry.pictures)))
            for column, share in enumerate((entry.recall, entry.precision, entry.f1), 2):
                self.setItem(row, column, Cell(_percent(share), share if share is not None else -1.0))
        self.setSortingEnabled(True)
        self.sortByColumn(2, QtCore.Qt.SortOrder.AscendingOrder)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
