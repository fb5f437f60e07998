"""Where one's work is: projects to go on with, and the ways to begin one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.data import Dataset
from cnnstudio.data.archives.kinds import ENDINGS
from cnnstudio.jobs.projects import Project
from cnnstudio.jobs.specs import ExistingFolders, FollowPictures, ListProjects, NoteProject, ScanFolder
from cnnstudio.ui.home.dashboard import Dashboard
from cnnstudio.ui.home.examples import Examples
from cnnstudio.ui.home.new_project import NewProject
from cnnstudio.ui.home.questions import Questions
from cnnstudio.ui.state import JobMonitor, Step, Studio
from cnnstudio.ui.widgets import DropFilter, MenuEntry, Page, button
from cnnstudio.ui.widgets.file_dialogs import ask_file, ask_folder

if TYPE_CHECKING:  # few sort, and what that takes is not imported before the first paint
    from cnnstudio.ui.home.sorter import Sorter
View: TypeAlias = "Dashboard | Examples | NewProject | Sorter"
"""What Home can show, each with a title, a subtitle and buttons beside them."""


class HomePage(Page):
    """Shown first."""

    keys = (
        ("Return, Delete", "Open the chosen project, take it off the list"),
        ("1 … 9", "While sorting: put the chosen pictures into the class with this key"),
        ("S, G, N", "While sorting: skip the chosen pictures, choose those that are alike, name a new class"),
    )

    def __init__(self, studio: Studio) -> None:
        super().__init__("home_page", Dashboard.title, Dashboard.subtitle, scrolls=False)
        self._studio = studio
        self._source: Path | None = None
        self._is_stale = False
        self._roots: tuple[Path, ...] = ()
        self.examples: Examples | None = None
        self.maker: NewProject | None = None
        self.sorter: Sorter | None = None
        self.questions = Questions(studio)
        self.dashboard = Dashboard(self.questions)
        self.projects = self.dashboard.projects
        self.dashboard.new_button.clicked.connect(lambda: self.new_project())
        self.dashboard.open_button.clicked.connect(lambda: self.choose_folder())
        self.dashboard.examples_button.clicked.connect(lambda: self.show_examples())
        self.views = QtWidgets.QStackedWidget()
        self._views: list[View] = []
        self._add_view(self.dashboard)
        self.column.addWidget(self.views, 1)
        self.projects.opened.connect(self._open_project)
        self.projects.resumed.connect(self._resume)
        self.projects.removed.connect(self._remove)
        self.projects.sought.connect(self._seek)
        DropFilter(self, studio.paths_wanted.emit, self.dashboard.drop_parts)
        studio.sorting_wanted.connect(self.sort)
        studio.scan_started.connect(self._note_source)
        studio.dataset_changed.connect(self._note)
        studio.recent_changed.connect(self._refresh)
        studio.training_started.connect(self._refresh)
        studio.training_ended.connect(self._refresh)
        studio.run_news.connect(self._refresh)
        self._read()

    def menu_entries(self) -> Sequence[MenuEntry]:
        """Every way to pictures."""
        return (
            MenuEntry("New project…", self.new_project, "add", QtGui.QKeySequence.StandardKey.New),
            MenuEntry("Open folder…", self.choose_folder, "open-folder", QtGui.QKeySequence.StandardKey.Open),
            MenuEntry("Open archive…", self.choose_archive, name="openziparchive"),
            MenuEntry("Try the sample pictures", self.open_sample, "sample", begins=True),
            MenuEntry("Try an example…", self.show_examples, name="practicepictures"),
        )

    def new_project(self) -> None:
        """Begin one without a folder, or go back to the one that is being made."""
        maker = self._maker()
        if maker.files.root is not None or not maker.boxes:
            maker.begin()
        self._show_view(maker)

    def sort(self, folder: Path) -> None:
        """Sort the pictures of a folder that has no classes."""
        if self.sorter is None:
            from cnnstudio.ui.home.sorter import Sorter

            self.sorter = Sorter(self._studio, self._back_button("sorter_back"))
            self.sorter.opened.connect(self._open)
            self.sorter.sorting.kept.connect(self._refresh)
            self._add_view(self.sorter)
        self.sorter.open(folder)
        self._show_view(self.sorter)

    def choose_folder(self) -> None:
        """Ask for a folder and open it."""
        start = self._studio.preferences.usual_place
        folder = ask_folder(self, "Open a folder of pictures", start=start)
        if folder is not None:
            self._open(folder)

    def choose_archive(self) -> None:
        """Ask for an archive and open it."""
        kinds = f"Archives ({' '.join(f'*{ending}' for ending in ENDINGS)});;All files (*)"
        archive = ask_file(self, "Open an archive of pictures", kinds, "pictures")
        if archive is not None:
            self._open(archive)

    def show_examples(self) -> None:
        """The gallery; made at first use, and kept because downloads go on while it is not shown."""
        if self.examples is None:
            self.examples = Examples(self._studio, self._back_button("examples_back"))
            self.examples.opened.connect(self._open)
            self._add_view(self.examples)
        self._show_view(self.examples)

    def open_sample(self) -> None:
        """The sample pictures, from wherever one is."""
        self.show_examples()
        assert self.examples is not None
        self.examples.sample.start()

    @override
    def release(self) -> None:
        for view in (self.maker, self.sorter):
            if view is not None:
                view.thumbnails.close()

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self._read()
        elif self._roots:
            self._look_for_folders(self._roots)

    # Projects -------------------------------------------------------------------------------------------------

    def _refresh(self, *_: object) -> None:
        self._is_stale = True
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        self._is_stale = False
        roots = tuple(map(Path, self._studio.preferences.recent))
        self.dashboard.show_count(len(roots))
        self.projects.projects.begin(len(roots))
        self._roots = roots
        if roots:
            self._studio.submit(ListProjects(roots=roots), part=partial(self._show_project, roots))
            self._look_for_folders(roots)

    def _look_for_folders(self, roots: tuple[Path, ...]) -> None:
        """A drive may be away by now, or back again."""
        self._studio.submit(ExistingFolders(folders=roots), done=partial(self._mark_missing, roots))

    def _show_project(self, roots: tuple[Path, ...], project: Project) -> None:
        if roots is self._roots:  # and the list is not another one by now
            self.projects.projects.put(roots.index(project.root), project)

    def _mark_missing(self, roots: tuple[Path, ...], there: tuple[Path, ...]) -> None:
        if roots is self._roots:
            self.projects.projects.mark_missing(set(roots).difference(there))

    def _note_source(self, monitor: JobMonitor[Dataset]) -> None:
        job = monitor.handle.job
        if isinstance(job, ScanFolder):
            self._source = job.folder

    def _note(self, dataset: Dataset) -> None:
        """Keep what the card shows; an archive keeps its own name."""
        if self.views.currentWidget() is self.examples:
            self._set_view(self.dashboard)  # what was looked for is open, and among the projects now
        job = NoteProject(dataset=dataset, source=self._source or dataset.root)
        self._studio.submit(job, done=self._refresh)

    def _maker(self) -> NewProject:
        if self.maker is None:
            self.maker = NewProject(self._studio, self._back_button("new_project_back"))
            self.maker.opened.connect(self._open)
            self.maker.left.connect(lambda: self._show_view(self.dashboard))
            self.maker.files.counted.connect(self._refresh)
            self._add_view(self.maker)
        return self.maker

    def _open_project(self, project: Project) -> None:
        if project.collecting:
            self._maker().go_on(project.root)
            self._show_view(self._maker())
        elif project.sorting:
            self.sort(project.root)
        else:
            self._open(project.root)

    def _resume(self, project: Project) -> None:
        """Open the project, and go on with its newest run."""
        run, studio = project.resumable, self._studio
        if run is None or studio.training_active:
            self._open(project.root)
            return
        studio.navigate.emit("train")
        monitor = studio.open_folder(project.root)
        monitor.finished.connect(lambda _: studio.resume_run(run))
        monitor.failed.connect(studio.problem.emit)

    def _seek(self, project: Project) -> None:
        """Its folder was moved, or its drive is away: ask where it is, and take along what was done with it."""
        title = f"Where is the folder “{isolated(project.name)}” now?"
        chosen = ask_folder(self, title, start=str(project.root.parent))
        if chosen == project.root:
            self._open(project.root)
        elif chosen is not None:
            job = FollowPictures(before=project.root, now=chosen)
            self._studio.submit(job, done=partial(self._found, project.root), failed=self.notice.show_problem)

    def _found(self, before: Path, now: Path) -> None:
        recent = (str(now) if path == str(before) else path for path in self._studio.preferences.recent)
        self._remember(tuple(dict.fromkeys(recent)))
        self._open(now)

    def _remove(self, project: Project) -> None:
        before, after = self._studio.preferences.recent, self._studio.preferences.without_recent(project.root).recent
        self._remember(after)
        self._studio.history.add(
            Step(
                said=f"{isolated(project.name)} is no longer in the list; its pictures and runs stay where they are.",
                text=f"removing {isolated(project.name)} from the list",
                undo=lambda: self._remember(before),
                redo=lambda: self._remember(after),
            )
        )

    def _remember(self, recent: tuple[str, ...]) -> None:
        self._studio.remember(replace(self._studio.preferences, recent=recent))
        self._studio.recent_changed.emit()

    # Ways to begin --------------------------------------------------------------------------------------------

    def _open(self, folder: Path) -> None:
        self._set_view(self.dashboard)
        self._studio.navigate.emit("data")
        self._studio.open_folder(folder)

    # Views ----------------------------------------------------------------------------------------------------

    def _show_view(self, view: View) -> None:
        self._studio.navigate.emit("home")
        self._set_view(view)

    def _set_view(self, view: View) -> None:
        self.notice.hide()
        self.title.setText(view.title)
        self.subtitle.setText(view.subtitle)
        for other in self._views:
            for tool in other.tools:
                tool.setVisible(other is view)
        self.views.setCurrentWidget(view)

    def _add_view(self, view: View) -> None:
        self._views.append(view)
        self.views.addWidget(view)
        for tool in view.tools:
            self.tools.addWidget(tool)

    def _back_button(self, name: str) -> QtWidgets.QPushButton:
        back = button("Home", name, lambda: self._show_view(self.dashboard), kind="ghost", icon_name="back")
        back.setAccessibleName("Back to Home")
        return back
