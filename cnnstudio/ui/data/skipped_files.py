"""The files that could not be used, by reason."""

from collections import defaultdict

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.data import Dataset
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import plain

_KINDS = {
    "unreadable": "Damaged", "truncated": "Incomplete", "not-an-image": "Not a picture",
    "unsupported": "Cannot be read",
    "too-large": "Too large", "empty-file": "Empty file", "system-file": "System file", "hidden": "Hidden",
    "outside-classes": "Not in a class folder", "empty-class": "Class without pictures",
    "small-class": "Class with few pictures", "loop": "Link that leads back", "table": "Table of labels",
}  # fmt: skip
_MAX_ROWS_PER_KIND = 500
_Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex


class SkippedFiles(QtWidgets.QTreeWidget):
    """A tree of reasons; short ones are open."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("left_out")
        self.setAccessibleName("Skipped files, and why")
        self.setHeaderHidden(True)
        self.setColumnCount(1)
        self.setWordWrap(True)
        self.setItemDelegate(_Sentences(self))
        self.header().sectionResized.connect(lambda *_: self.scheduleDelayedItemsLayout())
        self.setIndentation(theme.M)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QtWidgets.QTreeView.ScrollMode.ScrollPerPixel)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show what was skipped in a folder."""
        by_kind = defaultdict(list)
        for problem in dataset.problems:
            by_kind[problem.kind].append(problem)
        self.clear()
        for kind, problems in sorted(by_kind.items(), key=lambda item: -len(item[1])):
            top = QtWidgets.QTreeWidgetItem([f"{_KINDS[kind]}: {len(problems):,}"])
            for problem in problems[:_MAX_ROWS_PER_KIND]:
                row = QtWidgets.QTreeWidgetItem([problem.detail])
                row.setToolTip(0, plain(f"{problem.detail}\n{problem.path}"))
                top.addChild(row)
            if len(problems) > _MAX_ROWS_PER_KIND:
                top.addChild(QtWidgets.QTreeWidgetItem([f"… and {len(problems) - _MAX_ROWS_PER_KIND:,} more"]))
            self.addTopLevelItem(top)
            top.setExpanded(len(problems) <= 5)


class _Sentences(QtWidgets.QStyledItemDelegate):
    """Rows as high as their sentences need in the width of a tree, which Qt takes for endless."""

    def __init__(self, tree: QtWidgets.QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree

    @override
    def sizeHint(self, option: QtWidgets.QStyleOptionViewItem, index: _Index) -> QtCore.QSize:
        depth = 2 if index.parent().isValid() else 1
        width = self._tree.viewport().width() - depth * self._tree.indentation() - theme.S
        flags = QtCore.Qt.TextFlag.TextWordWrap
        text = self._tree.fontMetrics().boundingRect(0, 0, width, 0, flags, index.data())
        return QtCore.QSize(width, text.height() + 2)
