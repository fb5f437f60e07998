"""The pictures behind the figures: all mistakes, the hardest first, or those of one cell or one class."""

from pathlib import Path

from cnnstudio.core import counted, isolated
from cnnstudio.jobs import specs
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
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
        self._cell: tuple[str, str] | None = None
        self._class = ""
        self._sentence = ""
        self.about = label("", "caption", kind="muted", wrap=True, name="mistakes_about")
        self.grid = Gallery(studio)
        self.grid.setMinimumHeight(_HEIGHT)
        self.all = button("All mistakes", "mistakes_all", self.show_all, kind="ghost")
        self.head.addWidget(self.all)
        self.body.setSpacing(theme.XS)
        self.body.addWidget(self.about)
        self.body.addWidget(self.grid, 1)

    def show_split(self, run: Run, split: str) -> None:
        """Show the mistakes on one split of a run."""
        self._run, self._split, self._found = run, split, None
        self._cell, self._class = None, ""
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
        self._cell, self._class = None, ""
        self._fill()

    def only_cell(self, true: str, predicted: str, sentence: str) -> None:
        """The pictures behind a cell of the matrix."""
        self._cell, self._class, self._sentence = (true, predicted), "", sentence
        self._fill()

    def only_class(self, name: str) -> None:
        """The mistakes that a class has a part in."""
        self._cell, self._class = None, name
        self._fill()

    def release(self) -> None:
        """Wait for pictures being read."""
        self.grid.thumbnails.close()

    def _take(self, run: Run, split: str, found: Mistakes) -> None:
        if run is self._run and split == self._split:  # and not another one by now
            self._found = found
            self._fill()
            self.grid.read_decisions(self._studio.dataset)

    def _fill(self) -> None:
        run, found, name = self._run, self._found, self._class
        if run is None or found is None:
            return
        if self._cell is not None:
            answers, text = found.cell(self._split, *self._cell), self._sentence
        else:
            answers = found.of_class(self._split, name) if name else found.all(self._split)
            text = self._words(answers, name)
        self.all.setVisible(self._cell is not None or bool(self._class))
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
