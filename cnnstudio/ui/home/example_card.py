"""Examples to try: the drawn sample pictures and the well-known datasets, each as a card."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import Problem, Progressed, counted, size_in_words
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sample_dataset import DRAWERS, PICTURES_PER_CLASS, SIDE
from cnnstudio.data.practice.sets import PracticeSet
from cnnstudio.jobs.specs import FetchPractice, ForgetPractice, LookForPractice
from cnnstudio.jobs.specs.pictures import PracticeState
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import blank, drawing
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, ProgressStrip, button, label, open_outside, set_kind

_WIDTH, _HEIGHT = 96, 72
_OFFLINE = "Works offline"


class ExampleCard(Card):
    """Picture, words, figures, whether it works offline, and what can be done with it now."""

    opened = QtCore.Signal(Path)

    def __init__(self, name: str, title: str, text: str, figures: str) -> None:
        super().__init__()
        self.setObjectName(f"practice_{name}")
        self._title = title
        self.badge = label("", "caption", name="practice_badge")
        self.problem = label("", "caption", kind="bad", wrap=True, name="practice_problem")
        self.problem.hide()
        self.picture = QtWidgets.QLabel()
        self.picture.setPixmap(_drawn(name, self.devicePixelRatioF()))
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(text, wrap=True))
        words.addWidget(label(figures, "caption", kind="muted", wrap=True))
        words.addStretch(1)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.picture, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.buttons = QtWidgets.QHBoxLayout()
        self.buttons.setSpacing(theme.XS)
        self.body.addLayout(row)
        self.body.addWidget(self.problem)
        self.body.addStretch(1)
        self.body.addLayout(self.buttons)

    @property
    def works_offline(self) -> bool:
        """Whether it needs no internet now."""
        return self.badge.text() == _OFFLINE

    def show_badge(self, *, offline: bool, size: str = "") -> None:
        """Say whether it works offline, or what has to be downloaded."""
        self.badge.setText(_OFFLINE if offline else f"{size} to download")
        set_kind(self.badge, "badge" if offline else "muted")

    def add_buttons(self, *entries: QtWidgets.QPushButton) -> None:
        """What can be done, from the left; read out together with the title."""
        for entry in entries:
            entry.setAccessibleName(f"{entry.text()}: {self._title}")
            self.buttons.addWidget(entry)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.badge, 0, QtCore.Qt.AlignmentFlag.AlignVCenter)


class SampleCard(ExampleCard):
    """The pictures that are drawn here."""

    def __init__(self, studio: Studio) -> None:
        classes = f"{counted(len(DRAWERS), 'class', 'classes')} · {SIDE} × {SIDE} px"
        super().__init__(
            "sample",
            "Sample pictures",
            "Boats, leaves, fish and more, drawn by CNN Studio itself. The quickest way to see how everything works.",
            f"{counted(len(DRAWERS) * PICTURES_PER_CLASS, 'picture')} · {classes} · drawn in a few seconds",
        )
        self._studio = studio
        self.open = button("Open", "open_sample", self.start, kind="primary")
        self.progress = ProgressStrip("home_progress")
        self.body.insertWidget(self.body.count() - 1, self.progress)
        self.show_badge(offline=True)
        self.add_buttons(self.open)

    def start(self) -> None:
        """Draw them if need be, and open them."""
        self.progress.begin("Drawing the sample pictures")
        self.open.setEnabled(False)
        monitor = self._studio.open_sample()
        monitor.ended.connect(self._ended)
        monitor.finished.connect(lambda _: self._studio.navigate.emit("data"))

    def _ended(self) -> None:
        self.progress.hide()
        self.open.setEnabled(True)


class PracticeCard(ExampleCard):
    """One dataset to download. Downloads go on while it is not shown."""

    def __init__(self, wanted: PracticeSet, studio: Studio) -> None:
        figures = (
            f"{counted(wanted.pictures, 'picture')} · {counted(wanted.classes, 'class', 'classes')} · "
            f"{wanted.pixels} · {wanted.terms}"
        )
        super().__init__(wanted.name, wanted.title, wanted.text, figures)
        self._wanted, self._studio = wanted, studio
        self.monitor: JobMonitor[Path] | None = None
        self.progress = ProgressStrip("practice_progress", self._stop, "Pause")
        self.body.insertWidget(self.body.count() - 1, self.progress)
        self.state = label("", "caption", kind="muted", name="practice_state")
        self.body.insertWidget(self.body.count() - 1, self.state)
        self.get = button("Download", "practice_get", self.start)
        self.open = button("Open", "practice_open", self._open)
        self.discard = button("Discard", "practice_discard", self._discard, kind="ghost")
        about = button("About", "practice_about", partial(_show_page, wanted.page), kind="ghost")
        about.setToolTip(wanted.page)
        self.add_buttons(self.open, self.get, self.discard, about)
        self._state = PracticeState(here=False, part=0)
        self._look()

    def start(self) -> None:
        """Download, or go on with a download; ready-made folders are opened with the other button."""
        self.problem.hide()
        self.monitor = self._studio.submit(FetchPractice(name=self._wanted.name), failed=self._failed)
        self.progress.begin("Connecting")
        self.monitor.progressed.connect(self._moved)
        self.monitor.ended.connect(self._ended)
        self._look()

    def _moved(self, event: Progressed) -> None:
        in_bytes = event.kind != "work" and event.total
        count = f"{event.done / 1e6:,.1f} of {event.total / 1e6:,.1f} MB" if in_bytes else ""
        self.progress.advance(event.text, event.done, event.total, count)

    def _failed(self, problem: Problem) -> None:
        self.problem.setText(problem.sentence())

    def _ended(self) -> None:
        self.monitor = None
        self.progress.hide()
        self._look()

    def _stop(self) -> None:
        if self.monitor is not None:
            self.monitor.stop()

    def _discard(self) -> None:
        self.discard.setEnabled(False)
        monitor = self._studio.submit(ForgetPractice(name=self._wanted.name), failed=self._failed)
        monitor.ended.connect(self._look)

    def _open(self) -> None:
        self.opened.emit(practice_folder(self._wanted))

    def _look(self) -> None:
        self._show_state(self._state)
        self._studio.submit(LookForPractice(name=self._wanted.name), done=self._show_state)

    def _show_state(self, state: PracticeState) -> None:
        self._state, here, part = state, state.here, state.part
        running = self.monitor is not None
        self.get.setVisible(not here)
        self.get.setEnabled(not running)
        self.get.setText("Resume" if part and not running else "Download")
        self.get.setAccessibleName(f"{self.get.text()}: {self._wanted.title}")
        self.open.setVisible(here)
        self.discard.setVisible(bool(part) and not here and not running)
        self.discard.setEnabled(True)
        self.show_badge(offline=here, size=size_in_words(round(self._wanted.megabytes * 1e6)))
        self.state.setText(f"{size_in_words(part)} downloaded so far")
        self.state.setVisible(bool(part) and not here and not running)
        self.problem.setVisible(bool(self.problem.text()) and not running and not here)


def _drawn(name: str, scale: float) -> QtGui.QPixmap:
    """Our own small drawing of what the dataset shows, with round corners."""
    picture = blank(_WIDTH, _HEIGHT, scale)
    painter = QtGui.QPainter(picture)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    shape = QtGui.QPainterPath()
    shape.addRoundedRect(0, 0, _WIDTH, _HEIGHT, 8, 8)
    painter.setClipPath(shape)
    drawing("practice", name).render(painter, shape.boundingRect())
    painter.end()
    return picture


def _show_page(address: str) -> None:
    open_outside(address)
