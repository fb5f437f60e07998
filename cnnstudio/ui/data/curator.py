"""Decisions about pictures, each of which can be taken back. No widgets."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnstudio.core.errors import StudioError
from cnnstudio.data.curation import Curation, load_curation, save_curation
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.spec import Split
from cnnstudio.ui.state.studio import Studio

_MOST_UNDO = 100


class Curator(QObject):
    """Changes the project of the open folder and has it scanned again, which only looks at new files."""

    changed = Signal()
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
        self._change(f"leaving out {_count(paths)}", lambda now, names: now.without(names), paths)

    def use_again(self, paths: Sequence[Path]) -> None:
        """Use these pictures again."""
        self._change(f"using {_count(paths)} again", lambda now, names: now.back(names), paths)

    def move(self, paths: Sequence[Path], split: Split) -> None:
        """Put these pictures into a split."""
        self._change(f"moving {_count(paths)} to {split}", lambda now, names: now.moved(names, split), paths)

    def relabel(self, paths: Sequence[Path], name: str) -> None:
        """Give these pictures another class."""
        self._change(f"changing the class of {_count(paths)}", lambda now, names: now.relabelled(names, name), paths)

    def undo(self) -> None:
        """Take the last decision back."""
        self._step(self._done, self._undone)

    def redo(self) -> None:
        """Decide again what was taken back."""
        self._step(self._undone, self._done)

    def forget(self) -> None:
        """Nothing can be taken back any more, because everything was divided anew."""
        self._done, self._undone = [], []
        self.changed.emit()

    def _change(self, text: str, act: Callable[[Curation, tuple[str, ...]], Curation], paths: Sequence[Path]) -> None:
        dataset = self._studio.dataset
        if dataset is None or not paths:
            return
        before = load_curation(dataset.root)
        after = act(before, tuple(map(dataset.name_of, paths)))
        if after != before and self._save(dataset, after):
            self._done = [*self._done[-_MOST_UNDO + 1 :], (text, before)]
            self._undone = []
            self.changed.emit()

    def _step(self, source: list[tuple[str, Curation]], target: list[tuple[str, Curation]]) -> None:
        dataset = self._studio.dataset
        if dataset is None or not source:
            return
        text, wanted = source.pop()
        target.append((text, load_curation(dataset.root)))
        self._save(dataset, wanted)
        self.changed.emit()

    def _save(self, dataset: Dataset, curation: Curation) -> bool:
        try:
            save_curation(dataset.root, curation)
        except StudioError as error:
            self._studio.problem.emit(error.problem)
            return False
        self._studio.open_folder(dataset.root)
        return True

    def _follow(self, dataset: Dataset | None) -> None:
        """Another folder has its own decisions."""
        root = dataset.root if dataset is not None else None
        if root != self._root:
            self._root, self._done, self._undone = root, [], []
            self.changed.emit()


def _count(paths: Sequence[Path]) -> str:
    return f"{len(paths):,} picture{'s' if len(paths) != 1 else ''}"
