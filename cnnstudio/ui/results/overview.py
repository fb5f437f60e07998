"""How good it is, in a sentence, and what comes next."""

from collections.abc import Iterator

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import SplitScore, counted, range_meaning, right_sentence
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.next_steps import Summary
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.runs import Run, RunRecord
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.gallery import Gallery
from cnnstudio.ui.results.mistake_list import told
from cnnstudio.ui.results.next_steps_card import NextStepsCard
from cnnstudio.ui.results.tab import SplitTab
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Foot, button, label

_MEANING = {
    "test": "The network has never seen the test pictures, so expect about this on new ones.",
    "validation": "The network has not learned from the validation pictures.",
    "train": "The network learned from these pictures, so this only says whether learning worked.",
}
_WHILE_TRAINING = (
    "The answers come from the network as it was at each step, and pictures were varied, blended or repeated. No "
    "picture lies behind them afterwards, so there are no figures per class and no mix-ups."
)
_LIMITS = "It cannot tell how it does on pictures of another kind than yours."
_HEIGHT = 186
"""Pixels of a row of pictures."""
_NOT_YET = "The test pictures are the final exam: choose them above once you have settled on a network."


class Overview(SplitTab):
    """The first thing that everybody sees."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Run | None = None
        self._score: SplitScore | None = None
        self.sentence = label("", "title", wrap=True, name="result_sentence")
        self.beside = label("", wrap=True, name="result_beside")
        self.meaning = label("", "caption", kind="muted", wrap=True, name="split_meaning")
        self.looks = label("", "caption", kind="muted", wrap=True, name="test_looks")
        self.steps = NextStepsCard(studio)
        self.worst = Gallery(studio, "worst_mistakes")
        self.foot = Foot(studio, "overview", shown=self, table=self._rows)
        self._summary: Summary | None = None
        rows = QtWidgets.QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        for widget in (self.sentence, self.beside, self.meaning, self.looks):
            rows.addWidget(widget)
        rows.addLayout(self._uses())
        rows.addSpacing(theme.S)
        rows.addLayout(self._below())
        rows.addWidget(self.foot)
        rows.addStretch(1)
        studio.run_news.connect(lambda _: self._tell_looks())

    @override
    def show_run(self, run: Run | None) -> None:
        self._run, self._score, self._summary = run, None, None
        self.steps.show_steps(())
        self.steps.hide()
        self._worst_card.hide()

    @override
    def show_split(self, split: str) -> None:
        if self._run is None:
            return
        record = self._run.record
        self._score = score = record.scores[split]
        self.sentence.setText(right_sentence(score))
        self.sentence.setToolTip(range_meaning(score))
        self.beside.setText("")
        self.beside.setVisible(score.origin != "while-training")
        self.meaning.setText(" ".join(filter(None, (*_meaning(record, score), *record.caveats))))
        self._tell_looks()
        self._summarise()
        pictures = counted(score.images, f"{score.split} picture")
        judged = "validation" if "validation" in record.scores else "training pictures"
        self.foot.say(f"On {pictures}. What to do next follows from {judged} alone.", _LIMITS)

    @override
    def show_figures(self, figures: Figures) -> None:
        self.beside.setText(" ".join(filter(None, (figures.beside, figures.mix))))

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """What was computed in another tab meanwhile may change what comes next."""
        super().showEvent(event)
        if self._score is not None and self._summary is not None:
            self._summarise()

    @override
    def release(self) -> None:
        self.worst.thumbnails.close()

    def _summarise(self) -> None:
        run, score = self._run, self._score
        if run is None or score is None:
            return
        dataset = self._studio.dataset
        ours = dataset if dataset is not None and dataset.root == run.record.dataset else None
        self._studio.submit(
            specs.Summarise(run=run, split=score.split, dataset=ours),
            done=lambda summary: self._show_summary(run, summary),
            failed=self._studio.problem.emit,
        )

    def _show_summary(self, run: Run, summary: Summary) -> None:
        if run is not self._run or self._score is None or summary.split != self._score.split:
            return
        before, self._summary = self._summary, summary
        self.steps.setVisible(bool(summary.steps))
        self._worst_card.setVisible(bool(summary.worst))
        if before is None or before.steps != summary.steps:  # else a button would lose the keyboard
            self.steps.show_steps(summary.steps)
        if tuple(self.worst.rows.answers) != summary.worst:
            self.worst.rows.show_answers(summary.worst, run.record.dataset)
        self.worst.read_decisions(self._studio.dataset)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        yield ("what", "told")
        yield ("score", self.sentence.text())
        if self._summary is not None:
            yield from (("next", step.sentence) for step in self._summary.steps)
            yield from (("worst mistake", f"{each.path}: {told(each)}") for each in self._summary.worst)

    def _below(self) -> QtWidgets.QVBoxLayout:
        """What to do next, and the worst mistakes."""
        self._worst_card = Card("Worst mistakes")
        self.worst.setFixedHeight(theme.scaled(_HEIGHT))
        see = button("All mistakes", "overview_mistakes", lambda: self._studio.results_wanted.emit("mistakes", ()),
                     kind="ghost")  # fmt: skip
        self._worst_card.head.addWidget(see)
        self._worst_card.body.addWidget(self.worst)
        column = QtWidgets.QVBoxLayout()
        column.setSpacing(theme.M)
        column.addWidget(self.steps)
        column.addWidget(self._worst_card)
        return column

    def _uses(self) -> QtWidgets.QHBoxLayout:
        """Where one goes from here."""
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        go = self._studio.navigate.emit
        self.try_it = button("Try it on pictures", "results_try", lambda: go("predict"), kind="primary")
        self.improve = button("Improve it", "results_improve", lambda: go("train"), icon_name="star")
        self.export = button("Export it", "results_export", lambda: go("export"), icon_name="export")
        for entry in (self.try_it, self.improve, self.export):
            row.addWidget(entry)
        row.addStretch(1)
        return row

    def _tell_looks(self) -> None:
        run, score = self._run, self._score
        if run is None or score is None:
            return
        self.looks.setVisible("test" in run.record.scores)
        if score.split != "test":
            self.looks.setText(_NOT_YET)
            return
        folder = run.folder
        run = next((each for each in self._studio.runs if each.folder == folder), run)
        seen = sum(each.record.test_looks > 0 for each in self._studio.runs)
        self.looks.setText(run.record.looks_sentence(seen))


def _meaning(record: RunRecord, score: SplitScore) -> Iterator[str]:
    """What a score says of new pictures."""
    if score.origin == "while-training":
        yield _WHILE_TRAINING
    elif record.cross_validated and score.split != "test":
        yield f"{record.every_picture} Expect about this on new ones."
    elif not record.is_doubtful or score.split == "train":
        yield _MEANING[score.split]
