"""Which files could not be used, and why."""

from collections import defaultdict

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from cnnstudio.data import Dataset
from cnnstudio.ui.widgets.controls import label
from cnnstudio.ui.widgets.page import Card

_KINDS = {
    "unreadable": "Damaged", "truncated": "Incomplete", "not-an-image": "Not a picture",
    "unsupported": "Cannot be read",
    "too-large": "Too large", "empty-file": "Empty file", "system-file": "System file", "hidden": "Hidden",
    "outside-classes": "Not in a class folder", "empty-class": "Class without pictures",
    "small-class": "Class with few pictures", "loop": "Link that leads back",
}  # fmt: skip
_MAX_ROWS_PER_KIND = 500
_ANY_HEIGHT = 16_777_215  # QWIDGETSIZE_MAX


class ProblemsCard(Card):
    """A tree of kinds; short ones are open."""

    def __init__(self) -> None:
        super().__init__("Skipped files")
        self.tree = QTreeWidget()
        self.tree.setObjectName("left_out")
        self.tree.setAccessibleName("Skipped files, and why")
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(1)
        self.tree.setUniformRowHeights(False)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._nothing = label("No file had to be skipped.", kind="muted", wrap=True)
        self.body.addWidget(self._nothing)
        self.body.addWidget(self.tree, 100)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show what was left out of a folder."""
        by_kind = defaultdict(list)
        for problem in dataset.problems:
            by_kind[problem.kind].append(problem)
        self.tree.clear()
        for kind, problems in sorted(by_kind.items(), key=lambda item: -len(item[1])):
            top = QTreeWidgetItem([f"{_KINDS[kind]}: {len(problems):,}"])
            for problem in problems[:_MAX_ROWS_PER_KIND]:
                row = QTreeWidgetItem([problem.detail])
                row.setToolTip(0, f"{problem.detail}\n{problem.path}")
                top.addChild(row)
            if len(problems) > _MAX_ROWS_PER_KIND:
                top.addChild(QTreeWidgetItem([f"… and {len(problems) - _MAX_ROWS_PER_KIND:,} more"]))
            self.tree.addTopLevelItem(top)
            top.setExpanded(len(problems) <= 5)
        self.tree.setVisible(bool(by_kind))
        self._nothing.setVisible(not by_kind)
        self.setMaximumHeight(_ANY_HEIGHT if by_kind else self.sizeHint().height())
