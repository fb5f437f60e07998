"""What a training will cost on this computer, before it starts: of the chosen mode in words, of every mode its time."""

from collections.abc import Mapping

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
_WAITING = "Measuring…"


class EstimateLine(QtWidgets.QWidget):
    """Asks for estimates a moment after the last change, while the page is seen and nothing is trained.

    One after the other, the chosen mode first. What is shown is always of the recipe that would be trained: of another
    folder, network or setting nothing is left standing.
    """

    told = QtCore.Signal(str, str)
    """Name of a mode, and how long it takes in words; empty where it is not known."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._recipes: Mapping[str, Recipe] = {}
        self._chosen = ""
        self._known: dict[Recipe, Estimate | None] = {}
        """On the pictures of the open folder; None where it could not be found out."""
        self._monitor: JobMonitor[Estimate] | None = None
        self._asked: Recipe | None = None
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

    def show_for(self, recipes: Mapping[str, Recipe], chosen: str) -> None:
        """Estimate these.

        Args:
            recipes: by the name of their mode, of the modes that can be trained; empty while there is nothing to train.
            chosen: the mode whose recipe the line is about.
        """
        self._recipes, self._chosen = recipes, chosen
        if not recipes:
            self.cancel()
        self._tell()
        if self._missing() and self.isVisible():
            self._timer.start()

    def forget(self) -> None:
        """Other pictures take other times."""
        self.cancel()
        self._known = {}

    def cancel(self) -> None:
        """A training needs the machine for itself."""
        self._timer.stop()
        if self._monitor is not None:
            self._monitor.stop()
            self._monitor = None

    def seconds(self, recipe: Recipe) -> float:
        """How long a recipe takes in all; 0 where it is not known."""
        found = self._known.get(recipe)
        return found.seconds if found is not None else 0.0

    @override
    def showEvent(self, event: object) -> None:
        if self._missing():
            self._timer.start()

    @override
    def hideEvent(self, event: object) -> None:
        """Others wait for the same machine."""
        self.cancel()

    def _missing(self) -> list[Recipe]:
        """Those to find out about, the chosen one first."""
        recipes = sorted(self._recipes.items(), key=lambda item: item[0] != self._chosen)
        return [recipe for _, recipe in recipes if recipe not in self._known]

    def _ask(self) -> None:
        missing = self._missing()
        if self._studio.training_active or not self.isVisible() or not missing:
            return
        if self._monitor is not None:
            if self._asked in missing:  # still wanted, and nearly known
                return
            self._monitor.stop()
        recipe, known = missing[0], self._known
        self._asked = recipe
        job = EstimateRun(recipe=recipe, dataset=self._studio.dataset)

        def take(found: Estimate | None) -> None:
            if known is self._known:
                known[recipe] = found
            self._tell()

        self._monitor = monitor = self._studio.submit(job, done=take, failed=lambda _: take(None))
        monitor.ended.connect(lambda: self._next(monitor))

    def _next(self, monitor: JobMonitor[Estimate]) -> None:
        if self._monitor is monitor:
            self._monitor = None
            if self._missing() and not self._timer.isActive():
                self._ask()

    def _tell(self) -> None:
        for mode, recipe in self._recipes.items():
            found = self._known.get(recipe)
            words = "" if found is None else f"About {seconds_in_words(found.seconds)}"
            self.told.emit(mode, words if recipe in self._known else _WAITING)
        self.text.setText(self._sentence())

    def _sentence(self) -> str:
        recipe = self._recipes.get(self._chosen)
        if recipe is None:
            return ""
        if recipe not in self._known:
            return "Measuring how long it will take…"
        found = self._known[recipe]
        if found is None:
            return ""
        time, gigabytes = seconds_in_words(found.seconds), found.memory / 2**30
        if found.memory > 2**28:
            return f"About {time} on this computer, and about {gigabytes:.1f} GB of memory."
        return f"About {time} on this computer."
