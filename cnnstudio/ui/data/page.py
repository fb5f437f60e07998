"""The data page: classes with counts and thumbnails, the split, and what was left out and why."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import LabelsInNames, Problem, pictures_in_classes
from cnnstudio.data import Dataset, Sample, SplitSpec
from cnnstudio.data.project import ASK_AGAIN
from cnnstudio.jobs.specs import ScanFolder
from cnnstudio.ui.data.augment_panel import AugmentPanel
from cnnstudio.ui.data.class_list import TILE, ClassDelegate, ClassList
from cnnstudio.ui.data.class_view import ClassPanel, ClassView
from cnnstudio.ui.data.curator import Curator
from cnnstudio.ui.data.findings_panel import FindingsPanel
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.data.new_recording import NewRecording
from cnnstudio.ui.data.picture_browser import PictureBrowser
from cnnstudio.ui.data.preview import Preview
from cnnstudio.ui.data.split_card import ProblemsCard, SplitCard
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import EmptyState, MenuEntry, Page, ProgressStrip, Thumbnails, button, label, mnemonic_free

_PROBLEMS = "Problems found"
_EMPTY, _CONTENT, _LOOKING, _ASKING = range(4)


class DataPage(Page):
    """Second step: look at the pictures before learning from them."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("data_page", "Data", "Your pictures, class by class.", scrolls=False)
        self._studio = studio
        self.thumbnails = Thumbnails(2 * TILE, self)
        self.curator = Curator(studio)
        self.thumbnails.ready.connect(lambda _: self.classes.viewport().update())
        self.another = button("Open folder…", "data_open", self.choose_folder, icon_name="open-folder")
        self.next = button("Choose a network", "data_next", self._go_on, kind="primary", icon_name="chevron-right")
        self.tools.addWidget(self.another)
        self.tools.addWidget(self.next)
        self.progress = ProgressStrip("scan_progress")
        self.column.addWidget(self.progress)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "open-folder",
                "No pictures yet",
                "Open a folder that has one subfolder of pictures per class, or train, validation and test folders, or "
                "a table of labels. An archive of one can be dropped here.",
                "Open folder…",
                self.choose_folder,
            )
        )
        self.stack.addWidget(self._content())
        self.stack.addWidget(
            EmptyState(
                "search",
                "Checking every picture",
                "Each one is opened once, so that damaged files, copies and other problems are found "
                "before a training. Next time only new and changed files are checked.",
            )
        )
        self.stack.addWidget(
            EmptyState(
                "search",
                "One question first",
                "The pictures were found. Answer the question above, and they are checked and shown here.",
            )
        )
        self.column.addWidget(self.stack, 1)
        self.notice.dismiss.clicked.connect(self._give_no_answer)
        studio.scan_started.connect(self._follow)
        studio.dataset_changed.connect(self._show)
        self.next.setEnabled(False)

    def open_folder(self, path: str | Path) -> JobMonitor[Dataset]:
        """Scan a folder; the same as choosing it in the dialog."""
        return self._studio.open_folder(Path(path))

    def choose_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QtWidgets.QFileDialog.getExistingDirectory(self, "Open a folder of pictures")
        if folder:
            self.open_folder(folder)

    def menu_entries(self) -> Sequence[MenuEntry]:
        """The camera."""
        return (MenuEntry("Record with the camera…", self._record, "camera"),)

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()

    def _record(self) -> None:
        self._studio.navigate.emit("data")
        self.class_panel.record()

    def _content(self) -> QtWidgets.QWidget:
        self.model = ClassList()
        self.classes = ClassView(self._studio, self.curator)
        self.classes.setModel(self.model)
        self.delegate = ClassDelegate(self.thumbnails)
        self.classes.setItemDelegate(self.delegate)
        self.summary = label("", "heading", wrap=True, name="data_summary")
        self.split = SplitCard(self._studio)
        self.split.redraw.connect(self._redraw)
        self.problems = ProblemsCard()
        self.left_out = self.problems.tree
        self.side = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(self.side)
        column.setContentsMargins(theme.M, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.split)
        column.addWidget(self.problems, 100)
        column.addStretch(1)
        main = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(main)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.S)
        tabs = self._tabs()
        above = QtWidgets.QHBoxLayout()
        above.setSpacing(theme.XS)
        above.addWidget(self.summary, 1)
        above.addWidget(self.undo)
        above.addWidget(self.redo)
        above.addWidget(self.reread)
        rows.addLayout(above)
        rows.addLayout(tabs)
        rows.addWidget(self.views, 1)
        splitter = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        splitter.addWidget(main)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([720, 300])
        splitter.setChildrenCollapsible(False)
        return splitter

    def _tabs(self) -> QtWidgets.QHBoxLayout:
        """Classes, pictures, trouble; and the way back from every decision."""
        self.browser = PictureBrowser(self.thumbnails, self.curator)
        self.findings = FindingsPanel(self.thumbnails, self.curator)
        self.findings.balance_wanted.connect(self._studio.balance_wanted)
        self.changes = AugmentPanel(self._studio)
        self.class_panel = ClassPanel(self._studio, self.classes)
        self.class_panel.recorded.connect(self.open_folder)
        NewRecording(self._studio, self, self.class_panel.record)
        self.views = QtWidgets.QStackedWidget()
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.XS)
        group = QtWidgets.QButtonGroup(self)
        self.tabs: list[QtWidgets.QPushButton] = []
        for index, (name, title, tip, view) in enumerate(
            (
                ("classes", "Classes", "", self.class_panel),
                ("pictures", "Pictures", "", self.browser),
                ("trouble", _PROBLEMS, "Copies, leakage and unusual pictures", self.findings),
                ("changes", "Augmentation", "How pictures are varied while training", self.changes),
            )
        ):
            self.views.addWidget(view)
            entry = button(title, f"data_{name}", partial(self._show_tab, index), kind="tab")
            entry.setCheckable(True)
            entry.setChecked(index == 0)
            entry.setToolTip(tip)
            group.addButton(entry)
            row.addWidget(entry)
            self.tabs.append(entry)
        row.addStretch(1)
        history = self._studio.history
        self.undo = button("Undo", "data_undo", history.undo, kind="ghost")
        self.redo = button("Redo", "data_redo", history.redo, kind="ghost")
        for entry in (self.undo, self.redo):
            entry.setProperty("density", "small")
            entry.hide()
        self.reread = button("Other classes…", "data_reread", self._ask_again, kind="ghost")
        self.reread.setProperty("density", "small")
        self.reread.setToolTip("Choose again what the classes of this folder are")
        history.changed.connect(self._show_undo)
        self.classes.opened.connect(self.show_class)
        for grid in (self.browser.view, self.findings.view):
            grid.looked_at.connect(partial(self._look, grid))
        return row

    def _show_tab(self, index: int) -> None:
        """The split is about classes; pictures need the room."""
        self.views.setCurrentIndex(index)
        self.side.setVisible(index == 0)

    def show_class(self, name: str) -> None:
        """The pictures of one class."""
        self.browser.only_class(name)
        self.tabs[1].click()

    def _redraw(self, spec: SplitSpec) -> None:
        if self._studio.dataset is not None:
            monitor = self._studio.open_folder(self._studio.dataset.root, redraw=spec)
            monitor.finished.connect(lambda _: self._studio.history.forget())

    def _ask_again(self) -> None:
        if self._studio.dataset is not None:
            self._studio.open_folder(self._studio.dataset.root, classes_from=ASK_AGAIN)

    def _show_undo(self) -> None:
        history = self._studio.history
        for entry, text, shown in (
            (self.undo, history.undo_text, mnemonic_free(f"Undo {history.undo_text}")),
            (self.redo, history.redo_text, mnemonic_free(f"Redo {history.redo_text}")),
        ):
            entry.setVisible(bool(text))
            entry.setText(shown)
            entry.setAccessibleName(shown)

    def _look(self, grid: GridView, sample: Sample) -> None:
        dataset, network = self._studio.dataset, self._studio.network
        assert dataset is not None
        samples, share = grid.grid.samples, network.crop_share if network is not None else 1.0
        dialog = Preview(samples, list(samples).index(sample), dataset.classes + dataset.gone_classes, share, self)
        dialog.show_levels(dataset.levels)
        dialog.exec()
        dialog.deleteLater()

    def _follow(self, monitor: JobMonitor[Dataset]) -> None:
        self.notice.hide()
        self.progress.follow(monitor)
        self.progress.text.setText("Listing the files")
        job = monitor.handle.job
        folder = job.folder if isinstance(job, ScanFolder) else Path()
        monitor.failed.connect(lambda problem: self._show_problem(problem, folder))
        monitor.warned.connect(lambda problem: self.notice.show_text(problem.title, problem.meaning))
        if self._studio.dataset is None:
            self.stack.setCurrentIndex(_LOOKING)
            monitor.stopped.connect(lambda _: self._show_nothing(monitor, _EMPTY))
            monitor.failed.connect(lambda problem: self._show_nothing(monitor, _ASKING if problem.choices else _EMPTY))

    def _give_no_answer(self) -> None:
        if self.stack.currentIndex() == _ASKING:
            self.stack.setCurrentIndex(_EMPTY)

    def _show_nothing(self, monitor: JobMonitor[Dataset], instead: int) -> None:
        if self.progress.followed is monitor:  # and not another scan by now
            self.stack.setCurrentIndex(instead)

    def _show_problem(self, problem: Problem, folder: Path) -> None:
        if problem.kind == LabelsInNames.kind:
            take = partial(self._studio.open_folder, folder, classes_from=problem.choices[0].key)
            self.notice.show_text(problem.title, problem.meaning, "info", "Use the names as classes", take)
        elif problem.choices:
            self.notice.ask(problem, "Use these", lambda key: self._studio.open_folder(folder, classes_from=key))
        else:
            self.notice.show_problem(problem)

    def _show(self, dataset: Dataset | None) -> None:
        self.next.setEnabled(dataset is not None)
        if dataset is None:
            self.stack.setCurrentIndex(_EMPTY)
            return
        self.stack.setCurrentIndex(_CONTENT)
        self.subtitle.setText(str(dataset.root))
        self.thumbnails.forget_waiting()
        self.thumbnails.show_levels(dataset.levels)
        self.model.show_dataset(dataset)
        used = pictures_in_classes(len(dataset.samples), len(dataset.classes))
        skipped = len(dataset.left_out)
        self.summary.setText(f"{used}, {skipped:,} skipped by you" if skipped else used)
        self.reread.setVisible(bool(dataset.classes_from))
        self.split.show_dataset(dataset)
        self.problems.show_dataset(dataset)
        self.browser.show_dataset(dataset)
        self.findings.show_dataset(dataset)
        self.changes.show_dataset(dataset)
        problems = len(dataset.findings)
        self.tabs[2].setText(f"{_PROBLEMS} ({problems})" if problems else _PROBLEMS)

    def _go_on(self) -> None:
        self._studio.navigate.emit("model")
