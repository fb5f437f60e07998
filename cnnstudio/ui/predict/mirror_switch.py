"""Whether answers are averaged over the mirror image, with what that gains and costs."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem
from cnnstudio.jobs.specs import MeasureMirror
from cnnstudio.jobs.specs.models import MirrorGain
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import label

_ABOUT = "Twice the work. Often a little better where left and right make no difference."


class MirrorSwitch(QtWidgets.QWidget):
    """Off until a person wants it; then the gain is measured on the validation pictures of the run, once."""

    toggled = QtCore.Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Path | None = None
        self._measuring: JobMonitor[MirrorGain] | None = None
        self.box = QtWidgets.QCheckBox("Average over the mirror image")
        self.box.setObjectName("average_mirror")
        self.box.toggled.connect(lambda _: self._changed())
        self.text = label(_ABOUT, "caption", kind="muted", wrap=True, name="mirror_gain")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, theme.S, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.box)
        column.addWidget(self.text)

    @property
    def on(self) -> bool:
        """Whether it is wanted."""
        return self.box.isChecked()

    def show_model(self, model: ModelRef | None) -> None:
        """Say what it does for a model: for a run of the open folder, as measured."""
        run = next((run.folder for run in self._studio.runs if model and str(run.folder) == model.source), None)
        if run != self._run:
            self._run = run
            self._measure()

    def _changed(self) -> None:
        self._measure()
        self.toggled.emit()

    def _measure(self) -> None:
        if self._measuring is not None:
            self._measuring.stop()
            self._measuring = None
        self.text.setText(_ABOUT)
        run = self._run
        if not self.on or run is None or self._studio.training_active:
            return
        self.text.setText("Measuring what it gains on this run's validation pictures…")
        self._measuring = self._studio.submit(
            MeasureMirror(run=run),
            done=lambda gain: self._tell(run, gain.sentence),
            failed=lambda problem: self._tell(run, _why_not(problem)),
        )

    def _tell(self, run: Path, sentence: str) -> None:
        if run == self._run and self.on:
            self.text.setText(sentence)


def _why_not(problem: Problem) -> str:
    return f"What it gains could not be measured. {problem.title}"
