"""What the home page asks once: whether to be in the menu of programs, and whether to look for new versions."""

from collections.abc import Callable
from dataclasses import replace

from PySide6 import QtWidgets

from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.desktop import DesktopState
from cnnstudio.jobs.specs.updates import UpdatePolicy
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, label
from cnnstudio.ui.widgets.update_words import LOOK_WEEKLY, WHAT_IS_SENT

_DESKTOP = (
    "Put CNN Studio into the menu of programs? Folders and trained networks can then be opened with it. The settings "
    "take it out again."
)
_SESSIONS = 2
"""In the first one a person has other things to find out."""


class Questions(Card):
    """Hidden until there is a question; one at a time, each once, and never before there is a project."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("home_question")
        self._studio = studio
        self._asks = ""
        self._agree: Callable[[], object] = lambda: None
        self.text = label("", "caption", wrap=True, name="home_question_text")
        self.yes = button("Yes", "home_question_yes", self._agreed)
        self.no = button("No, thanks", "home_question_no", self._answered, kind="ghost")
        self.body.addWidget(self.text)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        row.addStretch(1)
        self.body.addLayout(row)
        self.hide()
        studio.settled.connect(self.begin)

    def begin(self) -> None:
        """See whether there is something to ask."""
        preferences = self._studio.preferences
        if not preferences.recent or self._asks:
            return
        if "desktop" not in preferences.asked:
            self._studio.submit(specs.LookAtDesktop(), done=self._take_desktop, failed=lambda _: None)
        elif "updates" not in preferences.asked and not preferences.updates and preferences.sessions >= _SESSIONS:
            self._studio.submit(specs.LookAtUpdatePolicy(), done=self._take_policy, failed=lambda _: None)

    def _take_desktop(self, state: DesktopState) -> None:
        if state.added or state.why_not:
            self._answered("desktop")
        else:
            self._ask("desktop", _DESKTOP, "Add to menu", self._add)

    def _take_policy(self, policy: UpdatePolicy) -> None:
        if policy.address:
            self._ask("updates", f"{LOOK_WEEKLY}? {WHAT_IS_SENT}", "Look weekly", self._look)

    def _ask(self, about: str, text: str, yes: str, agree: Callable[[], object]) -> None:
        self._asks, self._agree = about, agree
        self.text.setText(text)
        self.yes.setText(yes)
        self.yes.setAccessibleName(f"{yes}: {text}")
        self.no.setAccessibleName(f"No, thanks: {text}")
        self.show()

    def _agreed(self) -> None:
        agree = self._agree
        self._answered()
        agree()

    def _answered(self, about: str = "") -> None:
        """Never again this one; the next one waits for the next start."""
        about = about or self._asks
        self.hide()
        known = self._studio.preferences.asked
        if about and about not in known:
            self._studio.remember(replace(self._studio.preferences, asked=(*known, about)))

    def _add(self) -> None:
        done = "CNN Studio is in the menu of programs."
        self._studio.submit(
            specs.AddToDesktop(),
            done=lambda _: self._studio.said.emit(done, "Undo", self._take_out),
            failed=self._studio.problem.emit,
        )

    def _take_out(self) -> None:
        self._studio.submit(
            specs.RemoveFromDesktop(),
            done=lambda _: self._studio.said.emit("CNN Studio is out of the menu again.", "", None),
            failed=self._studio.problem.emit,
        )

    def _look(self) -> None:
        self._studio.remember(replace(self._studio.preferences, updates=True))
