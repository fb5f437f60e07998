"""Well-known datasets to practise on: what they are, and one click to have them."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import Problem, Progressed, counted
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sets import SETS, PracticeSet
from cnnstudio.jobs.specs import FetchPractice, ForgetPractice, LookForPractice
from cnnstudio.jobs.specs.pictures import PracticeState
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import blank, drawing
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, ProgressStrip, button, label

_WIDTH, _HEIGHT = 96, 72


class PracticeDialog(QtWidgets.QDialog):
    """A row for each dataset. Downloads go on when the dialog is closed."""

    opened = QtCore.Signal(Path)
    """A folder to open."""

    def __init__(self, studio: Studio, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("practice_dialog")
        self.setWindowTitle("Practice datasets")
        self.resize(760, 640)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        rows = QtWidgets.QVBoxLayout(content)
        rows.setContentsMargins(0, 0, theme.S, 0)
        rows.setSpacing(theme.S)
        self.rows = {each.name: PracticeRow(each, studio) for each in SETS}
        for row in self.rows.values():
            row.opened.connect(self._open)
            rows.addWidget(row)
        rows.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.M, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(label("Practice datasets", "title"))
        column.addWidget(
            label(
                "Well-known datasets. They are downloaded from their makers, checked, and unpacked as "
                "folders like your own. The sample pictures on the Home page need no internet.",
                kind="muted",
                wrap=True,
            )
        )
        column.addWidget(area, 1)
        foot = QtWidgets.QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("Close", "practice_close", self.close))
        column.addLayout(foot)

    def _open(self, folder: Path) -> None:
        self.close()
        self.opened.emit(folder)


class PracticeRow(Card):
    """One dataset: picture, words, figures, and what can be done with it now."""

    opened = QtCore.Signal(Path)

    def __init__(self, wanted: PracticeSet, studio: Studio) -> None:
        super().__init__()
        self.setObjectName(f"practice_{wanted.name}")
        self._wanted, self._studio = wanted, studio
        self.monitor: JobMonitor[Path] | None = None
        self.problem = label("", "caption", kind="bad", wrap=True, name="practice_problem")
        self.progress = ProgressStrip("practice_progress", self._stop, "Pause")
        self.state = label("", "caption", kind="muted", name="practice_state")
        self.get = button("Download", "practice_get", self.start)
        self.open = button("Open", "practice_open", self._open)
        self.discard = button("Discard", "practice_discard", self._discard, kind="ghost")
        about = button("About this dataset", "practice_about", partial(_show_page, wanted.page), kind="ghost")
        about.setToolTip(wanted.page)
        for entry in (self.get, self.open, self.discard, about):
            entry.setAccessibleName(f"{entry.text()}: {wanted.title}")
        figures = (
            f"{counted(wanted.pictures, 'picture')} · {counted(wanted.classes, 'class', 'classes')} · "
            f"{wanted.pixels} · {_megabytes(wanted.megabytes * 1e6)} · {wanted.terms}"
        )
        self.picture = QtWidgets.QLabel()
        self.picture.setPixmap(_drawn(wanted.name, self.devicePixelRatioF()))
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(wanted.title, "heading"))
        words.addWidget(label(wanted.text, wrap=True))
        words.addWidget(label(figures, "caption", kind="muted", wrap=True))
        words.addWidget(self.state)
        words.addStretch(1)
        buttons = QtWidgets.QVBoxLayout()
        buttons.setSpacing(theme.XS)
        for entry in (self.open, self.get, self.discard, about):
            buttons.addWidget(entry)
        buttons.addStretch(1)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.picture, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(buttons)
        self.body.addLayout(row)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.problem)
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
        self.state.setText("On this computer" if here else f"{_megabytes(part)} downloaded so far")
        self.state.setVisible((here or bool(part)) and not running)
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


def _megabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def _show_page(address: str) -> None:
    QtGui.QDesktopServices.openUrl(QtCore.QUrl(address))
