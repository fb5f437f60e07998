"""What was done and can be taken back, on whichever page; the Edit menu and the toast show it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore

from cnnstudio.ui.state.job_monitor import JobMonitor

_MOST = 100
Act = Callable[[], "JobMonitor[Any] | None"]
"""Takes a step back or does it again: with a job, or at once. Who made the step tells what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """Something a person did."""

    said: str
    """As a sentence, such as *Skipped 3 pictures.*; empty where nothing needs to be said."""
    text: str
    """To put behind *Undo*, such as *skipping 3 pictures*."""
    undo: Act
    redo: Act
    kind: str = ""
    """By which whoever made it knows its own steps again."""


class History(QtCore.QObject):
    """One for the whole window, so that Ctrl+Z takes back what was done last, wherever that was."""

    changed = QtCore.Signal()
    did = QtCore.Signal(Step)
    """A new step."""
    undid = QtCore.Signal(Step)
    redid = QtCore.Signal(Step)

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def undo_text(self) -> str:
        """What an undo would take back; empty when there is nothing."""
        return self._done[-1].text if self._done else ""

    @property
    def last(self) -> Step | None:
        """What an undo would take back."""
        return self._done[-1] if self._done else None

    @property
    def redo_text(self) -> str:
        """What a redo would do again; empty when there is nothing."""
        return self._undone[-1].text if self._undone else ""

    def add(self, step: Step) -> None:
        """A person did something. What had been taken back before cannot be done again any more."""
        self._done = [*self._done[-_MOST + 1 :], step]
        self._undone = []
        self.changed.emit()
        self.did.emit(step)

    def undo(self) -> None:
        """Take the last step back; it stays where it is when it cannot be taken back."""
        if self._done:
            step = self._done.pop()
            self._move(step, step.undo, self._done, self._undone)

    def redo(self) -> None:
        """Do again what was taken back last."""
        if self._undone:
            step = self._undone.pop()
            self._move(step, step.redo, self._undone, self._done)

    def forget(self) -> None:
        """Nothing can be taken back any more: another folder, or a new split."""
        self._done, self._undone = [], []
        self.changed.emit()

    def _move(self, step: Step, act: Act, source: list[Step], target: list[Step]) -> None:
        """Lists that were forgotten meanwhile take the step along."""
        moved = self.undid if target is self._undone else self.redid

        def done() -> None:
            target.append(step)
            self.changed.emit()
            moved.emit(step)

        def refused() -> None:
            source.append(step)
            self.changed.emit()

        self.changed.emit()
        monitor = act()
        if monitor is None:
            done()
        else:
            monitor.finished.connect(lambda _: done())
            monitor.failed.connect(lambda _: refused())
            monitor.stopped.connect(lambda _: refused())
