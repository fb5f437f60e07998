"""The tab *How sure*: what can be promised, what errors cost, what is refused, whether percentages are honest."""

from collections.abc import Iterator
from functools import partial

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.jobs.specs import LookHowSure
from cnnstudio.jobs.specs.sure import HowSure
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.how_sure.careful_card import CarefulCard
from cnnstudio.ui.results.how_sure.cost_card import CostCard
from cnnstudio.ui.results.how_sure.promise_card import PromiseCard
from cnnstudio.ui.results.how_sure.reliability_plot import ReliabilityPlot
from cnnstudio.ui.results.tab import ResultsTab
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, Foot, ProgressStrip, button, label
from cnnstudio.understanding.sure.reliability import Reliability

_LIMITS = (
    "It cannot tell how sure the network is of pictures that are taken otherwise, or of classes that are not here."
)
_NEAR = 0.9


class HowSureTab(ResultsTab):
    """One job counts all of it; the sliders then only look up."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Run | None = None
        self._found: HowSure | None = None
        self._monitor: JobMonitor[HowSure] | None = None
        self.progress = ProgressStrip("sure_progress")
        self.problem = label("", kind="muted", wrap=True, name="sure_problem")
        self.again = button("Compute the answers", "sure_again", self._begin, kind="primary")
        self.every = QtWidgets.QCheckBox()
        self.every.setObjectName("sure_every")
        self.every.toggled.connect(lambda _: self._begin())
        self.promise, self.cost, self.careful = PromiseCard(studio), CostCard(studio), CarefulCard(studio)
        self.details = self._details()
        self.parts = QtWidgets.QWidget()
        self.foot = Foot(studio, "how_sure", shown=self.parts, table=self._rows)
        inner = QtWidgets.QVBoxLayout(self.parts)
        column = QtWidgets.QVBoxLayout(self)
        for layout in (inner, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(theme.M)
        for widget in (self.promise, self.cost, self.careful, self.details):
            inner.addWidget(widget)
        column.addWidget(self.progress)
        column.addWidget(self.problem)
        column.addWidget(self.again, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.parts)
        column.addWidget(self.every)
        column.addWidget(self.foot)
        column.addStretch(1)
        self._show(None)

    @override
    def show_run(self, run: Run | None) -> None:
        if self._monitor is not None and self._monitor.active:
            self._monitor.stop()
        self._run = run
        with QtCore.QSignalBlocker(self.every):
            self.every.setChecked(False)
        self._show(None)
        if run is not None:
            self._begin()

    @override
    def release(self) -> None:
        if self._monitor is not None and self._monitor.active:
            self._monitor.stop()
        self.promise.release()
        self.cost.release()

    def _begin(self) -> None:
        if (run := self._run) is None:
            return
        self.problem.hide()
        self.again.hide()
        job = LookHowSure(run=run.folder, every=self.every.isChecked())
        self._monitor = monitor = self._studio.submit(job, done=partial(self._take, run), failed=self._fail)
        self.progress.follow(monitor)
        self.progress.text.setText("Counting")
        monitor.stopped.connect(lambda _: self.again.setVisible(run is self._run))

    def _take(self, run: Run, found: HowSure) -> None:
        if run is self._run:
            self._show(found)

    def _fail(self, problem: Problem) -> None:
        self.problem.setText(problem.sentence())
        self.problem.show()
        self.again.show()

    def _show(self, found: HowSure | None) -> None:
        self._found = found
        self.problem.hide()
        self.again.hide()
        for widget in (self.parts, self.foot):
            widget.setVisible(found is not None)
        self.every.setVisible(found is not None and found.more > len(found.evidence) * (not self.every.isChecked()))
        for card in (self.promise, self.cost, self.careful):
            card.show_found(found)
        if found is None:
            return
        pictures = counted(found.more, "picture")
        self.every.setText(f"Count all {pictures} that a last layer answered without learning from them")
        self.plot.show_reliability(found.reliability)
        self.honest.setText(_honest(found))
        self.foot.say(f"On {found.evidence.words}.", _LIMITS)

    def _details(self) -> Card:
        card = Card("Are its percentages honest?")
        self.honest = label("", wrap=True, name="sure_honest")
        self.fold = button("Details", "sure_details", self._toggle, kind="ghost")
        self.plot = ReliabilityPlot()
        self.legend = label(
            "A point is as many pictures as the others, with the range of its share. In the grey band they lie for a "
            "network that is right exactly as often as it says; more pictures make it narrower.",
            "caption",
            kind="muted",
            wrap=True,
            name="sure_legend",
        )
        card.head.addWidget(self.fold)
        for widget in (self.honest, self.plot, self.legend):
            card.body.addWidget(widget)
        self.plot.hide()
        self.legend.hide()
        return card

    def _toggle(self) -> None:
        shown = self.plot.isHidden()
        self.plot.setVisible(shown)
        self.legend.setVisible(shown)
        self.fold.setText("Hide details" if shown else "Details")

    def _rows(self) -> Iterator[tuple[object, ...]]:
        yield "target", "threshold", "answers", "right", "pictures"
        for each in self._found.promises if self._found is not None else ():
            known = each.threshold is not None
            shares = (f"{each.answers:.4f}", f"{each.right:.4f}") if known else ("", "")
            yield each.target, each.threshold if known else "", *shares, each.pictures


def _honest(found: HowSure) -> str:
    reliability = found.reliability
    near = min(reliability.bins, key=lambda each: abs(each.sure - _NEAR))
    said = (
        f"When it said about {100 * near.sure:.0f} %, it was correct {round(100 * near.right)} of 100 times "
        f"({counted(near.pictures, 'picture')})."
    )
    return " ".join(filter(None, (said, _judgement(reliability), _scaled(found.temperature))))


def _judgement(found: Reliability) -> str:
    off, limit = f"{100 * found.error:.1f} points", f"{100 * found.honest_limit:.1f}"
    if found.is_honest:
        return f"On average it is off by {off}, which chance explains: up to {limit} for an honest network."
    return f"On average it is off by {off}, more than chance explains (up to {limit}): do not rely on its percentages."


def _scaled(temperature: float) -> str:
    if temperature == 1:
        return ""
    how = "too sure" if temperature > 1 else "not sure enough"
    return f"It had been {how}, and its last layer was scaled at the end of the training to mend that."
