"""A second look: one doubtful picture after the other, one key for each."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.data import Dataset
from cnnstudio.data.second_look import SecondLook, Verdict
from cnnstudio.jobs.specs import FindDoubts
from cnnstudio.jobs.specs.kept import Rows
from cnnstudio.networks import network_title
from cnnstudio.runs import Run
from cnnstudio.ui.data.second_look.asking import Asking
from cnnstudio.ui.data.second_look.deciding import Deciding
from cnnstudio.ui.data.second_look.ending import Ending
from cnnstudio.ui.data.second_look.session import Session
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Foot, ProgressStrip, button, label
from cnnstudio.understanding.outcomes import Doubts

_AHEAD = 3
_WAITING = (
    "Every picture is answered by a last layer that did not learn from it. Then those whose class it doubts come one "
    "by one, and you decide about each with one key. No file is moved."
)


class SecondLookPanel(QtWidgets.QWidget):
    """Enter: the class is correct. 1: it is what the network answers. 2 to 9 and letters: another class."""

    spoken_role = Role.Grouping
    left = QtCore.Signal()
    """Back to all pictures."""
    known = QtCore.Signal(int)
    """How many pictures are still worth a second look."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("second_look")
        self.setAccessibleName("A second look")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_StyledBackground)  # for its ring
        self._studio = studio
        self.session: Session | None = None
        self._deciding = Deciding(studio)
        self._deciding.followed.connect(self._follow)
        self._dataset: Dataset | None = None
        self._found_for: tuple[Path, Path] | None = None
        self._monitor: JobMonitor[Doubts] | None = None
        self._changed = False
        self.back = button("Back to the pictures", "second_look_back", self.leave, icon_name="image")
        self.back.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
        self.place = label("", "caption", kind="muted", name="second_look_place")
        self.progress = ProgressStrip("second_look_progress")
        self.asking, self.ending = Asking(), Ending()
        self.asking.decided.connect(lambda verdict, to: self.decide(cast("Verdict", verdict), to))
        self.asking.undo_wanted.connect(self.take_back)
        self.ending.left.connect(self.leave)
        self.ending.more_wanted.connect(self._go_on)
        self.ending.undo_wanted.connect(self.take_back)
        self.stack = QtWidgets.QStackedWidget()
        self.waiting = label(_WAITING, kind="muted", wrap=True, name="second_look_waiting")
        self.waiting.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop)
        for part in (self.asking, self.ending, self.waiting):
            self.stack.addWidget(part)
        self.foot = Foot(studio, "second_look", table=self._rows)
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(self.back)
        head.addWidget(label("A second look", "heading"))
        head.addStretch(1)
        head.addWidget(self.place)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.S)  # the ring goes around all of it
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addWidget(self.progress)
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)

    # What is looked at ------------------------------------------------------------------------------------------

    def open(self, run: Run, dataset: Dataset) -> None:
        """Look at the pictures of a folder by a run on them; what was found before is not computed again."""
        self._dataset = dataset
        self.asking.show_levels(dataset.levels)
        self.setFocus()
        if self._found_for == (run.folder, dataset.root) and self.session is not None:
            self._deciding.read(dataset.root)
            return
        self.session, self._found_for = None, (run.folder, dataset.root)
        self.stack.setCurrentWidget(self.waiting)
        self.place.setText("")
        self.foot.hide()
        job = FindDoubts(run=run.folder, dataset=dataset)
        self._monitor = monitor = self._studio.submit(job, done=self._take, failed=self._fail)
        self.progress.follow(monitor)
        self.progress.text.setText("Preparing the pictures")
        monitor.stopped.connect(lambda _: self._give_up(monitor))

    def leave(self) -> None:
        """Back to the pictures; what was changed is seen there."""
        if self._monitor is not None and self._monitor.active:
            self._monitor.stop()
        changed, self._changed = self._changed, False
        if changed and self._dataset is not None:
            self._studio.open_folder(self._dataset.root)
        self.left.emit()

    def release(self) -> None:
        """Wait for pictures being read."""
        self.asking.release()

    def _take(self, found: Doubts) -> None:
        if self._dataset is None or found.root != self._dataset.root:
            return
        self.session = Session(found, self._dataset.classes)
        self.asking.show_classes(self._dataset.classes, self.session.keys())
        self.foot.say(
            f"On {counted(found.pictures, 'picture')} of every split, each judged by a last layer on "
            f"{network_title(found.network)} that did not learn from it.",
            "It cannot tell what the network gets wrong about all pictures of a kind. Files stay where they are.",
        )
        self.foot.show()
        self._deciding.read(found.root)

    def _rows(self) -> Rows | Callable[[], Rows]:
        """Every doubt, also those too weak to be asked about."""
        return self.session.doubts.rows if self.session is not None else ()

    def _fail(self, problem: Problem) -> None:
        self._give_up(self._monitor)
        self._studio.problem.emit(problem)

    def _give_up(self, monitor: JobMonitor[Doubts] | None) -> None:
        if monitor is self._monitor and self.session is None:
            self._found_for = None
            self.left.emit()

    def _follow(self, looked: SecondLook) -> None:
        if self.session is not None:
            self.session.follow(looked.looks)
            self._show()

    def _show(self) -> None:
        session, dataset = self.session, self._dataset
        if session is None or dataset is None:
            return
        self.known.emit(len(session.waiting))
        doubt = session.current
        if doubt is None or session.is_enough:
            self.place.setText("")
            self.ending.show_session(session)
            self.stack.setCurrentWidget(self.ending)
            return
        self.place.setText(f"{counted(len(session.waiting), 'picture')} to go")
        following = session.waiting[1 : 1 + _AHEAD]
        self.asking.show_doubt(doubt, dataset.root, following, can_undo=bool(session.looks))
        self.stack.setCurrentWidget(self.asking)

    # Decisions --------------------------------------------------------------------------------------------------

    def decide(self, verdict: Verdict, to: str = "") -> None:
        """Decide about the picture that is shown, and go on to the next one."""
        session, dataset = self.session, self._dataset
        if session is None or dataset is None or self.stack.currentWidget() is not self.asking:
            return
        if (look := session.look(verdict, to)) is not None:
            self._changed |= look.changes
            session.follow((*session.looks, look))
            self._show()
            self._deciding.take(dataset.root, look)

    def press(self, key: str) -> bool:
        """What the key of a class does; whether it is one."""
        name = self.session.class_of_key(key) if self.session is not None else ""
        if name:
            self.decide("class", name)
        return bool(name)

    def take_back(self) -> None:
        """Take the last decision back, whenever it was made."""
        session, dataset = self.session, self._dataset
        if session is not None and dataset is not None and session.looks:
            look = session.looks[-1]
            self._changed |= look.changes
            session.goes_on = True
            self._deciding.take_back(dataset.root, look)

    def _go_on(self) -> None:
        if self.session is not None:
            self.session.goes_on = True
            self._show()
            self.setFocus()

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtCore.Qt.Key
        acts: dict[QtCore.Qt.Key, Callable[[], object]] = {
            keys.Key_Return: partial(self.decide, "right"),
            keys.Key_Enter: partial(self.decide, "right"),
            keys.Key_Space: partial(self.decide, "later"),
            keys.Key_X: partial(self.decide, "skip"),
            keys.Key_Z: self.take_back,
            keys.Key_Escape: self.leave,
        }
        plain = not event.modifiers() & ~QtCore.Qt.KeyboardModifier.KeypadModifier
        act = acts.get(keys(event.key())) if plain else None
        if act is not None:
            act()
        elif not (plain and self.press(event.text().lower())):
            super().keyPressEvent(event)
