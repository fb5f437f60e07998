"""The filtered catalogue as a table."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from cnnstudio.ui.network.network_table import COLUMNS, NetworkFilter

_ROW_HEIGHT = 34


class NetworkTableView(QTableView):
    """One row per network, the most accurate first."""

    def __init__(self, networks: NetworkFilter) -> None:
        super().__init__()
        self.setObjectName("network_table")
        self.setAccessibleName("Networks")
        self.setModel(networks)
        self.setSortingEnabled(True)
        self.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for section, column in enumerate(COLUMNS):
            header.resizeSection(section, column.width)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
