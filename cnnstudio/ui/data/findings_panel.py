"""What is suspicious: each kind with its meaning, its pictures, and one click to be rid of it."""

from collections.abc import Callable

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, isolated
from cnnstudio.data import Dataset, Finding
from cnnstudio.data.checks.finding_words import WORDS, classes_in_words
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.data.skipped_files import SkippedFiles
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Curator
from cnnstudio.ui.widgets import EmptyState, Thumbnails, button, label

_WIDTH = 250
_WEIGH = "Balance the classes while training"
_KIND = int(QtCore.Qt.ItemDataRole.UserRole)
_NAME = int(QtCore.Qt.ItemDataRole.UserRole)
_FILES = "skipped-files"
"""The kind of files that could not be used, which is no finding."""
_PICTURES, _CLASSES, _TREE, _NOTHING = range(4)


class FindingsPanel(QtWidgets.QWidget):
    """A list on the left, the pictures, classes or files of the chosen kind on the right."""

    balance_wanted = QtCore.Signal()
    """Small classes are to count more in the next training."""
    class_wanted = QtCore.Signal(str)
    """A class to see the pictures of."""
    left = QtCore.Signal()
    """Back to all pictures."""

    def __init__(self, sizes: tuple[Thumbnails, Thumbnails], curator: Curator) -> None:
        super().__init__()
        self.setObjectName("findings_panel")
        self._curator = curator
        self._dataset: Dataset | None = None
        self._stale = False
        self.back = button("Back to the pictures", "findings_back", self.left.emit, icon_name="image")
        self.list = QtWidgets.QListWidget()
        self.list.setObjectName("findings_list")
        self.list.setAccessibleName("Kinds of problems")
        self.list.setFixedWidth(theme.scaled(_WIDTH))
        self.list.setProperty("spaced", "true")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.title = label("", "heading", wrap=True, name="finding_title")
        self.meaning = label("", kind="muted", wrap=True, name="finding_meaning")
        self.solve = button("Skip", "finding_solve", self._solve, kind="primary")
        self.weigh = button(_WEIGH, "finding_weigh", self._weigh, kind="primary")
        self.leave = button("Skip the selected ones", "finding_leave", lambda: self.view.leave_out())
        self.view = GridView("finding_grid", sizes, curator)
        self.classes = QtWidgets.QListWidget()
        self.classes.setObjectName("finding_classes")
        self.classes.setAccessibleName("Classes it is about")
        self.classes.setProperty("spaced", "true")
        self.classes.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.classes.setUniformItemSizes(True)
        self.classes.itemActivated.connect(lambda item: self.class_wanted.emit(item.data(_NAME)))
        self.tree = SkippedFiles()
        self.kinds = QtWidgets.QStackedWidget()
        for part in (self.view, self.classes, self.tree, QtWidgets.QWidget()):
            self.kinds.addWidget(part)
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(theme.S)
        for entry in (self.solve, self.weigh, self.leave):
            buttons.addWidget(entry)
        buttons.addStretch(1)
        column = QtWidgets.QVBoxLayout()
        column.setSpacing(theme.S)
        column.addWidget(self.title)
        column.addWidget(self.meaning)
        column.addLayout(buttons)
        column.addWidget(self.kinds, 1)
        beside = QtWidgets.QVBoxLayout()
        beside.setSpacing(theme.S)
        beside.addWidget(self.back)
        beside.addWidget(self.list, 1)
        content = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addLayout(beside)
        row.addLayout(column, 1)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "data",
                "No problems found",
                "No copies, no leakage between the splits, no unusual pictures among those that are used.",
                "Back to the pictures",
                self.left.emit,
            )
        )
        self.stack.addWidget(content)
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.list.currentRowChanged.connect(lambda _: self._show())
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._enable())

    def use_keys(self, keys: Callable[[], list[str]]) -> None:
        """Which classes the digits give."""
        self.view.keys = keys

    def show_dataset(self, dataset: Dataset) -> None:
        """Show what was found; the chosen kind stays while there is something of it."""
        chosen = self._finding_kind()
        if self._dataset is None or self._dataset.root != dataset.root:
            self.weigh.setEnabled(True)
            self.weigh.setText(_WEIGH)
            chosen = ""
        self._dataset = dataset
        rows: list[tuple[str, str]] = [(f"{WORDS[f.kind].title} ({f.count:,})", f.kind) for f in dataset.findings]
        if dataset.problems:
            rows.append((f"Skipped files ({len(dataset.problems):,})", _FILES))
        kinds = [kind for _, kind in rows]
        with QtCore.QSignalBlocker(self.list):
            self.list.clear()
            for text, kind in rows:
                item = QtWidgets.QListWidgetItem(text)
                item.setData(_KIND, kind)
                self.list.addItem(item)
            self.list.setCurrentRow(kinds.index(chosen) if chosen in kinds else 0)
        self.stack.setCurrentIndex(1 if rows else 0)
        self.tree.show_dataset(dataset)
        self._stale = not self.isVisible()
        if not self._stale:
            self._show()

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self._show()

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @property
    def finding(self) -> Finding | None:
        """What is chosen."""
        kind = self._finding_kind()
        return next((f for f in self._dataset.findings if f.kind == kind), None) if self._dataset else None

    def _finding_kind(self) -> str:
        item = self.list.currentItem()
        return item.data(_KIND) if item is not None else ""

    def _show(self) -> None:
        finding, dataset = self.finding, self._dataset
        if dataset is None:
            return
        for entry in (self.leave, self.weigh, self.solve):
            entry.hide()
        if finding is None:
            self.title.setText("Skipped files")
            self.meaning.setText("They are not used, each for its own reason. Your files stay as they are.")
            self.kinds.setCurrentIndex(_TREE)
            return
        words = WORDS[finding.kind]
        named = f": {classes_in_words(finding)}" if finding.merges else ""
        named = f" ({finding.column})" if finding.column else named
        self.title.setText(words.title + named)
        self.meaning.setText(f"{finding.note} {words.meaning}" if finding.note else words.meaning)
        together = finding.groups if any(len(group) > 1 for group in finding.groups) else ()
        self.view.show_samples(dataset.samples_of(finding), dataset, together)
        self._show_classes(finding, dataset)
        self.kinds.setCurrentIndex(_PICTURES if finding.groups else _CLASSES if finding.classes else _NOTHING)
        self.leave.setVisible(bool(finding.groups))
        count = len(finding.spare)
        self.weigh.setVisible(finding.kind == "unbalanced")
        self.solve.setVisible(count > 0 or bool(finding.merges))
        if finding.merges:
            left = len({into for _, into in finding.merges})
            self.solve.setText(f"Merge {counted(len(finding.classes), 'class', 'classes')} into {left:,}")
        else:
            self.solve.setText(f"Keep one of each, skip {count:,}" if together else f"Skip {counted(count, 'picture')}")
        self._enable()

    def _show_classes(self, finding: Finding, dataset: Dataset) -> None:
        """One below the other, however many."""
        counts = dataset.counts() if finding.classes else {}
        self.classes.clear()
        for name in finding.classes:
            item = QtWidgets.QListWidgetItem(f"{isolated(name)}: {counts[name]['train']:,} to learn from")
            item.setData(_NAME, name)
            self.classes.addItem(item)

    def _enable(self) -> None:
        self.leave.setEnabled(bool(self.view.selectedIndexes()))

    def _weigh(self) -> None:
        self.balance_wanted.emit()
        self.weigh.setEnabled(False)
        self.weigh.setText("The next training will balance the classes")

    def _solve(self) -> None:
        if self.finding is not None:
            self._curator.leave_out(self.finding.spare)
            self._curator.merge(self.finding.merges)
