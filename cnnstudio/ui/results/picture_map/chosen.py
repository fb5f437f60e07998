"""The pictures of the points that are selected, and what can be done with them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtWidgets

from cnnstudio.core import counted
from cnnstudio.data import Dataset
from cnnstudio.jobs import specs
from cnnstudio.runs import Answer
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.mistake_list import SIDE, MistakeGrid
from cnnstudio.ui.results.mistake_view import MistakeView
from cnnstudio.ui.state import Curator, Studio
from cnnstudio.ui.widgets import Thumbnails, button, label
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.understanding.mistakes import Judged

_NOTHING = "Draw a line around points to see their pictures here. Shift adds to them, Ctrl moves the map."


class ChosenPictures(QtWidgets.QWidget):
    """A grid; Return opens one large, Delete skips."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("map_chosen")
        self._studio, self._curator = studio, Curator(studio)
        self.root = Path()
        self.thumbnails = Thumbnails(2 * SIDE, self)
        self.words = label(_NOTHING, "caption", kind="muted", wrap=True, name="map_chosen_words")
        self.grid = MistakeGrid(self.thumbnails)
        self.grid.setObjectName("map_grid")
        self.grid.setAccessibleName("Selected pictures")
        self.grid.opened.connect(self._open)
        self.grid.skip_wanted.connect(self._curator.leave_out)
        self.grid.class_wanted.connect(self._ask_class)
        self.change = button("Change class…", "map_change", lambda: self._ask_class(self._paths()))
        self.skip = button("Skip", "map_skip", lambda: self._curator.leave_out(self._paths()))
        self.show_in_data = button("Show in Data", "map_show", self._show)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.XS)
        for entry in (self.change, self.skip, self.show_in_data):
            row.addWidget(entry)
        row.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.words)
        column.addWidget(self.grid, 1)
        column.addLayout(row)
        studio.dataset_changed.connect(self._read_decisions)
        studio.history.changed.connect(lambda: self._read_decisions(studio.dataset))
        self.show_answers((), Path())

    def show_answers(self, answers: Sequence[Answer], root: Path) -> None:
        """Show these pictures; paths are relative to ``root``."""
        self.root = root
        self.thumbnails.forget_waiting()
        self.grid.rows.show_answers([Judged(*answer, None) for answer in answers], root)
        wrong = sum(answer.true != answer.predicted for answer in answers)
        mistakes = counted(wrong, "mistake")
        self.words.setText(f"{counted(len(answers), 'picture')} selected, {mistakes}." if answers else _NOTHING)
        self.grid.setVisible(bool(answers))
        policy = QtWidgets.QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Expanding if answers else policy.Maximum)  # the legend has the rest
        ours = self._studio.dataset is not None and self._studio.dataset.root == root
        for entry in (self.change, self.skip, self.show_in_data):
            entry.setVisible(bool(answers))
            entry.setEnabled(ours)
        if answers:
            self._read_decisions(self._studio.dataset)

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()

    def open_picture(self, answers: Sequence[Answer], row: int, root: Path) -> None:
        """Show one of some pictures large."""
        self.show_answers(answers, root)
        self._open(row)

    def _paths(self) -> list[Path]:
        """Those that are marked in the grid, or all."""
        rows = self.grid.rows
        return self.grid.chosen() or [rows.path_of(answer) for answer in rows.answers]

    def _open(self, row: int) -> None:
        dialog = MistakeView(self._studio, self._curator, self.grid.rows, self.window())
        dialog.show_row(row)
        dialog.open()

    def _ask_class(self, paths: list[Path]) -> None:
        dataset = self._studio.dataset
        if dataset is not None and paths:
            answers = self.grid.rows.answers
            chooser = ClassChooser(dataset.classes, (answers[0].predicted,) if answers else (), self)
            chooser.chosen.connect(lambda name: self._curator.relabel(paths, name))
            chooser.open_below(self.words)

    def _show(self) -> None:
        self._studio.pictures_wanted.emit(self._paths())

    def _read_decisions(self, dataset: Dataset | None) -> None:
        if dataset is not None and self.grid.rows.answers:
            self._studio.submit(specs.ReadDecisions(root=dataset.root), done=self.grid.rows.show_decisions)
