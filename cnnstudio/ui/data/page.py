"""The data page: classes on the left, their pictures beside, what was found above, and the split below."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import LabelsInNames, PicturesUnsorted, Problem
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.layouts.reading import BY_HAND
from cnnstudio.jobs.specs import ScanFolder
from cnnstudio.ui.data.after_training import AfterTraining
from cnnstudio.ui.data.augment_panel import AugmentPanel
from cnnstudio.ui.data.class_panel import ClassPanel
from cnnstudio.ui.data.findings_panel import FindingsPanel
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.data.new_recording import NewRecording
from cnnstudio.ui.data.page_foot import PageFoot
from cnnstudio.ui.data.picture_browser import PictureBrowser
from cnnstudio.ui.data.picture_grid import LARGE_READ, SMALL_READ
from cnnstudio.ui.data.places import Places
from cnnstudio.ui.data.preview import open_preview
from cnnstudio.ui.data.problem_strip import ProblemStrip
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Curator, JobMonitor, Studio
from cnnstudio.ui.widgets import MenuEntry, OneOf, Page, ProgressStrip, Thumbnails, button
from cnnstudio.ui.widgets.file_dialogs import ask_folder

_MOST_LARGE = 600
"""Large thumbnails that are kept, 150 MB of them."""


class DataPage(Page):
    """Second step: look at the pictures before learning from them."""

    keys: ClassVar = (
        ("Space, Return", "Open a picture; in it, arrow keys show the others and Space closes it"),
        ("Delete", "Skip the selected pictures"),
        ("1 … 9", "Give the selected pictures the class with this key"),
        ("Ctrl+wheel", "Larger or smaller pictures"),
        ("F2", "Rename the chosen class, or merge it with another"),
        ("Esc", "Back from the review of problems, from the augmentation and from the second look"),
        ("Enter, 1, X, Z", "At a second look: correct, it is the network's answer, skip, undo"),
    )

    def __init__(self, studio: Studio) -> None:
        super().__init__("data_page", "Data", _SUBTITLE, scrolls=False)
        self._studio = studio
        self._shown: Path | None = None
        self.thumbnails = Thumbnails(SMALL_READ, self)
        self._large = Thumbnails(LARGE_READ, self, most=_MOST_LARGE)
        self.curator = Curator(studio)
        self.another = button("Open folder…", "data_open", self.choose_folder, icon_name="open-folder")
        self.next = button(
            "Choose a network",
            "data_next",
            lambda: studio.navigate.emit("model"),
            kind="primary",
            icon_name="chevron-right",
        )
        self.tools.addWidget(self.another)
        self.tools.addWidget(self.next)
        self.progress = ProgressStrip("scan_progress")
        self.column.addWidget(self.progress)
        self.places = Places(self._content(), self.choose_folder, self._go_back)
        self.column.addWidget(self.places, 1)
        self.notice.dismiss.clicked.connect(self._give_no_answer)
        studio.scan_started.connect(self._follow)
        studio.dataset_changed.connect(self._show)
        studio.pictures_wanted.connect(self.show_pictures)
        self.next.setEnabled(False)

    def open_folder(self, path: str | Path) -> JobMonitor[Dataset]:
        """Scan a folder; the same as choosing it in the dialog."""
        return self._studio.open_folder(Path(path))

    def choose_folder(self) -> None:
        """Ask for a folder and open it."""
        start = self._studio.preferences.usual_place
        folder = ask_folder(self, "Open a folder of pictures", start=start)
        if folder is not None:
            self.open_folder(folder)

    def menu_entries(self) -> Sequence[MenuEntry]:
        """The camera."""
        return (MenuEntry("Record with the camera…", self._record, "camera", begins=True),)

    def release(self) -> None:
        """Wait for pictures being read, and remember their size."""
        for reader in (self.thumbnails, self._large):
            reader.close()
        self.changes.close_reader()
        self.after.release()
        QtCore.QSettings().setValue(_SIDE, self.browser.zoom.value())

    def _record(self) -> None:
        self._studio.navigate.emit("data")
        self.class_panel.record()

    # Layout -----------------------------------------------------------------------------------------------------

    def _content(self) -> QtWidgets.QWidget:
        sizes = (self.thumbnails, self._large)
        self.class_panel = ClassPanel(self._studio, self.curator, self.thumbnails)
        self.classes = self.class_panel.view
        self.browser = PictureBrowser(sizes, self.curator)
        self.findings = FindingsPanel(sizes, self.curator)
        self.changes = AugmentPanel(self._studio)
        self.left_out = self.findings.tree
        self.strip, self.after = ProblemStrip(), AfterTraining(self._studio)
        self.splitter = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        self.splitter.setObjectName("data_splitter")
        self.splitter.setHandleWidth(theme.M)
        self.splitter.addWidget(self.class_panel)
        self.splitter.addWidget(self.browser)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([260, 900])
        self.splitter.setChildrenCollapsible(False)
        main = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.strip)
        column.addWidget(self.after)
        column.addWidget(self.splitter, 1)
        foot = PageFoot(self._studio, self._ask_again, self._show_changes)
        self.summary, self.reread, self.split, self.augment = foot.summary, foot.reread, foot.split, foot.augment
        column.addWidget(foot)
        self.foot = foot
        NewRecording(self._studio, self)
        self.pictures = main
        self.views = OneOf(main, self.findings, self.changes, *self.after.panels)
        self._connect_parts()
        self._restore()
        return self.views

    def _connect_parts(self) -> None:
        self.classes.chosen.connect(self.browser.show_row)
        self.browser.dropped.connect(
            lambda paths, uris: self.classes.take(self.classes.current(), paths, uris, on_name=False)
        )
        self.browser.pictures_wanted.connect(lambda: self.classes.choose_pictures(self.classes.current().name))
        self.curator.added.connect(self._show_added)
        self.split.redraw.connect(self.curator.split_again)
        self.strip.review.connect(self._show_review)
        self.findings.left.connect(self._show_pictures)
        self.findings.balance_wanted.connect(self._studio.balance_wanted)
        self.findings.class_wanted.connect(self.show_class)
        self.changes.left.connect(self._show_pictures)
        self.after.opened.connect(self.views.show_part)
        self.after.left.connect(self._show_pictures)
        self.after.collect_wanted.connect(self.classes.choose_pictures)
        self.class_panel.recorded.connect(self.open_folder)
        for part in (self.browser, self.findings):
            part.use_keys(self.classes.rows.keys)
            part.view.looked_at.connect(partial(self._look, part.view))
            part.view.class_wanted.connect(self._ask_class)

    def _restore(self) -> None:
        """As it was set up the last time."""
        side = QtCore.QSettings().value(_SIDE)
        if side is not None and str(side).isdigit():
            self.browser.zoom.setValue(int(side))

    # What is seen -----------------------------------------------------------------------------------------------

    def show_class(self, name: str) -> None:
        """The pictures of one class."""
        self._show_pictures()
        self.classes.choose(name)

    def show_pictures(self, paths: list[Path]) -> None:
        """Some pictures among all others, selected."""
        self._studio.navigate.emit("data")
        self._show_pictures()
        self.browser.reveal_among_all(paths)
        self.classes.choose_all()

    def _show_pictures(self) -> None:
        self.views.show_part(self.pictures)
        self.browser.view.setFocus()

    def _show_review(self) -> None:
        self.views.show_part(self.findings)
        self.findings.list.setFocus()

    def _ask_again(self) -> None:
        """Where a person sorted the pictures, they go on with that."""
        if (dataset := self._studio.dataset) is not None and dataset.classes_from == BY_HAND:
            self._studio.sorting_wanted.emit(dataset.root)
        else:
            self.curator.ask_classes()

    def _show_changes(self) -> None:
        chosen = self.browser.view.currentIndex()
        if chosen.isValid():
            self.changes.show_picture(self.browser.view.grid.samples[chosen.row()].path)
        self.views.show_part(self.changes)
        self.changes.preset.setFocus()

    def _show_added(self, name: str, paths: list[Path]) -> None:
        """What one has just added is what one sees."""
        self.class_panel.search.clear()
        self.show_class(name)
        self.browser.reveal(paths)

    def _take_dropped(self, paths: list[Path], uris: bytes) -> None:
        self.classes.take(self.classes.current(), paths, uris, on_name=False)

    def _ask_class(self, paths: list[Path]) -> None:
        self.classes.ask_class(lambda name: self.curator.relabel(paths, name), self.browser.title)

    def _look(self, grid: GridView, sample: Sample) -> None:
        open_preview(self._studio, grid, sample, self.curator, self.classes.rows.keys)

    # A folder ---------------------------------------------------------------------------------------------------

    def _follow(self, monitor: JobMonitor[Dataset]) -> None:
        """Another folder takes nothing of the old one along: its path and nothing else is seen at once."""
        job = monitor.handle.job
        folder = job.folder if isinstance(job, ScanFolder) else Path()
        self.notice.hide()
        self.progress.follow(monitor)
        self.progress.text.setText("Listing the files")
        monitor.failed.connect(lambda problem: self._show_problem(monitor, problem, folder))
        monitor.warned.connect(lambda problem: self.notice.show_text(problem.title, problem.meaning))
        monitor.stopped.connect(lambda _: self._show_open() if self.progress.followed is monitor else None)
        if folder != self._shown:
            self.subtitle.setText(str(folder))
            self.next.setEnabled(False)
            self.places.show_checking()

    def _show_open(self) -> None:
        """What is open stays open; where nothing is, how to begin."""
        dataset = self._studio.dataset
        self.subtitle.setText(str(dataset.root) if dataset is not None else _SUBTITLE)
        self.next.setEnabled(dataset is not None)
        self.places.show_content() if dataset is not None else self.places.show_empty()

    def _go_back(self) -> None:
        self.notice.hide()
        self._show_open()

    def _give_no_answer(self) -> None:
        if self.places.is_asking:
            self._show_open()
        elif self.notice.choices:
            self.curator.keep_classes()

    def _show_problem(self, monitor: JobMonitor[Dataset], problem: Problem, folder: Path) -> None:
        if self.progress.followed is not monitor:  # another scan by now
            return
        take = partial(self.curator.answer_classes, folder)
        if problem.kind == LabelsInNames.kind:
            first = partial(take, problem.choices[0].key)
            self.notice.show_text(problem.title, problem.meaning, "info", "Use the names as classes", first)
        elif problem.kind == PicturesUnsorted.kind:
            sort = partial(self._studio.sorting_wanted.emit, folder)
            self.notice.show_text(problem.title, f"{problem.meaning} {problem.remedy}", "info", "Sort them here", sort)
        elif problem.choices:
            self.notice.ask(problem, "Use these", take)
        else:
            self.notice.show_problem(problem)
        if folder != self._shown:
            before = self._studio.dataset.root.name if self._studio.dataset is not None else ""
            asks = problem.choices or problem.kind == PicturesUnsorted.kind
            self.places.show_asking() if asks else self.places.show_failed(before)

    def _show(self, dataset: Dataset | None) -> None:
        self.thumbnails.forget_waiting()
        self._large.forget_waiting()
        if dataset is not None:
            is_other, self._shown = dataset.root != self._shown, dataset.root
            for reader in (self.thumbnails, self._large):
                reader.show_levels(dataset.levels)
            if is_other:
                self.views.show_part(self.pictures)
            for part in (self.browser, self.strip, self.findings, self.changes):
                part.show_dataset(dataset)
            counts = dataset.counts()
            self.foot.show_dataset(dataset, counts)
            self.class_panel.show_dataset(dataset, counts, is_other=is_other)
        self._show_open()

    def _go_on(self) -> None:
        self._studio.navigate.emit("model")


_SUBTITLE = "Your pictures, class by class."
_SIDE = "data/picture_side"
