"""The runs on the open folder, as a table."""

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import RecipeError, counted, right_sentence, seconds_in_words
from cnnstudio.networks import DEFAULT_MODE, mode_words
from cnnstudio.runs import Run
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.options import OPTIONS
from cnnstudio.ui.widgets import Cell, plain, table

_NOT_TOLD = ("precision", "head_solver", "watch_inside")
"""Every run records what was measured, or came of its mode; and looking inside changes nothing."""


def recipe_words(plain: dict[str, Any]) -> str:
    """Mode, epochs, and every advanced setting that differs from the mode's default.

    Args:
        plain: a recipe as a run records it.
    """
    mode, epochs = str(plain.get("mode", DEFAULT_MODE)), plain.get("epochs", 0)
    solved = plain.get("head_solver") == "regression" and epochs == 0
    how = "by cross-validation" if solved else counted(epochs if isinstance(epochs, int) else 0, "epoch")
    words = [mode_words(mode), how]
    try:
        optimizer, solver = plain.get("optimizer", "adamw"), plain.get("head_solver", "epochs")
        defaults = Recipe(
            dataset="", network="", mode=mode, weights="auto", optimizer=optimizer, head_solver=solver
        ).resolved()
    except RecipeError:  # a run by a newer version
        return ", ".join(words)
    for path, option in OPTIONS.items():
        if path in _NOT_TOLD:
            continue
        value, usual = _at(plain, path), defaults
        for name in path.split("."):
            usual = getattr(usual, name)
        if value not in (None, usual):
            shown = next((text for text, choice in option.choices if choice == value), value)
            words.append(
                f"{option.title.lower()} {shown:g}" if isinstance(shown, float) else _pair(option.title, shown)
            )
    return ", ".join(words)


def _pair(title: str, value: object) -> str:
    if isinstance(value, bool):
        return title.lower() if value else f"not: {title.lower()}"
    return f"{title.lower()} {str(value).lower()}"


def _at(plain: Any, path: str) -> Any:
    for name in path.split("."):
        plain = plain.get(name) if isinstance(plain, dict) else None
    return plain


_COLUMNS = ("Run", "Recipe", "Started", "Validation", "Time", "State")
_ROW_HEIGHT = 34
_RUN = QtCore.Qt.ItemDataRole.UserRole
_STATES = {
    "running": "running", "finished": "finished", "stopped": "stopped", "failed": "failed",
    "interrupted": "interrupted",
}  # fmt: skip


class RunsTable(QtWidgets.QTableWidget):
    """One row per run, newest first until another column is clicked; several rows can be compared."""

    chosen = QtCore.Signal(Run)
    compared = QtCore.Signal(list)
    """Several runs are selected."""
    resume = QtCore.Signal(Run)
    train_longer = QtCore.Signal(Run)
    use_recipe = QtCore.Signal(Run)
    renamed = QtCore.Signal(Run, str)
    delete = QtCore.Signal(Run)

    def __init__(self) -> None:
        super().__init__(0, len(_COLUMNS))
        table(self, "runs_table", "Runs on this folder", _ROW_HEIGHT)
        self._runs: list[Run] = []
        self.setHorizontalHeaderLabels(list(_COLUMNS))
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QtWidgets.QAbstractItemView.EditTrigger.EditKeyPressed
            | QtWidgets.QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.horizontalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(2, QtCore.Qt.SortOrder.DescendingOrder)
        self.customContextMenuRequested.connect(lambda _: self._menu())
        self.itemSelectionChanged.connect(self._selected)
        self.itemChanged.connect(self._edited)

    def show_runs(self, runs: list[Run], current: Run | None) -> None:
        """Replace the rows and mark the current run."""
        with QtCore.QSignalBlocker(self):
            self._fill(runs, current)
        rows = min(6, max(1, len(runs)))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + theme.scaled(_ROW_HEIGHT) * rows + 6)

    def _fill(self, runs: list[Run], current: Run | None) -> None:
        self.setSortingEnabled(False)
        self._runs = runs
        self.setRowCount(len(runs))
        for row, run in enumerate(runs):
            for column, (text, key) in enumerate(_cells(run)):
                item = Cell(text, key)
                item.setData(_RUN, row)
                flags = QtCore.Qt.ItemFlag.ItemIsSelectable | QtCore.Qt.ItemFlag.ItemIsEnabled
                is_name = column == 0 and not run.damage
                item.setFlags(flags | QtCore.Qt.ItemFlag.ItemIsEditable if is_name else flags)
                item.setToolTip(plain(_tip(run, column, text)))
                self.setItem(row, column, item)
        self.setSortingEnabled(True)
        self.clearSelection()
        if current is not None:
            for row in range(len(runs)):
                if self._run_in(row).folder == current.folder:
                    self.selectRow(row)

    def selected_runs(self) -> list[Run]:
        """The runs of the selected rows, from top to bottom."""
        return [self._run_in(index.row()) for index in self.selectionModel().selectedRows()]

    def selected_run(self) -> Run | None:
        """The selected run, when it is one."""
        runs = self.selected_runs()
        return runs[0] if len(runs) == 1 else None

    def _run_in(self, row: int) -> Run:
        cell = self.item(row, 0)
        assert cell is not None
        return self._runs[cell.data(_RUN)]

    def _selected(self) -> None:
        runs = self.selected_runs()
        if len(runs) == 1:
            self.chosen.emit(runs[0])
        elif runs:
            self.compared.emit(runs)

    def _edited(self, item: QtWidgets.QTableWidgetItem) -> None:
        if item.column() == 0:
            self.renamed.emit(self._run_in(item.row()), item.text())

    def _menu(self) -> None:
        run = self.selected_run()
        if run is None:
            return
        menu = QtWidgets.QMenu(self)
        actions: list[tuple[str, Callable[[], object], bool]] = [
            ("Resume", lambda: self.resume.emit(run), run.can_resume),
            ("Train longer", lambda: self.train_longer.emit(run), _may_go_on(run)),
            ("Use this recipe", lambda: self.use_recipe.emit(run), True),
            ("Rename", lambda: self.edit(self.model().index(self.currentRow(), 0)), not run.damage),
            ("Delete…", lambda: self.delete.emit(run), run.record.state != "running"),
        ]
        for text, act, enabled in actions:
            action = QtGui.QAction(text, menu)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False, act=act: act())
            menu.addAction(action)
        menu.popup(self.cursor().pos())


def _may_go_on(run: Run) -> bool:
    """Whether there are more epochs to be had."""
    return run.record.state == "finished" and not run.record.solved_head


def _tip(run: Run, column: int, text: str) -> str:
    score = run.record.scores.get(_COLUMNS[column].lower())
    if score is not None:
        return right_sentence(score)
    return text if column == 1 else run.record.problem or str(run.folder)


def _cells(run: Run) -> tuple[tuple[str, float | str], ...]:
    """Text and sort key of each column."""
    record = run.record
    words = run.damage or recipe_words(record.recipe)
    score = record.scores.get("validation")  # test pictures choose nothing, so they are not here to be sorted by
    return (
        (record.name, record.name.lower()),
        (words, words),
        (record.created.replace("T", " ").removesuffix("Z")[:16], record.created),
        (f"{100 * score.accuracy:.1f} %", score.accuracy) if score else ("–", -1.0),
        (seconds_in_words(record.seconds) if record.seconds else "–", float(record.seconds)),
        ("damaged" if run.damage else _STATES[record.state], record.state),
    )
