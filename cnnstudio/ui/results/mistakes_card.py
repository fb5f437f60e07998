"""The pictures behind the figures: all mistakes, the hardest first, or those of one cell or one class."""

from pathlib import Path

from cnnstudio.core import counted, isolated
from cnnstudio.jobs import specs
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.filter_chips import FilterChips
from cnnstudio.ui.results.gallery import Gallery
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, label
from cnnstudio.understanding.mistakes import Judged, Mistakes

_HEIGHT = 330


class MistakesCard(Card):
    """Each opens large, where its class can be changed or it can be skipped at once."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Mistakes")
        self._studio = studio
        self._run: Run | None = None
        self._split = ""
        self._found: Mistakes | None = None
        self._class = ""
        self._cell_words: dict[tuple[str, str], str] = {}
        self.chips = FilterChips()
        self.chips.changed.connect(self._narrow)
        self.about = label("", "caption", kind="muted", wrap=True, name="mistakes_about")
        self.grid = Gallery(studio)
        self.grid.setMinimumHeight(theme.scaled(_HEIGHT))
        self.all = button("All mistakes", "mistakes_all", self.show_all, kind="ghost")
        self.head.addWidget(self.all)
        self.body.setSpacing(theme.XS)
        self.body.addWidget(self.chips)
        self.body.addWidget(self.about)
        self.body.addWidget(self.grid, 1)

    def show_split(self, run: Run, split: str) -> None:
        """Show the mistakes on one split of a run."""
        self._run, self._split, self._found = run, split, None
        self._class, self._cell_words = "", {}
        self.chips.offer(run.record.classes)
        self.chips.show_values("", "")
        self.grid.rows.show_answers((), Path())
        self.about.setText("")
        self.all.hide()
        self._studio.submit(
            specs.FindMistakes(run=run.folder),
            done=lambda found: self._take(run, split, found),
            failed=self._studio.problem.emit,
        )

    def show_all(self) -> None:
        """All mistakes."""
        self._show("", "", "")

    def only_cell(self, actual: str, predicted: str, sentence: str) -> None:
        """The pictures behind a cell of the matrix."""
        self._cell_words = {(actual, predicted): sentence}
        self._show(actual, predicted, "")

    def only_class(self, name: str) -> None:
        """The mistakes that a class has a part in."""
        self._show("", "", name)

    def release(self) -> None:
        """Wait for pictures being read."""
        self.grid.thumbnails.close()

    def _take(self, run: Run, split: str, found: Mistakes) -> None:
        if run is self._run and split == self._split:  # and not another one by now
            self._found = found
            self._fill()
            self.grid.read_decisions(self._studio.dataset)

    def _show(self, actual: str, predicted: str, name: str) -> None:
        self._class = name
        self.chips.show_values(actual, predicted)
        self._fill()

    def _narrow(self) -> None:
        """By the chips, which have no place for either class."""
        self._class = ""
        self._fill()

    def _fill(self) -> None:
        run, found, name = self._run, self._found, self._class
        if run is None or found is None:
            return
        actual, predicted = self.chips.actual.value, self.chips.predicted.value
        answers = found.of_class(self._split, name) if name else found.narrowed(self._split, actual, predicted)
        text = self._cell_words.get((actual, predicted)) or (
            _narrowed(answers, actual, predicted) if actual or predicted else self._words(answers, name)
        )
        self.all.setVisible(bool(actual or predicted or name))
        self.about.setText(text if len(found) else "The answers to the single pictures were not kept.")
        self.grid.thumbnails.forget_waiting()
        self.grid.rows.show_answers(answers, run.record.dataset)
        self.grid.scrollToTop()

    def _words(self, answers: tuple[Judged, ...], name: str) -> str:
        if name:
            mistakes = counted(len(answers), "mistake")
            return f"{mistakes} with {isolated(name)}: not recognised, or predicted for another class."
        if not answers:
            return f"There is no mistake: everything in {self._split} is recognised."
        mistakes = counted(len(answers), "mistake")
        return f"{mistakes}, the hardest first. Those are most often a wrong class, or a picture that shows two things."


def _narrowed(answers: tuple[Judged, ...], actual: str, predicted: str) -> str:
    """What the chips leave."""
    if actual and actual == predicted:
        return f"{counted(len(answers), 'picture')} of {isolated(actual)}, recognised; the hardest first."
    if actual and predicted:
        times = counted(len(answers), "time")
        return f"{isolated(actual)} → {isolated(predicted)}, {times}; the hardest first."
    mistakes = counted(len(answers), "mistake")
    if actual:
        return f"{mistakes}: {isolated(actual)} that is predicted as another class."
    return f"{mistakes}: another class that is predicted as {isolated(predicted)}."
