"""How good it is, in a sentence, and what comes next."""

from collections.abc import Iterator

from PySide6 import QtWidgets
from typing_extensions import override

from cnnstudio.core import SplitScore, range_meaning, right_sentence
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.runs import Run, RunRecord
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.tab import SplitTab
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, label

_MEANING = {
    "test": "The network has never seen the test pictures, so expect about this on new ones.",
    "validation": "The network has not learned from the validation pictures.",
    "train": "The network learned from these pictures, so this only says whether learning worked.",
}
_WHILE_TRAINING = (
    "The answers come from the network as it was at each step, and pictures were varied, blended or repeated. No "
    "picture lies behind them afterwards, so there are no figures per class and no mix-ups."
)
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
        rows = QtWidgets.QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        for widget in (self.sentence, self.beside, self.meaning, self.looks):
            rows.addWidget(widget)
        rows.addLayout(self._uses())
        rows.addStretch(1)
        studio.run_news.connect(lambda _: self._tell_looks())

    @override
    def show_run(self, run: Run | None) -> None:
        self._run, self._score = run, None

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

    @override
    def show_figures(self, figures: Figures) -> None:
        self.beside.setText(" ".join(filter(None, (figures.beside, figures.mix))))

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
