"""Decisions about pictures and classes, each a step that can be taken back. No widgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6 import QtCore

from cnnstudio.core import counted, isolated
from cnnstudio.data import Dataset, Split, SplitSpec
from cnnstudio.data.collect import class_folder
from cnnstudio.data.curation import ASK_AGAIN, Curation, DrawnSplit
from cnnstudio.jobs.specs import AddPictures, Decide, MergeClasses, ReadProject, Restore, SeparateClass
from cnnstudio.jobs.specs.decisions import What
from cnnstudio.ui.state.added_files import AddedFiles
from cnnstudio.ui.state.history import Step
from cnnstudio.ui.state.job_monitor import JobMonitor
from cnnstudio.ui.state.studio import Studio

_MANY = 20
"""Files take so long to be copied that it is said."""


@dataclass(frozen=True, slots=True)
class Words:
    """Of a step."""

    said: str
    """What was done, as a sentence."""
    text: str
    """To put behind *Undo*."""


class Curator(QtCore.QObject):
    """Changes the project of the open folder and has it scanned again, which only looks at new files.

    Each change is a step of ``Studio.history``.
    """

    new_classes_changed = QtCore.Signal()
    """Classes that have no pictures yet."""
    added = QtCore.Signal(str, list)
    """A class, and the files that were just copied into it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._root: Path | None = None
        self.new_classes: tuple[str, ...] = ()
        studio.dataset_changed.connect(self._follow)

    # Pictures ---------------------------------------------------------------------------------------------------

    def leave_out(self, paths: Sequence[Path]) -> None:
        """Do not use these pictures; the files stay where they are."""
        pictures = counted(len(paths), "picture")
        self._change(Words(f"Skipped {pictures}.", f"skipping {pictures}"), paths, "leave-out")

    def use_again(self, paths: Sequence[Path]) -> None:
        """Use these pictures again."""
        pictures = counted(len(paths), "picture")
        self._change(Words(f"Using {pictures} again.", f"using {pictures} again"), paths, "use-again")

    def move(self, paths: Sequence[Path], split: Split) -> None:
        """Put these pictures into a split."""
        pictures = counted(len(paths), "picture")
        self._change(Words(f"Moved {pictures} to {split}.", f"moving {pictures} to {split}"), paths, "move", split)

    def relabel(self, paths: Sequence[Path], name: str) -> None:
        """Give these pictures another class."""
        pictures, shown = counted(len(paths), "picture"), isolated(name)
        words = Words(f"Changed the class of {pictures} to {shown}.", f"changing the class of {pictures} to {shown}")
        self._change(words, paths, "relabel", name)

    def add(self, paths: Sequence[Path], name: str) -> None:
        """Copy pictures into a class, old or new."""
        dataset, name = self._studio.dataset, name.strip()
        if dataset is None or not paths or not name:
            return
        files = AddedFiles(self._studio, dataset.root)
        folder = class_folder(dataset, name)
        files.folder = folder if name not in dataset.classes else None

        def copied(found: list[Path]) -> None:
            files.paths = tuple(found)
            if folder.name == name:
                self._took(files, name)
            else:  # a name that no folder can have, or that is another's
                names = tuple(map(dataset.name_of, found))
                job = Decide(root=dataset.root, names=names, what="relabel", to=name)
                self._studio.submit(job, done=named, failed=self._studio.problem.emit)

        def named(change: tuple[Curation, Curation]) -> None:
            files.before, files.after = change
            self._took(files, name)

        if len(paths) > _MANY:
            self._studio.said.emit(f"Copying {counted(len(paths), 'file')} to {isolated(name)}…", "", None)
        job = AddPictures(pictures=tuple(paths), folder=folder)
        self._studio.submit(job, done=copied, failed=self._studio.problem.emit)

    def recorded(self, paths: Sequence[Path], root: Path) -> None:
        """Pictures came from the camera into the open folder."""
        files = AddedFiles(self._studio, root)
        files.paths = tuple(paths)
        pictures = counted(len(paths), "picture")
        self._add(Words(f"Recorded {pictures}.", f"recording {pictures}"), files.take_back, files.bring_back)

    # Classes ----------------------------------------------------------------------------------------------------

    def new_class(self, name: str) -> None:
        """A class that pictures can be dropped on, or be given; it has a folder once it has pictures."""
        before, after = self.new_classes, tuple(dict.fromkeys([*self.new_classes, name]))
        if after != before:
            self._set_new_classes(after)
            words = Words(f"Made the class {isolated(name)}.", f"making the class {isolated(name)}")
            self._add(words, partial(self._set_new_classes, before), partial(self._set_new_classes, after))

    def rename(self, name: str, new: str) -> None:
        """Call a class something else; the name of another class merges the two. The folders stay as they are."""
        dataset, new = self._studio.dataset, new.strip()
        if dataset is None or not new or new == name:
            return
        if name in self.new_classes:
            before = self.new_classes
            after = tuple(dict.fromkeys(new if each == name else each for each in before))
            self._set_new_classes(after)
            words = Words(f"Renamed {isolated(name)} to {isolated(new)}.", f"renaming {isolated(name)}")
            self._add(words, partial(self._set_new_classes, before), partial(self._set_new_classes, after))
            return
        label = dataset.classes.index(name)
        paths = [sample.path for sample in (*dataset.samples, *dataset.left_out) if sample.label == label]
        words = (
            Words(f"Merged {isolated(name)} into {isolated(new)}.", f"merging {isolated(name)} into {isolated(new)}")
            if new in dataset.classes
            else Words(f"Renamed {isolated(name)} to {isolated(new)}.", f"renaming {isolated(name)}")
        )
        self._change(words, paths, "relabel", new)

    def merge(self, merges: Sequence[tuple[str, str]]) -> None:
        """Make each first class a part of the second."""
        dataset = self._studio.dataset
        if dataset is not None and merges:
            classes = counted(len(merges), "class", "classes")
            words = Words(f"Merged {classes} into others.", f"merging {classes}")
            self._submit(words, MergeClasses(root=dataset.root, merges=tuple(merges)))

    def separate(self, name: str) -> None:
        """Take back what was merged into a class, also long ago."""
        if self._studio.dataset is not None:
            words = Words(f"Separated what was merged into {isolated(name)}.", f"separating {isolated(name)}")
            self._submit(words, SeparateClass(root=self._studio.dataset.root, name=name))

    # The folder as a whole --------------------------------------------------------------------------------------

    def split_again(self, spec: SplitSpec) -> None:
        """Deal out all pictures anew."""
        dataset = self._studio.dataset
        if dataset is None:
            return
        root = dataset.root

        def again() -> JobMonitor[Dataset]:
            return self._studio.open_folder(root, redraw=spec)

        def read(before: tuple[Curation, DrawnSplit]) -> None:
            words = Words("Split the pictures again.", "splitting the pictures")
            again().finished.connect(lambda _: self._add(words, partial(self._restore, root, *before), again))

        self._studio.submit(ReadProject(root=root), done=read, failed=self._studio.problem.emit)

    def ask_classes(self) -> None:
        """Have it asked again which folders are the classes."""
        if self._studio.dataset is not None:
            self._studio.open_folder(self._studio.dataset.root, classes_from=ASK_AGAIN)

    def answer_classes(self, folder: Path, key: str) -> JobMonitor[Dataset]:
        """What a person says that the classes of a folder are; a second answer can be taken back."""
        dataset = self._studio.dataset
        before = dataset.classes_from if dataset is not None and dataset.root == folder else ""
        answer = partial(self._studio.open_folder, folder, classes_from=key)
        monitor = answer()
        if before and before != key:
            words = Words("Chose other classes.", "choosing other classes")
            other = partial(self._studio.open_folder, folder, classes_from=before)
            monitor.finished.connect(lambda _: self._add(words, other, answer))
        return monitor

    def keep_classes(self) -> None:
        """The question was not answered: the classes stay what they were."""
        dataset = self._studio.dataset
        if dataset is not None and dataset.classes_from:
            self._studio.open_folder(dataset.root, classes_from=dataset.classes_from)

    # ------------------------------------------------------------------------------------------------------------

    def _change(self, words: Words, paths: Sequence[Path], what: What, to: str = "") -> None:
        dataset = self._studio.dataset
        if dataset is not None and paths:
            names = tuple(map(dataset.name_of, paths))
            self._submit(words, Decide(root=dataset.root, names=names, what=what, to=to))

    def _submit(self, words: Words, job: Decide | MergeClasses | SeparateClass) -> None:
        take = partial(self._decided, job.root, words)
        self._studio.submit(job, done=take, failed=self._studio.problem.emit)

    def _decided(self, root: Path, words: Words, change: tuple[Curation, Curation]) -> None:
        before, after = change
        if after != before and self._is_open(root):
            self._add(words, partial(self._restore, root, before), partial(self._restore, root, after))
            self._studio.open_folder(root)

    def _took(self, files: AddedFiles, name: str) -> None:
        if not self._is_open(files.root):
            return
        pictures, shown = counted(len(files.paths), "picture"), isolated(name)
        words = Words(f"Copied {pictures} to {shown}.", f"copying {pictures} to {shown}")
        self._add(words, files.take_back, files.bring_back)
        self.added.emit(name, list(files.paths))
        self._studio.open_folder(files.root)

    def _add(self, words: Words, undo: Callable[[], Any], redo: Callable[[], Any]) -> None:
        self._studio.history.add(Step(said=words.said, text=words.text, undo=undo, redo=redo))

    def _restore(self, root: Path, curation: Curation, drawn: DrawnSplit | None = None) -> JobMonitor[Curation]:
        return self._studio.submit(
            Restore(root=root, curation=curation, drawn=drawn),
            done=lambda _: self._studio.open_folder(root),
            failed=self._studio.problem.emit,
        )

    def _set_new_classes(self, names: tuple[str, ...]) -> None:
        self.new_classes = names
        self.new_classes_changed.emit()

    def _is_open(self, root: Path) -> bool:
        return self._studio.dataset is not None and self._studio.dataset.root == root

    def _follow(self, dataset: Dataset | None) -> None:
        """Another folder has its own classes."""
        root = dataset.root if dataset is not None else None
        if root != self._root:
            self._root = root
            self._set_new_classes(())
