"""A grid of mistakes in which each can be opened large, skipped, and get another class."""

from pathlib import Path

from cnnstudio.data import Dataset
from cnnstudio.jobs import specs
from cnnstudio.ui.results.mistake_list import SIDE, MistakeGrid
from cnnstudio.ui.results.mistake_view import MistakeView
from cnnstudio.ui.state import Curator, Studio
from cnnstudio.ui.widgets import Thumbnails
from cnnstudio.ui.widgets.class_chooser import ClassChooser


class Gallery(MistakeGrid):
    """What is decided is seen at the picture, whoever decides it."""

    def __init__(self, studio: Studio, name: str = "mistake_grid") -> None:
        self.thumbnails = Thumbnails(2 * SIDE)
        super().__init__(self.thumbnails)
        self.thumbnails.setParent(self)
        self.setObjectName(name)
        self._studio, self._curator = studio, Curator(studio)
        self.opened.connect(self._open)
        self.skip_wanted.connect(self._curator.leave_out)
        self.class_wanted.connect(self._ask_class)
        studio.dataset_changed.connect(self.read_decisions)
        studio.history.changed.connect(lambda: self.read_decisions(studio.dataset))

    def read_decisions(self, dataset: Dataset | None) -> None:
        """Ask what was decided meanwhile."""
        if dataset is not None and self.rows.answers:
            self._studio.submit(specs.ReadDecisions(root=dataset.root), done=self.rows.show_decisions)

    def _open(self, row: int) -> None:
        dialog = MistakeView(self._studio, self._curator, self.rows, self.window())
        dialog.show_row(row)
        dialog.open()

    def _ask_class(self, paths: list[Path]) -> None:
        dataset, index = self._studio.dataset, self.currentIndex()
        if dataset is None or not paths:
            return
        answer = self.rows.answers[index.row()]
        chooser = ClassChooser(dataset.classes, (answer.predicted,), self)
        chooser.chosen.connect(lambda name: self._curator.relabel(paths, name))
        chooser.open_below(self)
