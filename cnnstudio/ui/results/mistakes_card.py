"""The pictures behind the figures: all mistakes, the hardest first, or those of one cell or one class."""

from pathlib import Path

from cnnstudio.core import counted, isolated
from cnnstudio.data import Dataset
from cnnstudio.jobs import specs
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.mistake_list import SIDE, MistakeGrid
from cnnstudio.ui.results.mistake_view import MistakeView
from cnnstudio.ui.state import Curator, Studio
from cnnstudio.ui.widgets import Card, Thumbnails, button, label
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.understanding.mistakes import Judged, Mistakes

_HEIGHT = 330


class MistakesCard(Card):
    """Each opens large, where its class can be changed or it can be skipped at once."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Mistakes")
        self._studio, self._curator = studio, Curator(studio)
        self._run: Run | None = None
        self._split = ""
        self._found: Mistakes | None = None
        self._cell: tuple[str, str] | None = None
        self._class = ""
        self.thumbnails = Thumbnails(2 * SIDE, self)
        self.about = label("", "caption", kind="muted", wrap=True, name="mistakes_about")
        self.grid = MistakeGrid(self.thumbnails)
        self.grid.setMinimumHeight(_HEIGHT)
        self.grid.opened.connect(self._open)
        self.grid.skip_wanted.connect(self._curator.leave_out)
        self.grid.class_wanted.connect(self._ask_class)
        self.all = button("All mistakes", "mistakes_all", self.show_all, kind="ghost")
        self.head.addWidget(self.all)
        self.body.setSpacing(theme.XS)
        self.body.addWidget(self.about)
        self.body.addWidget(self.grid, 1)
        studio.dataset_changed.connect(self._read_decisions)
        studio.history.changed.connect(lambda: self._read_decisions(studio.dataset))

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
        self._cell, self._class = (true, predicted), ""
        self._fill(sentence)

    def only_class(self, name: str) -> None:
        """The mistakes that a class has a part in."""
        self._cell, self._class = None, name
        self._fill()

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()

    def _take(self, run: Run, split: str, found: Mistakes) -> None:
        if run is self._run and split == self._split:  # and not another one by now
            self._found = found
            self._read_decisions(self._studio.dataset)
            self._fill()

    def _fill(self, sentence: str = "") -> None:
        run, found, name = self._run, self._found, self._class
        if run is None or found is None:
            return
        if self._cell is not None:
            answers, text = found.cell(self._split, *self._cell), sentence
        else:
            answers = found.of_class(self._split, name) if name else found.all(self._split)
            text = self._words(answers, name)
        self.all.setVisible(self._cell is not None or bool(self._class))
        self.about.setText(text if len(found) else "The answers to the single pictures were not kept.")
        self.thumbnails.forget_waiting()
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

    def _open(self, row: int) -> None:
        dialog = MistakeView(self._studio, self._curator, self.grid.rows, self.window())
        dialog.show_row(row)
        dialog.open()

    def _ask_class(self, paths: list[Path]) -> None:
        dataset, index = self._studio.dataset, self.grid.currentIndex()
        if dataset is None or not paths:
            return
        answer = self.grid.rows.answers[index.row()]
        chooser = ClassChooser(dataset.classes, (answer.predicted,), self)
        chooser.chosen.connect(lambda name: self._curator.relabel(paths, name))
        chooser.open_below(self.about)

    def _read_decisions(self, dataset: Dataset | None) -> None:
        """What was decided meanwhile is seen at the picture."""
        if dataset is not None and self._found is not None:
            self._studio.submit(specs.ReadDecisions(root=dataset.root), done=self.grid.rows.show_decisions)
