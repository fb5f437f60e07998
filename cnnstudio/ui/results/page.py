"""The results page: which run and which pictures it is about, and a tab for each question about them."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6 import QtGui
from typing_extensions import override

from cnnstudio.core import defused, right_sentence
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.runs import Run
from cnnstudio.ui.look.turns import soon
from cnnstudio.ui.results.tab import ResultsTab, SplitTab
from cnnstudio.ui.results.tabs import TABS
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import EmptyState, OneOf, Page, TabRow, Tabs, button, combo
from cnnstudio.ui.widgets.empty_words import EmptyWords

_ORDER = ("validation", "test", "train")
"""The test pictures are shown when they are asked for: each look at their score is counted."""
_NOTHING = ("No results yet", "Train a network first; its results appear here by themselves.")
_TRAINING = ("A network is being trained", "Its results appear here by themselves.")


class ResultsPage(Page):
    """Fifth step. What is not looked at is not computed: a tab hears of a run when it is open and seen."""

    keys = (
        ("Ctrl+Page up, Ctrl+Page down", "Tabs of the results"),
        ("Return, Delete", "Open a mistake, where Left and Right show the others; skip it"),
        ("+, −, 0", "Matrix and map: larger, smaller, all of it"),
    )

    def __init__(self, studio: Studio) -> None:
        super().__init__("results_page", "Results", scrolls=False)
        self.subtitle.hide()
        self._studio = studio
        self._run: Run | None = None
        self._split = ""
        self._figures: Figures | None = None
        self._seen: dict[ResultsTab, tuple[Run, str]] = {}
        self._looked: set[Path] = set()
        self.run_picker = combo("results_run", "Run", width=190)
        self.run_picker.activated.connect(self._run_picked)
        self.split_picker = combo("results_split", "Split", width=150)
        self.split_picker.activated.connect(lambda _: self._show_split(self.split_picker.currentData()))
        self.copy_button = button("Copy", "copy_results", self._copy, icon_name="copy")
        for widget in (self.run_picker, self.split_picker, self.copy_button):
            self.tools.addWidget(widget)
        rows = [TabRow(row.name, row.title, partial(row.make, studio), row.scrolls) for row in TABS]
        self.tabs: Tabs[ResultsTab] = Tabs("results_tabs", rows)
        self.tabs.opened.connect(self._tab_opened)
        self.empty = EmptyState(
            "results",
            *_NOTHING,
            "Go to training",
            lambda: studio.navigate.emit("train"),
        )
        self._words = EmptyWords(self.empty, studio, _NOTHING, _TRAINING)
        self.parts = OneOf(self.empty, self.tabs)
        self.column.addWidget(self.parts, 1)
        studio.results_wanted.connect(self._show_wanted)
        studio.run_changed.connect(self.show_run)
        studio.runs_changed.connect(self._fill_runs)
        self.show_run(None)

    def show_run(self, run: Run | None) -> None:
        """Show the results of a run; what one looks at stays where it is the same run as before."""
        if run is not None and self._run is not None and _are_same(run, self._run):
            return
        self._run = run if run is not None and run.has_results else None
        self.parts.show_part(self.empty if self._run is None else self.tabs)
        self.run_picker.setVisible(self._run is not None)
        self._seen.clear()
        if self._run is None:
            for tab in self.tabs.made:
                tab.show_run(None)
            self._offer_split()
            return
        self._fill_runs()
        splits = [split for split in _ORDER if split in self._run.record.scores]
        self.split_picker.clear()
        for split in splits:
            self.split_picker.addItem(f"{split} pictures", split)
        first = next((split for split in splits if split != "test"), splits[0])
        self.split_picker.setCurrentIndex(splits.index(first))
        self._show_split(first)

    def open(self, name: str) -> ResultsTab:
        """Open a tab, as a click on it does; gives what is in it."""
        self.tabs.open(name)
        return self.tabs.tab(name)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        soon(
            self, self._fill
        )  # what is in a tab is made when it is first seen, and not in the turn that shows the page

    @override
    def release(self) -> None:
        for tab in self.tabs.made:
            tab.release()

    def _show_wanted(self, name: str, about: tuple[str, ...]) -> None:
        self._studio.navigate.emit("results")
        if self._run is not None:
            self.open(name).show_about(about)

    # State ----------------------------------------------------------------------------------------------------

    def _show_split(self, split: str) -> None:
        self._split, self._figures = split, None
        self._fill()

    def _tab_opened(self, name: str) -> None:
        preferences = self._studio.preferences
        if name != (preferences.results_tab or TABS[0].name):
            self._studio.remember(replace(preferences, results_tab=name))
        self._fill()

    def _fill(self) -> None:
        """What is open shows what is chosen, as soon as somebody looks at it."""
        run, split = self._run, self._split
        if run is None or not self.isVisible():
            return
        if not self.tabs.name:
            self.tabs.open(self._studio.preferences.results_tab)
            return
        tab = self.tabs.tab(self.tabs.name)
        self._offer_split()
        run_before, split_before = self._seen.get(tab, (None, ""))
        self._seen[tab] = (run, split)
        if run_before is not run:
            tab.show_run(run)
        if isinstance(tab, SplitTab):
            self._count_look()
            if (run_before, split_before) != (run, split):
                tab.show_split(split)
                self._count_figures(run, split)

    def _offer_split(self) -> None:
        """The choice of pictures is there where it has a meaning."""
        tab = self.tabs.tab(self.tabs.name) if self.tabs.name else None
        for widget in (self.split_picker, self.copy_button):
            widget.setVisible(self._run is not None and isinstance(tab, SplitTab))

    def _count_figures(self, run: Run, split: str) -> None:
        if self._figures is not None:
            self._show_figures(run, split, self._figures)
            return
        job = specs.CountFigures(record=run.record, split=split)
        self._studio.submit(job, done=lambda figures: self._show_figures(run, split, figures))

    def _show_figures(self, run: Run, split: str, figures: Figures) -> None:
        if run is self._run and split == self._split:
            self._figures = figures
        for tab, (run_seen, split_seen) in self._seen.items():
            if isinstance(tab, SplitTab) and run_seen is run and split_seen == split:
                tab.show_figures(figures)

    def _count_look(self) -> None:
        """Somebody sees the test score: once for each run while the window is open."""
        if self._run is not None and self._split == "test" and self._run.folder not in self._looked:
            self._looked.add(self._run.folder)
            self._studio.submit(specs.LookAtTest(run=self._run.folder), done=self._studio.take_news)

    def _fill_runs(self) -> None:
        self.run_picker.clear()
        for run in self._studio.runs:
            if run.has_results:
                self.run_picker.addItem(run.record.dated_name, run)
                if self._run is not None and run.folder == self._run.folder:
                    self.run_picker.setCurrentIndex(self.run_picker.count() - 1)

    def _run_picked(self, index: int) -> None:
        self._studio.show_run(self.run_picker.itemData(index))

    def _copy(self) -> None:
        if self._run is None or self._figures is None:
            return
        score = self._run.record.scores[self._split]
        lines = [right_sentence(score), self._figures.beside, ""]
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
