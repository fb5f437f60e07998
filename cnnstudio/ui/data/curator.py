"""Decisions about pictures, each of which can be taken back. No widgets."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import Problem, counted
from cnnstudio.data import Dataset, Split
from cnnstudio.data.curation import Curation
from cnnstudio.jobs.specs import Decide, MergeClasses, Restore, SeparateClass
from cnnstudio.jobs.specs.decisions import What
from cnnstudio.ui.state import Studio

_MOST_UNDO = 100


class Curator(QtCore.QObject):
    """Changes the project of the open folder and has it scanned again, which only looks at new files."""

    changed = QtCore.Signal()
    """What can be undone changed."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._done: list[tuple[str, Curation]] = []
        self._undone: list[tuple[str, Curation]] = []
        self._root: Path | None = None
        studio.dataset_changed.connect(self._follow)

    @property
    def undo_text(self) -> str:
        """What an undo would take back; empty when there is nothing."""
        return self._done[-1][0] if self._done else ""

    @property
    def redo_text(self) -> str:
        """What a redo would do again; empty when there is nothing."""
        return self._undone[-1][0] if self._undone else ""

    def leave_out(self, paths: Sequence[Path]) -> None:
        """Do not use these pictures; the files stay where they are."""
        self._change(f"skipping {counted(len(paths), 'picture')}", paths, "leave-out")

    def use_again(self, paths: Sequence[Path]) -> None:
        """Use these pictures again."""
        self._change(f"using {counted(len(paths), 'picture')} again", paths, "use-again")

    def move(self, paths: Sequence[Path], split: Split) -> None:
        """Put these pictures into a split."""
        self._change(f"moving {counted(len(paths), 'picture')} to {split}", paths, "move", split)

    def relabel(self, paths: Sequence[Path], name: str) -> None:
        """Give these pictures another class."""
        self._change(f"changing the class of {counted(len(paths), 'picture')}", paths, "relabel", name)

    def merge(self, merges: Sequence[tuple[str, str]]) -> None:
        """Make each first class a part of the second."""
        dataset = self._studio.dataset
        if dataset is not None and merges:
            text = f"merging {counted(len(merges), 'class', 'classes')}"
            self._submit(text, MergeClasses(root=dataset.root, merges=tuple(merges)))

    def separate(self, name: str) -> None:
        """Take back what was merged into a class, also long ago."""
        if self._studio.dataset is not None:
            self._submit("separating merged classes", SeparateClass(root=self._studio.dataset.root, name=name))

    def undo(self) -> None:
        """Take the last decision back."""
        self._step(self._done, self._undone)

    def redo(self) -> None:
        """Decide again what was taken back."""
        self._step(self._undone, self._done)

    def forget(self) -> None:
        """Nothing can be taken back any more, because everything was split again."""
        self._done, self._undone = [], []
        self.changed.emit()

    def _change(self, text: str, paths: Sequence[Path], what: What, to: str = "") -> None:
        dataset = self._studio.dataset
        if dataset is None or not paths:
            return
        self._submit(text, Decide(root=dataset.root, names=tuple(map(dataset.name_of, paths)), what=what, to=to))

    def _submit(self, text: str, job: Decide | MergeClasses | SeparateClass) -> None:
        take = partial(self._decided, job.root, text)
        self._studio.submit(job, done=take, failed=self._studio.problem.emit)

    def _decided(self, root: Path, text: str, change: tuple[Curation, Curation]) -> None:
        before, after = change
        if after == before or root != self._root:
            return
        self._done = [*self._done[-_MOST_UNDO + 1 :], (text, before)]
        self._undone = []
        self.changed.emit()
        self._studio.open_folder(root)

    def _step(self, source: list[tuple[str, Curation]], target: list[tuple[str, Curation]]) -> None:
        root = self._root
        if root is None or not source:
            return
        text, wanted = source.pop()

        def restored(before: Curation) -> None:
            target.append((text, before))
            self.changed.emit()
            self._studio.open_folder(root)

        def refused(problem: Problem) -> None:
            source.append((text, wanted))
            self.changed.emit()
            self._studio.problem.emit(problem)

        self.changed.emit()
        self._studio.submit(Restore(root=root, curation=wanted), done=restored, failed=refused)

    def _follow(self, dataset: Dataset | None) -> None:
        """Another folder has its own decisions."""
        root = dataset.root if dataset is not None else None
        if root != self._root:
            self._root, self._done, self._undone = root, [], []
            self.changed.emit()
