"""A long job: its progress in the window's title, and its end as a notification where nobody is looking."""

import time
from typing import Any

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, Progressed, RunStarted, StepDone, right_sentence
from cnnstudio.runs import Run
from cnnstudio.ui.look.icons import icon
from cnnstudio.ui.state import JobMonitor, Studio

_APP = "CNN Studio"
_LONG_S = 10.0
"""A job that takes longer is one that people leave alone."""
_SHOWN_MS = 10_000
TRAINING = ("FineTune", "ResumeRun", "TrainRepeats", "ContinueRepeats")
WORDS = {
    **dict.fromkeys(TRAINING, ("Training has finished", "train")),
    "ScanFolder": ("The pictures are checked", "data"),
    "Predict": ("All pictures are predicted", "predict"),
    "DownloadWeights": ("The weights are downloaded", "model"),
    "FetchPractice": ("The practice dataset is ready", "home"),
    "PredictFolder": ("The table of answers is ready", "predict"),
    "SortPictures": ("The pictures are sorted", "predict"),
    "EmbedFolder": ("The features are written", "export"),
    "ExportModel": ("The network is exported", "export"),
    "CompareRuns": ("The runs are compared", "results"),
    "MeasureMirror": ("Mirror images are measured", "predict"),
}
"""What is said at the end of a job, by its name, and the page that shows it. Most are asked for later, if at all."""


def kind_of(monitor: JobMonitor[Any]) -> str:
    """The name of its job."""
    return type(monitor.handle.job).__name__


class _Followed:
    """A job that goes on, and how far it is, from 0 to 1."""

    def __init__(self, monitor: JobMonitor[Any]) -> None:
        self.monitor, self.begun = monitor, time.monotonic()
        self.is_training = kind_of(monitor) in TRAINING
        self._part = 0.0
        self._steps = False
        self._repeat, self._repeats = 1, 1

    @property
    def share(self) -> float:
        """Of all of it where that is known, else of what is being done now, as its progress bar has it."""
        return (self._repeat - 1 + self._part) / self._repeats

    def begin_run(self, event: object) -> None:
        """One of several trainings, or the only one."""
        if isinstance(event, RunStarted):
            self._repeat, self._repeats = max(1, event.repeat), max(1, event.repeats)
            self._part, self._steps = 0.0, False

    def take_steps(self, steps: list[StepDone]) -> None:
        """Of a training with epochs; what is scored between them counts no more then."""
        self._part, self._steps = steps[-1].step / max(1, steps[-1].steps), True

    def take_progress(self, event: Progressed) -> None:
        """Of whatever is counted."""
        if event.total and not self._steps:
            self._part = event.done / event.total


class Attention(QtCore.QObject):
    """Asks for it with the window's entry in the task bar, and a notification of the system where it has any."""

    asked = QtCore.Signal(str, str)
    """A notification was shown: its title and text."""

    def __init__(self, window: QtWidgets.QMainWindow, studio: Studio) -> None:
        super().__init__(window)
        self._window, self._studio = window, studio
        self._followed: list[_Followed] = []
        self._tray: QtWidgets.QSystemTrayIcon | None = None
        self._page = ""
        self.long_s = _LONG_S
        studio.job_started.connect(self._follow)

    def _follow(self, monitor: JobMonitor[Any]) -> None:
        kind = kind_of(monitor)
        if kind not in WORDS:
            return
        followed = _Followed(monitor)
        self._followed.append(followed)
        monitor.run_event.connect(followed.begin_run)
        monitor.steps.connect(followed.take_steps)
        monitor.progressed.connect(followed.take_progress)
        for signal in (monitor.steps, monitor.progressed, monitor.paused, monitor.resumed):
            signal.connect(self._show)
        monitor.finished.connect(lambda result: self._tell(followed, WORDS[kind][0], _said_of(result)))
        monitor.failed.connect(lambda problem: self._fail(followed, problem))
        monitor.ended.connect(lambda: self._end(followed))

    def _show(self) -> None:
        """The training's progress, or that of what began first."""
        shown = next((each for each in self._followed if each.is_training), next(iter(self._followed), None))
        if shown is None:
            self._window.setWindowTitle(_APP)
            return
        percent = min(99, int(100 * shown.share))
        paused = shown.monitor.is_paused
        self._window.setWindowTitle(f"Paused at {percent} % – {_APP}" if paused else f"{percent} % – {_APP}")

    def _end(self, followed: _Followed) -> None:
        self._followed.remove(followed)
        self._show()

    def _fail(self, followed: _Followed, problem: Problem) -> None:
        if not problem.choices:  # else it is a question
            self._tell(followed, problem.title, problem.remedy)

    def _tell(self, followed: _Followed, title: str, text: str) -> None:
        """Only of what took long, and only where nobody looks at the window."""
        if time.monotonic() - followed.begun < self.long_s or self._window.isActiveWindow():
            return
        self._page = WORDS[kind_of(followed.monitor)][1]
        QtWidgets.QApplication.alert(self._window)
        if self._studio.preferences.notify:
            self._notify(title, text)
        self.asked.emit(title, text)

    def _notify(self, title: str, text: str) -> None:
        """Where the system has none, the task bar has to do."""
        kind = QtWidgets.QSystemTrayIcon
        if not (kind.isSystemTrayAvailable() and kind.supportsMessages()):
            return
        if self._tray is None:
            self._tray = kind(icon("app"), self)
            self._tray.setToolTip(_APP)
            self._tray.messageClicked.connect(self._come)
            self._tray.activated.connect(lambda _: self._come())
            self._window.installEventFilter(self)
        self._tray.show()
        self._tray.showMessage(title, text, icon("app"), _SHOWN_MS)

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Somebody looks: the icon beside the clock has done its work."""
        if event.type() == QtCore.QEvent.Type.WindowActivate and self._tray is not None:
            self._tray.hide()
        return super().eventFilter(watched, event)

    def _come(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~QtCore.Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self._studio.navigate.emit(self._page)


def _said_of(result: object) -> str:
    """What is known of how it went, without a test score, which is only shown where its looks are counted."""
    if not isinstance(result, Run):
        return ""
    score = result.record.scores.get("validation")
    return "" if score is None else right_sentence(score)
