"""The folder of a new project: made with the first picture, and filled by jobs. No widgets."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6 import QtCore

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.data.collect import folder_of_class
from cnnstudio.jobs import Job
from cnnstudio.jobs.specs import AddPictures, BeginProject, CountCollected, FindPlace, RenameFolder
from cnnstudio.ui.state import JobMonitor, Step, Studio
from cnnstudio.ui.state.trash import PutBack, Trashed, TrashFiles

R = TypeVar("R")


class ProjectFiles(QtCore.QObject):
    """Asks for what is written; everything is on the disk as soon as it is said."""

    begun = QtCore.Signal(Path)
    """The folder is there now."""
    placed = QtCore.Signal()
    """Where it will be is known."""
    counted = QtCore.Signal(tuple)
    """What is in it: Collected."""
    failed = QtCore.Signal(Problem)

    def __init__(self, studio: Studio, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self.root: Path | None = None
        self.place: Path | None = None
        self._is_beginning = False
        self._waiting: list[Callable[[Path], object]] = []
        studio.submit(FindPlace(), done=self.put_into)

    def forget(self) -> None:
        """Another project, where such are made by now."""
        self.root, self._waiting = None, []
        self._studio.submit(FindPlace(), done=self.put_into)

    def put_into(self, place: Path) -> None:
        """The folder that the project's own is to be made in."""
        self.place = place
        self.placed.emit()

    def go_on(self, root: Path, names: Sequence[str] = ()) -> None:
        """One that is there already, with folders for these classes."""
        self.root = root
        self.count(names)

    def begin(self, name: str, then: Callable[[Path], object]) -> None:
        """Call ``then`` with the folder, which is made where there is none yet."""
        if self.root is not None:
            then(self.root)
            return
        self._waiting.append(then)
        if self.place is not None and not self._is_beginning:
            self._is_beginning = True
            monitor = self._studio.submit(
                BeginProject(place=self.place, name=name), done=self._begin, failed=self._fail
            )
            monitor.ended.connect(self._ended)

    def add(self, root: Path, name: str, paths: Sequence[Path]) -> None:
        """Copy pictures, and those in folders, to a class."""
        job = AddPictures(pictures=tuple(paths), folder=folder_of_class(root, name))
        self._studio.submit(job, done=partial(self._added, name), failed=self._fail)

    def rename(self, folder: Path, name: str, done: Callable[[Path], object]) -> JobMonitor[Path]:
        """Give a class another name; its monitor tells when that failed."""
        return self._studio.submit(RenameFolder(folder=folder, name=name), done=done, failed=self._fail)

    def count(self, names: Sequence[str] = ()) -> None:
        """See what is there; ``names`` of classes get their folder now."""
        if self.root is not None:
            job = CountCollected(root=self.root, names=tuple(names))
            self._studio.submit(job, done=self.counted.emit, failed=self._fail)

    def _begin(self, root: Path) -> None:
        self.root = root
        self._studio.remember(self._studio.preferences.with_recent(root))
        self._studio.recent_changed.emit()
        self.begun.emit(root)
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then(root)

    def _ended(self) -> None:
        self._is_beginning = False

    def _fail(self, problem: Problem) -> None:
        self._waiting = []
        self.failed.emit(problem)

    def recorded(self, name: str, files: Sequence[Path]) -> None:
        """The camera has written these."""
        if files:
            pictures = counted(len(files), "picture")
            self._note(f"Recorded {pictures} for {isolated(name)}.", f"recording {pictures}", files)
        self.count()

    def _added(self, name: str, files: list[Path]) -> None:
        pictures = counted(len(files), "picture")
        self._note(f"Copied {pictures} to {isolated(name)}.", f"copying {pictures} to {isolated(name)}", files)
        self.count()

    def _note(self, said: str, text: str, files: Sequence[Path]) -> None:
        """What came can go into the system's trash, and come out of it again."""
        trashed: list[Trashed] = []

        def take_back() -> JobMonitor[Trashed]:
            return self._change(TrashFiles(files=tuple(files)), lambda gone: trashed.append(gone))

        def bring_back() -> JobMonitor[None]:
            return self._change(PutBack(trashed=trashed.pop()), lambda _: None)

        self._studio.history.add(Step(said=said, text=text, undo=take_back, redo=bring_back))

    def _change(self, job: Job[R], done: Callable[[R], object]) -> JobMonitor[R]:
        monitor = self._studio.submit(job, done=done, failed=self._fail)
        monitor.ended.connect(lambda: self.count())
        return monitor
