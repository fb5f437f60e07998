"""The results page: how good it is, in plain words, per class, and what it mixes up."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import (
    SplitScore,
    beside_sentence,
    class_figures,
    defused,
    mix_up_sentences,
    range_meaning,
    right_sentence,
)
from cnnstudio.jobs import specs
from cnnstudio.runs import Cell, Predictions, Run, RunRecord
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.class_table import ClassTable
from cnnstudio.ui.results.confusion_view import ConfusionView
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, EmptyState, Page, Picture, PictureList, Thumbnails, button, combo, grid, label

_MEANING = {
    "test": "The network has never seen the test pictures, so expect about this on new ones.",
    "validation": "The network has not learned from the validation pictures.",
    "train": "The network learned from these pictures, so this only says whether learning worked.",
}
_WHILE_TRAINING = (
    "The answers come from the network as it was at each step, and pictures were varied, blended or repeated. No "
    "picture lies behind them afterwards, so there are no figures per class and no mix-ups."
)
_ORDER = ("test", "validation", "train")
_THUMBNAIL = 112
_TABLE_HEIGHT, _GALLERY_HEIGHT = 330, 200
_BOTH_FIT = 1000
"""Pixels for the table and the matrix beside each other; with fewer, names of classes would be cut off."""


class _SideBySide(QtWidgets.QWidget):
    """Two cards beside each other, or one below the other where that is too narrow."""

    def __init__(self, cards: Iterable[Card]) -> None:
        super().__init__()
        self._row = QtWidgets.QBoxLayout(QtWidgets.QBoxLayout.Direction.TopToBottom, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.M)
        for card in cards:
            self._row.addWidget(card, 1)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        directions = QtWidgets.QBoxLayout.Direction
        self._row.setDirection(directions.LeftToRight if self.width() >= _BOTH_FIT else directions.TopToBottom)


class ResultsPage(Page):
    """Fifth step."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("results_page", "Results", "How good the network is, and on how many pictures.")
        self._studio = studio
        self._run: Run | None = None
        self._score: SplitScore | None = None
        self._cell: Cell | None = None
        self._looked: set[Path] = set()
        self.run_picker = combo("results_run", "Run", width=190)
        self.run_picker.activated.connect(self._run_picked)
        self.split_picker = combo("results_split", "Split")
        self.split_picker.activated.connect(lambda _: self._show_split(self.split_picker.currentData()))
        self.copy_button = button("Copy", "copy_results", self._copy, icon_name="copy")
        for widget in (self.run_picker, self.split_picker, self.copy_button):
            self.tools.addWidget(widget)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "results",
                "No results yet",
                "Train a network first; its results appear here by themselves.",
                "Go to training",
                lambda: studio.navigate.emit("train"),
            )
        )
        self.stack.addWidget(self._content())
        self.column.addWidget(self.stack, 1)
        studio.run_changed.connect(self.show_run)
        studio.runs_changed.connect(self._fill_runs)
        studio.run_news.connect(lambda _: self._tell_looks())
        self.show_run(None)

    def show_run(self, run: Run | None) -> None:
        """Show the results of a run."""
        self._run = run if run is not None and run.has_results else None
        self.stack.setCurrentIndex(0 if self._run is None else 1)
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

    def _count_look(self) -> None:
        """Somebody sees the test score: once for each run while the window is open."""
        is_test = self._run is not None and self._score is not None and self._score.split == "test"
        self.looks.setVisible(is_test)
        if self._run is None or not is_test or not self.isVisible():
            return
        self._tell_looks()
        if self._run.folder not in self._looked:
            self._looked.add(self._run.folder)
            self._studio.submit(specs.LookAtTest(run=self._run.folder), done=self._studio.take_news)

    def _tell_looks(self) -> None:
        if (run := self._run) is None:
            return
        run = next((each for each in self._studio.runs if each.folder == run.folder), run)
        seen = sum(each.record.test_looks > 0 for each in self._studio.runs)
        self.looks.setText(run.record.looks_sentence(seen))

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()

    def _content(self) -> QtWidgets.QWidget:
        self.sentence = label("", "title", wrap=True, name="result_sentence")
        self.meaning = label("", kind="muted", wrap=True, name="split_meaning")
        self.looks = label("", kind="muted", wrap=True, name="test_looks")
        self.confusions = label("", wrap=True, name="confusions")
        self.matrix = ConfusionView()
        self.matrix.cell_chosen.connect(self._show_cell)
        self.table = ClassTable()
        self.thumbnails = Thumbnails(_THUMBNAIL, self)
        self.pictures = PictureList(self.thumbnails)
        self.gallery = QtWidgets.QListView()
        grid(self.gallery, "cell_pictures", "Pictures behind the chosen cell")
        self.gallery.setModel(self.pictures)
        self.gallery.setIconSize(QtCore.QSize(_THUMBNAIL, _THUMBNAIL))
        self.gallery.setSpacing(theme.S)
        self.cell_text = label(
            "Choose a cell to see the pictures behind it.", kind="muted", wrap=True, name="cell_text"
        )
        matrix_card = Card("Mix-ups")
        matrix_card.body.addWidget(self.matrix)
        matrix_card.body.addWidget(self.confusions)
        matrix_card.body.addWidget(self.cell_text)
        self.gallery.setMinimumHeight(_GALLERY_HEIGHT)
        matrix_card.body.addWidget(self.gallery)
        matrix_card.body.addStretch(1)
        table_card = Card("Class by class")
        self.table.setMinimumHeight(_TABLE_HEIGHT)
        table_card.body.addWidget(self.table)
        body = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.sentence)
        column.addWidget(self.meaning)
        column.addWidget(self.looks)
        self.figures = _SideBySide((table_card, matrix_card))
        column.addWidget(self.figures, 1)
        column.addStretch(0)
        return body

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
        record = self._run.record
        self._score = score = record.scores[split]
        self.sentence.setText(right_sentence(score))
        self.sentence.setToolTip(range_meaning(score))
        self.meaning.setText(" ".join(filter(None, (*_meaning(record, score), *record.caveats))))
        self.figures.setVisible(score.origin != "while-training")
        self.matrix.show_matrix(record.classes, score.confusion)
        self.table.show_figures(
            class_figures(record.classes, score.confusion, score.class_intervals), ranges=score.is_fair
        )
        self._count_look()
        self.confusions.setText("\n".join(mix_up_sentences(record.classes, score.confusion)))
        self._cell = None
        self.pictures.show_pictures([])
        self.gallery.hide()
        self.cell_text.setText("Choose a cell of the matrix to see the pictures behind it.")

    def _show_cell(self, row: int, column: int) -> None:
        if self._run is None or self._score is None:
            return
        record = self._run.record
        self.cell_text.setText(self.matrix.sentence(row, column))
        self._cell = cell = (self._score.split, record.classes[row], record.classes[column])
        self._studio.submit(
            specs.ReadPredictions(run=self._run.folder),
            done=lambda predictions: self._show_pictures(record, cell, predictions),
            failed=self.notice.show_problem,
        )

    def _show_pictures(self, record: RunRecord, cell: Cell, predictions: Predictions) -> None:
        if cell != self._cell:  # another one was chosen meanwhile
            return
        found, said = predictions.cell(*cell), cell[2]
        self.pictures.show_pictures(
            [Picture(record.dataset / answer.path, f"{said} {100 * answer.probability:.0f} %") for answer in found]
        )
        self.gallery.setVisible(bool(found))

    def _copy(self) -> None:
        if self._run is None or self._score is None:
            return
        classes, score = self._run.record.classes, self._score
        lines = [right_sentence(score), beside_sentence(score), ""]
        lines.append("class\tpictures\trecall\tprecision\trecall from\trecall to")
        lines += [
            f"{defused(each.name)}\t{each.pictures}\t{each.recall}\t{each.precision}\t"
            f"{each.interval[0]:.4f}\t{each.interval[1]:.4f}"
            for each in class_figures(classes, score.confusion, score.class_intervals)
        ]
        QtGui.QGuiApplication.clipboard().setText("\n".join(lines))


def _meaning(record: RunRecord, score: SplitScore) -> Iterator[str]:
    """What a score says of new pictures, and what else has to be known of it."""
    if score.origin == "while-training":
        yield _WHILE_TRAINING
        return
    if record.solved_head and score.split != "test":
        yield f"{record.every_picture} Expect about this on new ones."
    elif not record.is_doubtful or score.split == "train":
        yield _MEANING[score.split]
    yield beside_sentence(score)
    if score.split == "test":
        yield record.mix_sentence
