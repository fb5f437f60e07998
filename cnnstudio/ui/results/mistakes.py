"""What it gets wrong: the matrix, the pictures behind every cell of it, and the figures of each class."""

from collections.abc import Iterator, Sequence

from PySide6 import QtWidgets
from typing_extensions import override

from cnnstudio.core import SplitScore, counted
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.class_table import ClassTable
from cnnstudio.ui.results.mistakes_card import MistakesCard
from cnnstudio.ui.results.mix_ups_card import MixUpsCard
from cnnstudio.ui.results.tab import SplitTab
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Foot, label

_FEW_ROWS, _MANY_ROWS = 3, 14
_SEARCH_FROM = 12
"""Classes from which on a field to search them is of use."""
_LIMITS = "It cannot tell why a picture is mixed up, nor whether its label is right: look at it."
_NO_PICTURES = "No picture lies behind these answers, so there is nothing to look at: the overview tells why."


class Mistakes(SplitTab):
    """A cell, a pair of classes or a class is chosen on the left or below, and its pictures are on the right."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._run: Run | None = None
        self._score: SplitScore | None = None
        self._figures: Figures | None = None
        self._wanted: tuple[str, ...] = ()
        self.mix_ups = MixUpsCard()
        self.matrix = self.mix_ups.matrix
        self.mistakes = MistakesCard(studio)
        self.mix_ups.chosen.connect(self._show_cell)
        self.nothing = label(_NO_PICTURES, kind="muted", wrap=True, name="no_mistakes")
        self.figures = QtWidgets.QWidget()
        self.foot = Foot(studio, "mistakes", shown=self.mix_ups, table=self._rows)
        beside = QtWidgets.QHBoxLayout()
        beside.setSpacing(theme.M)
        beside.addWidget(self.mix_ups, 5)
        beside.addWidget(self.mistakes, 4)
        column = QtWidgets.QVBoxLayout(self.figures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addLayout(beside)
        column.addWidget(self._classes())
        column.addWidget(self.foot)
        rows = QtWidgets.QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.nothing)
        rows.addWidget(self.figures)
        rows.addStretch(1)

    @override
    def show_run(self, run: Run | None) -> None:
        self._run, self._score, self._figures = run, None, None

    @override
    def show_split(self, split: str) -> None:
        if self._run is None:
            return
        self._score, self._figures = self._run.record.scores[split], None
        has_pictures = self._score.origin != "while-training"
        self.figures.setVisible(has_pictures)
        self.nothing.setVisible(not has_pictures)
        self.mistakes.show_split(self._run, split)

    @override
    def show_figures(self, figures: Figures) -> None:
        if self._score is None:
            return
        self._figures = figures
        self._show_wanted()
        self.mix_ups.show_figures(figures)
        self.table.rows.show_figures(figures, ranges=self._score.is_fair)
        self.foot.say(f"On {counted(self._score.images, f'{self._score.split} picture')}, with 95 % ranges.", _LIMITS)
        self.search.setVisible(len(figures.classes) >= _SEARCH_FROM)
        rows = max(_FEW_ROWS, min(_MANY_ROWS, len(figures.classes)))
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(rows * self.table.verticalHeader().defaultSectionSize() + header + theme.S)

    @override
    def show_about(self, names: Sequence[str]) -> None:
        """The pictures of one class that were predicted as another."""
        self._wanted = tuple(names)
        self._show_wanted()

    def _show_wanted(self) -> None:
        if self._figures is None or len(self._wanted) != 2:
            return
        row, column = (self._figures.classes.index(name) for name in self._wanted)
        self._wanted = ()
        self._show_cell(row, column)

    @override
    def release(self) -> None:
        self.mistakes.release()

    def _classes(self) -> Card:
        card = Card("Class by class")
        self.table = ClassTable()
        self.table.class_chosen.connect(self.mistakes.only_class)
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("class_search")
        self.search.setAccessibleName("Find a class")
        self.search.setPlaceholderText("Find a class")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(theme.scaled(240))
        self.search.textChanged.connect(self.table.rows.narrow)
        card.head.addWidget(self.search)
        card.body.addWidget(self.table)
        return card

    def _rows(self) -> Iterator[tuple[object, ...]]:
        yield ("class", "pictures", "recognised", "recall", "from", "to", "precision", "from", "to", "f1", "from", "to")
        figures = self._figures
        for each, ranges in zip(figures.figures, figures.ranges, strict=True) if figures is not None else ():
            shares = zip(
                (each.recall, each.precision, each.f1), (each.interval, ranges.precision, ranges.f1), strict=True
            )
            told = ["" if value is None else f"{value:.4f}" for share, ends in shares for value in (share, *ends)]
            yield (each.name, each.pictures, each.right, *told)

    def _show_cell(self, row: int, column: int) -> None:
        figures = self._figures
        if figures is not None:
            true, predicted = figures.classes[row], figures.classes[column]
            self.mistakes.only_cell(true, predicted, self.matrix.sentence(row, column))
