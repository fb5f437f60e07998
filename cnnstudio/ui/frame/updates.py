"""Once a week, where a person agreed: is there a newer version? One line says so, with the line that brings it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio import __version__
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.updates import Update, UpdatePolicy
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, NoticeBar, button, label
from cnnstudio.ui.widgets.update_words import LOOK_WEEKLY, WHAT_IS_SENT

_WEEK = timedelta(days=7)


class Updates(QtCore.QObject):
    """Looks after the start of the window, in a thread; what goes wrong is not said."""

    def __init__(self, studio: Studio, notice: NoticeBar) -> None:
        super().__init__(studio)
        self._studio, self._notice = studio, notice
        studio.settled.connect(self.begin)

    def begin(self) -> None:
        """Count the sessions as far as it matters, and look if it is time."""
        preferences = self._studio.preferences
        if preferences.sessions < 2:
            self._studio.remember(replace(preferences, sessions=preferences.sessions + 1))
        elif preferences.updates and _is_due(preferences.looked):
            self._studio.submit(specs.LookForUpdate(), done=self._take, failed=lambda _: None)

    def _take(self, update: Update | None) -> None:
        today = datetime.now(UTC).date().isoformat()
        self._studio.remember(replace(self._studio.preferences, looked=today))
        if update is not None and not self._notice.isVisible():  # what else is said there matters more
            copy = lambda: QtGui.QGuiApplication.clipboard().setText(update.how)  # noqa: E731
            self._notice.show_text(news(update), update.how, "info", "Copy this line", copy)


class UpdatesCard(Card):
    """Among the settings: the switch, and a look at once; not shown where there is nobody to ask."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("New versions")
        self._studio = studio
        self.wanted = QtWidgets.QCheckBox(LOOK_WEEKLY)
        self.wanted.setObjectName("settings_updates")
        self.wanted.setChecked(studio.preferences.updates)
        self.wanted.toggled.connect(lambda on: studio.remember(replace(studio.preferences, updates=on)))
        self.body.addWidget(self.wanted)
        self.meaning = label(WHAT_IS_SENT, "caption", kind="muted", wrap=True, name="updates_meaning")
        self.body.addWidget(self.meaning)
        row = QtWidgets.QHBoxLayout()
        self.look = button("Look now", "look_for_update", self._look)
        self.said = label("", kind="muted", wrap=True, name="updates_said")
        self.said.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.look)
        row.addWidget(self.said, 1)
        self.body.addLayout(row)
        self.hide()
        studio.submit(specs.LookAtUpdatePolicy(), done=self._take_policy)

    def _take_policy(self, policy: UpdatePolicy) -> None:
        self.wanted.setEnabled(bool(policy.address))
        self.look.setEnabled(bool(policy.address))
        self.said.setText(policy.why_not)
        self.setVisible(bool(policy.address or policy.why_not))

    def _look(self) -> None:
        self.look.setEnabled(False)
        self.said.setText("Looking…")
        monitor = self._studio.submit(specs.LookForUpdate(), done=self._take, failed=lambda _: None)
        monitor.ended.connect(self._ended)

    def _take(self, update: Update | None) -> None:
        nothing = f"No newer version is known; this is {__version__}."
        self.said.setText(nothing if update is None else f"{news(update)} {update.how}")

    def _ended(self) -> None:
        self.look.setEnabled(True)


def news(update: Update) -> str:
    """What is new, in a sentence."""
    return f"CNN Studio {update.version} is there; this is {__version__}."


def _is_due(looked: str) -> bool:
    try:
        last = date.fromisoformat(looked)
    except ValueError:
        return True
    return not timedelta() <= datetime.now(UTC).date() - last < _WEEK
