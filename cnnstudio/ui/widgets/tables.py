"""Tables and grids of pictures that look and behave alike."""

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme


def table(view: QtWidgets.QTableView, name: str, accessible: str, row_height: int) -> None:
    """Give a table of whole rows its look: no grid, every other row shaded."""
    view.setObjectName(name)
    view.setAccessibleName(accessible)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(theme.scaled(row_height))
    view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)  # from which the Tab key would never get out
    view.horizontalHeader().setHighlightSections(False)


def grid(view: QtWidgets.QListView, name: str, accessible: str) -> None:
    """Let a list flow in rows of cells of one size, which nobody moves."""
    view.setObjectName(name)
    view.setAccessibleName(accessible)
    view.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
    view.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
    view.setMovement(QtWidgets.QListView.Movement.Static)
    view.setUniformItemSizes(True)
    view.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # rows end where there is no room


class Cell(QtWidgets.QTableWidgetItem):
    """Sorts by its key and not by its text; figures stand on the right."""

    def __init__(self, text: str, key: float | str) -> None:
        super().__init__(text)
        self.key = key
        if isinstance(key, float):
            self.setTextAlignment(QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)

    @override
    def __lt__(self, other: QtWidgets.QTableWidgetItem) -> bool:
        assert isinstance(other, Cell)
        if isinstance(self.key, float) and isinstance(other.key, float):
            return self.key < other.key
        return str(self.key) < str(other.key)
