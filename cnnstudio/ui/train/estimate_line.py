"""What a training will cost on this computer, before it starts."""

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import seconds_in_words
from cnnstudio.jobs.specs import EstimateRun
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import label

_WAIT_MS = 500
"""After the last change; measuring at every key would only make the window slow."""


class EstimateLine(QtWidgets.QWidget):
    """Asks for an estimate a moment after the last change, while the page is seen and nothing is trained."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._recipe: Recipe | None = None
        self._monitor: JobMonitor[Estimate] | None = None
        self.text = label("", kind="muted", name="estimate_text")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.text)
        row.addStretch(1)
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._ask)

    def show_for(self, recipe: Recipe | None) -> None:
        """Estimate a recipe; None shows nothing."""
        self._recipe = recipe
        if recipe is None:
            self.cancel()
            self.text.setText("")
        elif self.isVisible():
            self._timer.start()

    def cancel(self) -> None:
        """A training needs the machine for itself."""
        self._timer.stop()
        if self._monitor is not None:
            self._monitor.stop()

    @override
    def showEvent(self, event: object) -> None:
        if self._recipe is not None:
            self._timer.start()

    def _ask(self) -> None:
        if self._recipe is None or self._studio.training_active or not self.isVisible():
            return
        if self._monitor is not None:
            self._monitor.stop()
        if not self.text.text():
            self.text.setText("Measuring how long it will take…")
        job = EstimateRun(recipe=self._recipe, dataset=self._studio.dataset)
        self._monitor = monitor = self._studio.submit(job, done=self._show, failed=lambda _: self.text.setText(""))
        monitor.ended.connect(lambda: self._forget(monitor))

    def _show(self, found: Estimate) -> None:
        time, gigabytes = seconds_in_words(found.seconds), found.memory / 2**30
        with_memory = f"About {time} on this computer, and about {gigabytes:.1f} GB of memory."
        self.text.setText(with_memory if found.memory > 2**28 else f"About {time} on this computer.")

    def _forget(self, monitor: JobMonitor[Estimate]) -> None:
        if self._monitor is monitor:
            self._monitor = None
