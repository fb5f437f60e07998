"""The results page: how good it is, in plain words, per class, and what it mixes up."""

from collections.abc import Iterator
from pathlib import Path

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import SplitScore, beside_sentence, defused, range_meaning, right_sentence
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.runs import Run, RunRecord
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.class_table import ClassTable
from cnnstudio.ui.results.mistakes_card import MistakesCard
from cnnstudio.ui.results.mix_ups_card import MixUpsCard
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, EmptyState, OneOf, Page, button, combo, label

_MEANING = {
    "test": "The network has never seen the test pictures, so expect about this on new ones.",
    "validation": "The network has not learned from the validation pictures.",
    "train": "The network learned from these pictures, so this only says whether learning worked.",
}
_WHILE_TRAINING = (
    "The answers come from the network as it was at each step, and pictures were varied, blended or repeated. No "
    "picture lies behind them afterwards, so there are no figures per class and no mix-ups."
)
_ORDER = ("validation", "test", "train")
"""The test pictures are shown when they are asked for: each look at their score is counted."""
_NOT_YET = "The test pictures are the final exam: choose them above once you have settled on a network."
_FEW_ROWS, _MANY_ROWS = 3, 14
_SEARCH_FROM = 12
"""Classes from which on a field to search them is of use."""


class ResultsPage(Page):
    """Fifth step."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("results_page", "Results")
        self.subtitle.hide()
        self._studio = studio
        self._run: Run | None = None
        self._score: SplitScore | None = None
        self._figures: Figures | None = None
        self._looked: set[Path] = set()
        self.run_picker = combo("results_run", "Run", width=190)
        self.run_picker.activated.connect(self._run_picked)
        self.split_picker = combo("results_split", "Split", width=150)
        self.split_picker.activated.connect(lambda _: self._show_split(self.split_picker.currentData()))
        self.copy_button = button("Copy", "copy_results", self._copy, icon_name="copy")
        for widget in (self.run_picker, self.split_picker, self.copy_button):
            self.tools.addWidget(widget)
        self.empty = EmptyState(
            "results",
            "No results yet",
            "Train a network first; its results appear here by themselves.",
            "Go to training",
            lambda: studio.navigate.emit("train"),
        )
        self.parts = OneOf(self.empty, self._content())
        self.column.addWidget(self.parts, 1)
        studio.run_changed.connect(self.show_run)
        studio.runs_changed.connect(self._fill_runs)
        studio.run_news.connect(lambda _: self._tell_looks())
        self.show_run(None)

    def show_run(self, run: Run | None) -> None:
        """Show the results of a run; what one looks at stays where it is the same run as before."""
        if run is not None and self._run is not None and _are_same(run, self._run):
            return
        self._run = run if run is not None and run.has_results else None
        self.parts.show_part(self.empty if self._run is None else self.body)
        for widget in (self.run_picker, self.split_picker, self.copy_button):
            widget.setVisible(self._run is not None)
        if self._run is None:
            return
        self._fill_runs()
        splits = [split for split in _ORDER if split in self._run.record.scores]
        self.split_picker.clear()
        for split in splits:
            self.split_picker.addItem(f"{split} pictures", split)
        self._show_split(splits[0])

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._count_look()

    def release(self) -> None:
        """Wait for pictures being read."""
        self.mistakes.release()

    # Layout ---------------------------------------------------------------------------------------------------

    def _content(self) -> QtWidgets.QWidget:
        self.sentence = label("", "title", wrap=True, name="result_sentence")
        self.beside = label("", wrap=True, name="result_beside")
        self.meaning = label("", "caption", kind="muted", wrap=True, name="split_meaning")
        self.looks = label("", "caption", kind="muted", wrap=True, name="test_looks")
        self.mix_ups = MixUpsCard()
        self.matrix = self.mix_ups.matrix
        self.mistakes = MistakesCard(self._studio)
        self.mix_ups.chosen.connect(self._show_cell)
        self.figures = QtWidgets.QWidget()
        beside = QtWidgets.QHBoxLayout()
        beside.setSpacing(theme.M)
        beside.addWidget(self.mix_ups, 5)
        beside.addWidget(self.mistakes, 4)
        column = QtWidgets.QVBoxLayout(self.figures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addLayout(beside)
        column.addWidget(self._classes())
        self.body = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(self.body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        for widget in (self.sentence, self.beside, self.meaning, self.looks):
            rows.addWidget(widget)
        rows.addLayout(self._next_steps())
        rows.addWidget(self.figures)
        rows.addStretch(1)
        return self.body

    def _next_steps(self) -> QtWidgets.QHBoxLayout:
        """Where one goes from here."""
        steps = QtWidgets.QHBoxLayout()
        steps.setSpacing(theme.S)
        go = self._studio.navigate.emit
        self.try_it = button("Try it on pictures", "results_try", lambda: go("predict"), kind="primary")
        self.improve = button("Improve it", "results_improve", lambda: go("train"), icon_name="star")
        self.export = button("Export it", "results_export", lambda: go("export"), icon_name="export")
        for entry in (self.try_it, self.improve, self.export):
            steps.addWidget(entry)
        steps.addStretch(1)
        return steps

    def _classes(self) -> Card:
        card = Card("Class by class")
        self.table = ClassTable()
        self.table.class_chosen.connect(self.mistakes.only_class)
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("class_search")
        self.search.setAccessibleName("Find a class")
        self.search.setPlaceholderText("Find a class")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(240)
        self.search.textChanged.connect(self.table.rows.narrow)
        card.head.addWidget(self.search)
        card.body.addWidget(self.table)
        return card

    # State ----------------------------------------------------------------------------------------------------

    def _count_look(self) -> None:
        """Somebody sees the test score: once for each run while the window is open."""
        self._tell_looks()
        if self._run is None or not self._is_test or not self.isVisible():
            return
        if self._run.folder not in self._looked:
            self._looked.add(self._run.folder)
            self._studio.submit(specs.LookAtTest(run=self._run.folder), done=self._studio.take_news)

    @property
    def _is_test(self) -> bool:
        return self._score is not None and self._score.split == "test"

    def _tell_looks(self) -> None:
        if (run := self._run) is None:
            return
        self.looks.setVisible("test" in run.record.scores)
        if not self._is_test:
            self.looks.setText(_NOT_YET)
            return
        run = next((each for each in self._studio.runs if each.folder == run.folder), run)
        seen = sum(each.record.test_looks > 0 for each in self._studio.runs)
        self.looks.setText(run.record.looks_sentence(seen))

    def _fill_runs(self) -> None:
        self.run_picker.clear()
        for run in self._studio.runs:
            if run.has_results:
                self.run_picker.addItem(run.record.dated_name, run)
                if self._run is not None and run.folder == self._run.folder:
                    self.run_picker.setCurrentIndex(self.run_picker.count() - 1)

    def _run_picked(self, index: int) -> None:
        self._studio.show_run(self.run_picker.itemData(index))

    def _show_split(self, split: str) -> None:
        if self._run is None:
            return
        run, record = self._run, self._run.record
        self._score, self._figures = record.scores[split], None
        self.sentence.setText(right_sentence(self._score))
        self.sentence.setToolTip(range_meaning(self._score))
        self.beside.setText("")
        self.meaning.setText(" ".join(filter(None, (*_meaning(record, self._score), *record.caveats))))
        self._count_look()
        self.figures.setVisible(self._score.origin != "while-training")
        self.beside.setVisible(self._score.origin != "while-training")
        self.mistakes.show_split(run, split)
        self._studio.submit(
            specs.CountFigures(record=record, split=split), done=lambda figures: self._show_figures(run, split, figures)
        )

    def _show_figures(self, run: Run, split: str, figures: Figures) -> None:
        if run is not self._run or self._score is None or split != self._score.split:
            return
        self._figures = figures
        self.beside.setText(" ".join(filter(None, (figures.beside, figures.mix))))
        self.mix_ups.show_figures(figures)
        self.table.rows.show_figures(figures.figures, ranges=self._score.is_fair)
        self.search.setVisible(len(figures.classes) >= _SEARCH_FROM)
        rows = max(_FEW_ROWS, min(_MANY_ROWS, len(figures.classes)))
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(rows * self.table.verticalHeader().defaultSectionSize() + header + theme.S)

    def _show_cell(self, row: int, column: int) -> None:
        figures = self._figures
        if figures is not None:
            true, predicted = figures.classes[row], figures.classes[column]
            self.mistakes.only_cell(true, predicted, self.matrix.sentence(row, column))

    def _copy(self) -> None:
        if self._score is None or self._figures is None:
            return
        lines = [right_sentence(self._score), beside_sentence(self._score), ""]
        lines.append("class\tpictures\trecall\tprecision\trecall from\trecall to")
        lines += [
            f"{defused(each.name)}\t{each.pictures}\t{each.recall}\t{each.precision}\t"
            f"{each.interval[0]:.4f}\t{each.interval[1]:.4f}"
            for each in self._figures.figures
        ]
        QtGui.QGuiApplication.clipboard().setText("\n".join(lines))


def _are_same(one: Run, other: Run) -> bool:
    """Without comparing the scores, which are a million figures for a thousand classes."""
    return one.folder == other.folder and all(
        getattr(one.record, name) == getattr(other.record, name) for name in ("state", "epochs_done", "best_epoch")
    )


def _meaning(record: RunRecord, score: SplitScore) -> Iterator[str]:
    """What a score says of new pictures."""
    if score.origin == "while-training":
        yield _WHILE_TRAINING
    elif record.solved_head and score.split != "test":
        yield f"{record.every_picture} Expect about this on new ones."
    elif not record.is_doubtful or score.split == "train":
        yield _MEANING[score.split]
