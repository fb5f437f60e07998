"""How the pictures are split, and which files were skipped."""

from collections import defaultdict

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import SPLITS, Dataset, SplitSpec
from cnnstudio.ui.data.class_list import paint_split, split_colours
from cnnstudio.ui.data.split_dialog import SplitDialog
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, label, plain

_KINDS = {
    "unreadable": "Damaged", "truncated": "Incomplete", "not-an-image": "Not a picture",
    "unsupported": "Cannot be read",
    "too-large": "Too large", "empty-file": "Empty file", "system-file": "System file", "hidden": "Hidden",
    "outside-classes": "Not in a class folder", "empty-class": "Class without pictures",
    "small-class": "Class with few pictures", "loop": "Link that leads back", "table": "Table of labels",
}  # fmt: skip
_MAX_ROWS_PER_KIND = 500
_Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
_ANY_HEIGHT = 16_777_215  # QWIDGETSIZE_MAX


class ProblemsCard(Card):
    """A tree of kinds; short ones are open."""

    def __init__(self) -> None:
        super().__init__("Skipped files")
        self.tree = QtWidgets.QTreeWidget()
        self.tree.setObjectName("left_out")
        self.tree.setAccessibleName("Skipped files, and why")
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(1)
        self.tree.setWordWrap(True)
        self.tree.setItemDelegate(_Sentences(self.tree))
        self.tree.header().sectionResized.connect(lambda *_: self.tree.scheduleDelayedItemsLayout())
        self.tree.setIndentation(theme.M)
        self.tree.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setVerticalScrollMode(QtWidgets.QTreeView.ScrollMode.ScrollPerPixel)
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
            top = QtWidgets.QTreeWidgetItem([f"{_KINDS[kind]}: {len(problems):,}"])
            for problem in problems[:_MAX_ROWS_PER_KIND]:
                row = QtWidgets.QTreeWidgetItem([problem.detail])
                row.setToolTip(0, plain(f"{problem.detail}\n{problem.path}"))
                top.addChild(row)
            if len(problems) > _MAX_ROWS_PER_KIND:
                top.addChild(QtWidgets.QTreeWidgetItem([f"… and {len(problems) - _MAX_ROWS_PER_KIND:,} more"]))
            self.tree.addTopLevelItem(top)
            top.setExpanded(len(problems) <= 5)
        self.tree.setVisible(bool(by_kind))
        self._nothing.setVisible(not by_kind)
        self.setMaximumHeight(_ANY_HEIGHT if by_kind else self.sizeHint().height())


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


class SplitCard(Card):
    """A bar and a sentence."""

    redraw = QtCore.Signal(SplitSpec)
    """What a person wants from now on."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Split")
        self._studio = studio
        self._dataset: Dataset | None = None
        self.change = button("Change…", "change_split", self._ask, kind="ghost")
        self.change.hide()
        self.head.addWidget(self.change)
        self.text = label("", kind="muted", wrap=True, name="split_text")
        self.bar = SplitBar()
        self.body.addWidget(self.bar)
        self.body.addWidget(self.text)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show a folder's split."""
        self._dataset = dataset
        self.change.setVisible(dataset.split_source != "folders")
        rows = dataset.counts().values()
        totals: dict[str, int] = {split: sum(row[split] for row in rows) for split in SPLITS}
        self.bar.show_counts(totals)
        self.text.setText(_split_sentence(dataset, totals))

    def _ask(self) -> None:
        if self._dataset is None:
            return
        dialog = SplitDialog(self._dataset, self._studio, self)
        if dialog.exec() == SplitDialog.DialogCode.Accepted:
            self.redraw.emit(dialog.spec())
        dialog.deleteLater()


class SplitBar(QtWidgets.QWidget):
    """Train, validation and test as one bar with a legend."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("split_bar")
        self._counts: dict[str, int] = dict.fromkeys(SPLITS, 0)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 14 + theme.S, 0, 0)
        row = QtWidgets.QHBoxLayout()
        self._legend = [label("", "caption") for _ in SPLITS]
        for entry in self._legend:
            row.addWidget(entry)
        row.addStretch(1)
        column.addLayout(row)
        theme.notifier().changed.connect(self._write)

    def show_counts(self, counts: dict[str, int]) -> None:
        """Pictures per split."""
        self._counts = dict(counts)
        self._write()
        self.update()

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(240, 48)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        paint_split(painter, QtCore.QRectF(0, 2, self.width(), 12), self._counts)

    def _write(self) -> None:
        for entry, split, colour in zip(self._legend, SPLITS, split_colours(), strict=True):
            entry.setText(f"■ {split} {self._counts[split]:,}")
            entry.setStyleSheet(f"color: {colour};")
        self.setAccessibleName(", ".join(f"{count} {split}" for split, count in self._counts.items()))


def _split_sentence(dataset: Dataset, totals: dict[str, int]) -> str:
    if dataset.split_source == "stratified":
        where = "Split at random: the same share of every class, and the same pictures every time."
        if dataset.spec.folds:
            where = (
                f"Cross-validation, fold {dataset.spec.fold + 1} of {dataset.spec.folds}: each fold is used for "
                "validation once."
            )
    elif dataset.split_source == "validation-drawn":
        where = "Validation is taken from your train pictures, the same ones every time; test is as your folders say."
    elif totals["test"]:
        where = "As your train, validation and test folders say."
    else:
        where = "As your folders say. There is no test folder, so there is no final exam on new pictures."
    meaning = "It learns from train. Validation shows which training is best. Test is the final exam."
    return f"{where} {meaning}"
