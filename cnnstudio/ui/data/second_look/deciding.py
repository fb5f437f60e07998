"""Decisions of a second look as jobs, and as steps of the window's history."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import Problem, isolated
from cnnstudio.data.second_look import Look, SecondLook
from cnnstudio.jobs.specs import ReadSecondLook, TakeBackLook, TakeLook
from cnnstudio.ui.state import JobMonitor, Step, Studio

_OURS = "second-look"


class Deciding(QtCore.QObject):
    """Jobs wait in one lane, so that keys may come faster than the disk."""

    followed = QtCore.Signal(SecondLook)
    """All decisions as they are on disk, after something was taken back, done again or refused."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio

    def read(self, root: Path) -> None:
        """Tell what was decided so far."""
        self._studio.submit(ReadSecondLook(root=root), done=self.followed.emit, failed=self._studio.problem.emit)

    def take(self, root: Path, look: Look) -> None:
        """Write a decision down, which can be taken back from now on."""
        self._studio.submit(TakeLook(root=root, look=look), failed=partial(self._refused, root))
        back, again = partial(self._back, root), partial(self._again, root, look)
        self._studio.history.add(Step(said="", text=_text(look), undo=back, redo=again, kind=_OURS))

    def take_back(self, root: Path, look: Look) -> None:
        """Take the newest decision back: as the window's last step if it is that, else as a new step."""
        history = self._studio.history
        if history.last is not None and history.last.kind == _OURS:
            history.undo()
            return
        self._back(root)
        text = f"taking back the decision on {isolated(Path(look.name).name)}"
        back, again = partial(self._back, root), partial(self._again, root, look)
        history.add(Step(said="", text=text, undo=again, redo=back))

    def _back(self, root: Path) -> JobMonitor[SecondLook]:
        return self._submit(root, TakeBackLook(root=root))

    def _again(self, root: Path, look: Look) -> JobMonitor[SecondLook]:
        return self._submit(root, TakeLook(root=root, look=look))

    def _submit(self, root: Path, job: TakeLook | TakeBackLook) -> JobMonitor[SecondLook]:
        return self._studio.submit(job, done=self.followed.emit, failed=partial(self._refused, root))

    def _refused(self, root: Path, problem: Problem) -> None:
        self._studio.problem.emit(problem)
        self.read(root)


def _text(look: Look) -> str:
    """What an undo takes back."""
    if look.verdict == "class":
        return f"changing the class of 1 picture to {isolated(look.to)}"
    if look.verdict == "skip":
        return "skipping 1 picture"
    return "the second look at 1 picture"
