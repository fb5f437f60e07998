"""*How careful?*: how many good pictures may be refused, so that foreign ones are."""

from functools import partial
from pathlib import Path

from PySide6 import QtWidgets

from cnnstudio.core import Problem, counted
from cnnstudio.jobs.specs import BeCareful
from cnnstudio.jobs.specs.sure import HowSure
from cnnstudio.networks.refusal import Refusal
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, label, slider
from cnnstudio.understanding.words import NEAR_MISSES

_HOW = (
    "Pictures of other things are told by how far they lie from all it was shown, and pictures between two classes by "
    "how its answer is spread."
)


class CarefulCard(Card):
    """What is chosen goes into the run, and from there into predictions and exports."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("What it should not answer")
        self._studio = studio
        self._run: Path | None = None
        self._refusal: Refusal | None = None
        self.careful = slider("careful_share", "Good pictures that may be refused, of 100", 1, 20, 5)
        self.careful.setSingleStep(1)
        self.careful.setPageStep(5)
        self.careful.setFixedWidth(theme.scaled(220))
        self.careful.valueChanged.connect(lambda _: self._show())
        self.value = label("", name="careful_value")
        self.apply = button("Use this", "careful_apply", self._apply)
        self.about = label("", wrap=True, name="careful_about")
        self.limits = label(f"{_HOW} {NEAR_MISSES}", "caption", kind="muted", wrap=True, name="careful_limits")
        self.row = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(self.row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(label("How careful?"))
        for widget in (self.careful, self.value, self.apply):
            row.addWidget(widget)
        row.addStretch(1)
        for part in (self.row, self.about, self.limits):
            self.body.addWidget(part)

    def show_found(self, found: HowSure | None) -> None:
        """Show what a run refuses."""
        self._run = found.run if found is not None else None
        self._take(self._run, found.refusal if found is not None else None)

    def _take(self, run: Path | None, refusal: Refusal | None) -> None:
        if run != self._run:
            return
        self._refusal = refusal
        self.row.setVisible(refusal is not None)
        self.limits.setVisible(refusal is not None)
        if refusal is not None:
            self.careful.setValue(round(100 * refusal.careful))
        self._show()

    def _show(self) -> None:
        share, refusal = self.careful.value(), self._refusal
        self.value.setText(f"refuses about {share} of 100 good pictures")
        if refusal is None:
            self.about.setText(
                "There are too few pictures to know what is usual, so every picture is answered. More validation "
                "pictures change that."
            )
            return
        self.apply.setEnabled(share != round(100 * refusal.careful))
        low, high = refusal.kept
        pictures = counted(len(refusal.near), "picture")
        alone = ", each compared with the others," if refusal.leave_one_out else ""
        self.about.setText(
            f"Learned from {pictures}{alone} that did not teach it: of new good pictures it answers between "
            f"{100 * low:.0f} and {100 * high:.0f} of 100, at {100 * refusal.careful:.0f} refused of these."
        )

    def _apply(self) -> None:
        if (run := self._run) is None:
            return
        self.apply.setEnabled(False)
        job = BeCareful(run=run, careful=self.careful.value() / 100)
        self._studio.submit(job, done=partial(self._take, run), failed=self._fail)

    def _fail(self, problem: Problem) -> None:
        self._studio.problem.emit(problem)
        self._show()
