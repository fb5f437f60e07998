"""Which picture is sorted into which class: decided step by step, each of which can be taken back. No widgets."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import counted, isolated
from cnnstudio.data.by_hand import Unsorted
from cnnstudio.jobs.specs import KeepSorting
from cnnstudio.ui.state import JobMonitor, Step, Studio

_KEEP_AFTER_MS = 400
SKIPPED = ""
"""In place of a class."""


class Sorting(QtCore.QObject):
    """Kept on the disk shortly after each decision."""

    changed = QtCore.Signal()
    kept = QtCore.Signal()
    """All of it is on the disk."""

    def __init__(self, studio: Studio, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._studio = studio
        self.root = Path()
        self.names: tuple[str, ...] = ()
        self.groups: tuple[tuple[str, ...], ...] = ()
        """In the order in which they are shown; one group of all before it is known what is alike."""
        self.classes: list[str] = []
        self.decided: dict[str, str] = {}
        """The class of each picture, or SKIPPED."""
        self._clock = QtCore.QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(_KEEP_AFTER_MS)
        self._clock.timeout.connect(self.keep)

    def begin(self, pictures: Unsorted) -> None:
        """Sort these; steps of another folder can no longer be taken back."""
        self.keep_what_waits()
        if pictures.root != self.root:
            self._studio.history.forget()
        self.root, self.names, self.groups = pictures.root, pictures.names, (pictures.names,)
        self.decided = {**pictures.classes, **dict.fromkeys(pictures.skipped, SKIPPED)}
        self.classes = sorted(set(pictures.classes.values()))
        self.changed.emit()

    def group(self, groups: tuple[tuple[str, ...], ...]) -> None:
        """It is known now which are alike; pictures that came meanwhile are last."""
        known = {name for group in groups for name in group}
        rest = tuple(name for name in self.names if name not in known)
        self.groups = (*groups, rest) if rest else groups
        self.changed.emit()

    def counts(self) -> Counter[str]:
        """Pictures by class."""
        return Counter(self.decided.values())

    def left(self) -> list[list[str]]:
        """What is not decided yet, group by group."""
        return [rest for group in self.groups if (rest := [name for name in group if name not in self.decided])]

    def put(self, names: Sequence[str], name: str) -> None:
        """Sort pictures into a class, which may be a new one, or skip them."""
        if not names:
            return
        if name != SKIPPED and name not in self.classes:
            self.classes.append(name)
        before = {each: self.decided[each] for each in names if each in self.decided}
        pictures, own = counted(len(names), "picture"), isolated(name)
        self._decide(names, dict.fromkeys(names, name))
        self._studio.history.add(
            Step(
                said=f"Skipped {pictures}." if name == SKIPPED else f"Put {pictures} into {own}.",
                text=f"skipping {pictures}" if name == SKIPPED else f"putting {pictures} into {own}",
                undo=partial(self._decide, names, before),
                redo=partial(self._decide, names, dict.fromkeys(names, name)),
            )
        )

    def add_class(self, name: str) -> None:
        """One without pictures so far."""
        if name and name not in self.classes:
            self.classes.append(name)
            self.changed.emit()

    def keep(self) -> JobMonitor[None] | None:
        """Remember all of it now; None where there is nothing."""
        self._clock.stop()
        if not self.names:
            return None
        job = KeepSorting(
            root=self.root,
            names=self.names,
            classes={name: own for name, own in self.decided.items() if own != SKIPPED},
            skipped=frozenset(name for name, own in self.decided.items() if own == SKIPPED),
        )
        return self._studio.submit(job, done=lambda _: self.kept.emit(), failed=self._studio.problem.emit)

    def keep_what_waits(self) -> None:
        """As long as there is something that is not kept yet."""
        if self._clock.isActive():
            self.keep()

    def _decide(self, names: Sequence[str], decided: dict[str, str]) -> None:
        for each in names:
            self.decided.pop(each, None)
        self.decided |= decided
        self._clock.start()
        self.changed.emit()
