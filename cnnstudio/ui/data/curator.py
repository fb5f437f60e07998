"""Decisions about pictures, each of which can be taken back. No widgets."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import counted, isolated
from cnnstudio.data import Split
from cnnstudio.data.curation import Curation
from cnnstudio.jobs.specs import Decide, MergeClasses, Restore, SeparateClass
from cnnstudio.jobs.specs.decisions import What
from cnnstudio.ui.state import JobMonitor, Step, Studio

Words = tuple[str, str]
"""What was done, as a sentence, and to put behind *Undo*."""


class Curator(QtCore.QObject):
    """Changes the project of the open folder and has it scanned again, which only looks at new files.

    Each change is a step of ``Studio.history``.
    """

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio

    def leave_out(self, paths: Sequence[Path]) -> None:
        """Do not use these pictures; the files stay where they are."""
        pictures = counted(len(paths), "picture")
        self._change((f"Skipped {pictures}.", f"skipping {pictures}"), paths, "leave-out")

    def use_again(self, paths: Sequence[Path]) -> None:
        """Use these pictures again."""
        pictures = counted(len(paths), "picture")
        self._change((f"Using {pictures} again.", f"using {pictures} again"), paths, "use-again")

    def move(self, paths: Sequence[Path], split: Split) -> None:
        """Put these pictures into a split."""
        pictures = counted(len(paths), "picture")
        self._change((f"Moved {pictures} to {split}.", f"moving {pictures} to {split}"), paths, "move", split)

    def relabel(self, paths: Sequence[Path], name: str) -> None:
        """Give these pictures another class."""
        pictures = counted(len(paths), "picture")
        shown = isolated(name)
        words = (f"Changed the class of {pictures} to {shown}.", f"changing the class of {pictures} to {shown}")
        self._change(words, paths, "relabel", name)

    def merge(self, merges: Sequence[tuple[str, str]]) -> None:
        """Make each first class a part of the second."""
        dataset = self._studio.dataset
        if dataset is not None and merges:
            classes = counted(len(merges), "class", "classes")
            words = (f"Merged {classes} into others.", f"merging {classes}")
            self._submit(words, MergeClasses(root=dataset.root, merges=tuple(merges)))

    def separate(self, name: str) -> None:
        """Take back what was merged into a class, also long ago."""
        if self._studio.dataset is not None:
            shown = isolated(name)
            words = (f"Separated what was merged into {shown}.", f"separating {shown}")
            self._submit(words, SeparateClass(root=self._studio.dataset.root, name=name))

    def _change(self, words: Words, paths: Sequence[Path], what: What, to: str = "") -> None:
        dataset = self._studio.dataset
        if dataset is None or not paths:
            return
        self._submit(words, Decide(root=dataset.root, names=tuple(map(dataset.name_of, paths)), what=what, to=to))

    def _submit(self, words: Words, job: Decide | MergeClasses | SeparateClass) -> None:
        take = partial(self._decided, job.root, words)
        self._studio.submit(job, done=take, failed=self._studio.problem.emit)

    def _decided(self, root: Path, words: Words, change: tuple[Curation, Curation]) -> None:
        before, after = change
        if after == before or self._studio.dataset is None or root != self._studio.dataset.root:
            return
        said, text = words
        back, again = partial(self._restore, root, before), partial(self._restore, root, after)
        self._studio.history.add(Step(said=said, text=text, undo=back, redo=again))
        self._studio.open_folder(root)

    def _restore(self, root: Path, curation: Curation) -> JobMonitor[Curation]:
        return self._studio.submit(
            Restore(root=root, curation=curation),
            done=lambda _: self._studio.open_folder(root),
            failed=self._studio.problem.emit,
        )
