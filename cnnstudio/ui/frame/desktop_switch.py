"""Among the settings: whether CNN Studio is in the menu of programs."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.desktop import DesktopState
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import label

_MEANING = "With its icon, for folders and trained networks, too. Taking it out leaves nothing behind."


class DesktopSwitch(QtWidgets.QWidget):
    """Shows what is; what a click wants is done by a job, and shown when it is done."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio, self._added = studio, False
        self.wanted = QtWidgets.QCheckBox("In the menu of programs")
        self.wanted.setObjectName("settings_desktop")
        self.wanted.clicked.connect(self._change)
        self.said = label(_MEANING, "caption", kind="muted", wrap=True, name="desktop_said")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.wanted)
        column.addWidget(self.said)
        self.wanted.setEnabled(False)
        studio.submit(specs.LookAtDesktop(), done=self._take, failed=self._refuse)

    def _change(self, wanted: bool) -> None:
        self.wanted.setEnabled(False)
        job = specs.AddToDesktop() if wanted else specs.RemoveFromDesktop()
        self._studio.submit(job, done=self._take, failed=self._refuse)

    def _take(self, state: DesktopState) -> None:
        self._added = state.added
        with QtCore.QSignalBlocker(self.wanted):
            self.wanted.setChecked(state.added)
        self.wanted.setEnabled(not state.why_not)
        self.said.setText(state.why_not or _MEANING)

    def _refuse(self, problem: Problem) -> None:
        """As it was before the click."""
        self.said.setText(problem.sentence())
        with QtCore.QSignalBlocker(self.wanted):
            self.wanted.setChecked(self._added)
        self.wanted.setEnabled(True)
