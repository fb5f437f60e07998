"""The runs on the open folder, to compare, reopen, resume, rename and delete."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableWidget, QTableWidgetItem

from cnnstudio.runs.store import Run
from cnnstudio.ui.widgets.progress_strip import seconds_in_words

_COLUMNS = ("Run", "Started", "Validation", "Test", "Time", "State")
_STATES = {
    "running": "going on", "finished": "finished", "stopped": "stopped", "failed": "failed", "interrupted": "cut off",
}  # fmt: skip


class RunsTable(QTableWidget):
    """One row per run, newest first."""

    chosen = Signal(object)
    resume = Signal(object)
    renamed = Signal(object, str)
    delete = Signal(object)

    def __init__(self) -> None:
        super().__init__(0, len(_COLUMNS))
        self.setObjectName("runs_table")
        self.setAccessibleName("Runs on this folder")
        self._runs: list[Run] = []
        self.setHorizontalHeaderLabels(list(_COLUMNS))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(34)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda _: self._menu())
        self.itemSelectionChanged.connect(self._selected)
        self.itemChanged.connect(self._edited)

    def show_runs(self, runs: list[Run], current: Run | None) -> None:
        """Replace the rows and mark the current run."""
        self.blockSignals(True)
        self._runs = runs
        self.setRowCount(len(runs))
        for row, run in enumerate(runs):
            for column, text in enumerate(_texts(run)):
                item = QTableWidgetItem(text)
                flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
                item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if column == 0 else flags)
                if column in (2, 3, 4):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(run.record.problem or str(run.folder))
                self.setItem(row, column, item)
        self.clearSelection()
        if current is not None:
            for row, run in enumerate(runs):
                if run.folder == current.folder:
                    self.selectRow(row)
        self.blockSignals(False)
        rows = min(6, max(1, len(runs)))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + 34 * rows + 6)

    def selected_run(self) -> Run | None:
        """The run of the selected row."""
        row = self.currentRow()
        return self._runs[row] if 0 <= row < len(self._runs) and self.selectedItems() else None

    def _selected(self) -> None:
        run = self.selected_run()
        if run is not None:
            self.chosen.emit(run)

    def _edited(self, item: QTableWidgetItem) -> None:
        if item.column() == 0:
            self.renamed.emit(self._runs[item.row()], item.text())

    def _menu(self) -> None:
        run = self.selected_run()
        if run is None:
            return
        menu = QMenu(self)
        actions: list[tuple[str, Callable[[], object], bool]] = [
            ("Resume", lambda: self.resume.emit(run), run.can_resume),
            ("Rename", lambda: self.edit(self.model().index(self.currentRow(), 0)), True),
            ("Delete…", lambda: self.delete.emit(run), run.record.state != "running"),
        ]
        for text, act, enabled in actions:
            action = QAction(text, menu)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False, act=act: act())
            menu.addAction(action)
        menu.popup(self.cursor().pos())


def _texts(run: Run) -> tuple[str, ...]:
    record = run.record
    percent = {split: f"{100 * score.accuracy:.1f} %" for split, score in record.scores.items()}
    return (
        record.name,
        record.created.replace("T", " ").removesuffix("Z")[:16],
        percent.get("validation", "–"),
        percent.get("test", "–"),
        seconds_in_words(record.seconds) if record.seconds else "–",
        _STATES[record.state],
    )
