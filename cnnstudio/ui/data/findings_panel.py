"""What is suspicious: each kind with its meaning, its pictures, and one click to be rid of it."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.data import Dataset, Finding
from cnnstudio.data.checks.finding_words import WORDS, classes_in_words
from cnnstudio.ui.data.curator import Curator
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import EmptyState, Thumbnails, button, label

_WIDTH = 250
_WEIGH = "Balance the classes while training"
_KIND = int(QtCore.Qt.ItemDataRole.UserRole)


class FindingsPanel(QtWidgets.QWidget):
    """A list on the left, the pictures of the chosen kind on the right."""

    balance_wanted = QtCore.Signal()
    """Small classes are to count more in the next training."""

    def __init__(self, thumbnails: Thumbnails, curator: Curator) -> None:
        super().__init__()
        self.setObjectName("findings_panel")
        self._curator = curator
        self._dataset: Dataset | None = None
        self._stale = False
        self.list = QtWidgets.QListWidget()
        self.list.setObjectName("findings_list")
        self.list.setAccessibleName("Kinds of problems")
        self.list.setFixedWidth(_WIDTH)
        self.list.setProperty("spaced", "true")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.title = label("", "heading", wrap=True, name="finding_title")
        self.meaning = label("", kind="muted", wrap=True, name="finding_meaning")
        self.solve = button("Skip", "finding_solve", self._solve, kind="primary")
        self.weigh = button(_WEIGH, "finding_weigh", self._weigh, kind="primary")
        self.leave = button("Skip the selected ones", "finding_leave", lambda: self.view.leave_out())
        self.view = GridView("finding_grid", thumbnails, curator)
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
        column.addWidget(self.view, 100)
        column.addStretch(1)  # for kinds without pictures
        content = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.list)
        row.addLayout(column, 1)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "data",
                "No problems found",
                "No copies, no leakage between the splits, no unusual pictures among those that are used.",
            )
        )
        self.stack.addWidget(content)
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.list.currentRowChanged.connect(lambda _: self._show())
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._enable())

    def show_dataset(self, dataset: Dataset) -> None:
        """Show what was found; the chosen kind stays while there is something of it."""
        chosen = self._finding_kind()
        if self._dataset is None or self._dataset.root != dataset.root:
            self.weigh.setEnabled(True)
            self.weigh.setText(_WEIGH)
            chosen = ""
        self._dataset = dataset
        with QtCore.QSignalBlocker(self.list):
            self.list.clear()
            for finding in dataset.findings:
                item = QtWidgets.QListWidgetItem(f"{WORDS[finding.kind].title} ({finding.count:,})")
                item.setData(_KIND, finding.kind)
                self.list.addItem(item)
            kinds = [finding.kind for finding in dataset.findings]
            self.list.setCurrentRow(kinds.index(chosen) if chosen in kinds else 0)
        self.stack.setCurrentIndex(1 if dataset.findings else 0)
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
        if finding is None or dataset is None:
            return
        words = WORDS[finding.kind]
        named = f": {classes_in_words(finding)}" if finding.classes else ""
        named = f" ({finding.column})" if finding.column else named
        self.title.setText(words.title + named)
        self.meaning.setText(f"{finding.note} {words.meaning}" if finding.note else words.meaning)
        together = finding.groups if any(len(group) > 1 for group in finding.groups) else ()
        self.view.show_samples(dataset.samples_of(finding), dataset, together)
        self.view.setVisible(bool(finding.groups))
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
