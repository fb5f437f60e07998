"""A folder that is watched: a line that says so, for as long as it is."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted, isolated
from cnnstudio.inference.folder.results import TableSpec, WatchState
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import NoticeBar, button, label, set_property


class WatchStrip(QtWidgets.QFrame):
    """Hidden while none is."""

    answered = QtCore.Signal(Prediction)

    def __init__(self, studio: Studio, notice: NoticeBar) -> None:
        super().__init__()
        self.setObjectName("watch_strip")
        self.setProperty("kind", "notice")
        self.setProperty("level", "good")
        self._studio, self._notice = studio, notice
        self._folder: Path | None = None
        self._model: ModelRef | None = None
        self._job: JobMonitor[WatchState] | None = None
        self.text = label("", wrap=True, name="watch_text")
        self.state = label("", "caption", kind="muted", wrap=True, name="watch_state")
        self.stop_button = button("Stop watching", "watch_stop", self.stop)
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.state)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.addLayout(words, 1)
        row.addWidget(self.stop_button)
        self.hide()

    @property
    def is_on(self) -> bool:
        """Whether a folder is watched."""
        return self._job is not None and self._job.active

    def start(self, folder: Path, model: ModelRef, table: TableSpec | None = None) -> None:
        """Watch a folder, instead of the one of before.

        Args:
            folder: where pictures will come; those that are there are passed over, but for what the table lacks.
            model: what answers.
            table: where the answers are also written.
        """
        self.stop()
        self._folder, self._model = folder, model
        job = specs.WatchFolder(model=model, folder=folder, table=table, new_only=table is None)
        monitor = self._studio.submit(job, part=self._take, failed=self._notice.show_problem)
        self._job = monitor
        monitor.ended.connect(lambda: self.hide() if self._job is monitor else None)
        said = f"Watching {isolated(folder.name)}: pictures that come into it are answered."
        also = f" Their answers also go into {isolated(table.file.name)}." if table is not None else ""
        self.text.setText(f"{said}{also}")
        self._tell(WatchState(there=True, waiting=0, answered=0, unreadable=0))
        self.show()

    def show_model(self, model: ModelRef | None) -> None:
        """Another network answers from now on."""
        if self.is_on and self._folder is not None and model is not None and model != self._model:
            self.start(self._folder, model)

    def stop(self) -> None:
        """Watch no more; the answers stay."""
        if self._job is not None and self._job.active:
            self._job.stop()

    def _take(self, part: Prediction | WatchState) -> None:
        if self._job is None or self.sender() not in (None, self._job):
            return
        if isinstance(part, Prediction):
            self.answered.emit(part)
        else:
            self._tell(part)

    def _tell(self, state: WatchState) -> None:
        set_property(self, "level", "good" if state.there else "warn")
        if not state.there:
            self.state.setText("The folder is not there. Watching continues as soon as it is back.")
            return
        said = [f"{counted(state.answered, 'picture')} answered so far."]
        if state.waiting:
            said.append(f"{counted(state.waiting, 'file')} still being written.")
        if state.unreadable:
            said.append(f"{counted(state.unreadable, 'file')} cannot be read.")
        self.state.setText(" ".join(said))
