"""How a run learns: its curves, the numbers of the last epoch, or the curves of several runs over each other."""

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from PySide6 import QtWidgets

from cnnstudio.core import EpochDone, InsideSeen, Problem, StepDone, StrengthTried, counted
from cnnstudio.jobs.specs import ReadHistories
from cnnstudio.runs import Run, RunHistory
from cnnstudio.ui.look.turns import soon
from cnnstudio.ui.state import Studio
from cnnstudio.ui.train.inside_panel import InsidePanel
from cnnstudio.ui.train.live_plot import LivePlot
from cnnstudio.ui.train.runs_table import recipe_words
from cnnstudio.ui.train.strength_plot import StrengthPlot
from cnnstudio.ui.widgets import Card, label

T = TypeVar("T", bound=QtWidgets.QWidget)
Histories = tuple[RunHistory, ...]
_COMES = {
    True: "Each strength of the regularisation that is tried becomes a point here.",
    False: "The first points come with the first epoch.",
}
_NOT_LEARNED = "each answered by a last layer that did not learn from it"


class LearningCard(Card):
    """Hidden until there is something to draw: epochs, or the strengths of a last layer that is solved for."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("How it learns")
        self._studio = studio
        self._question = 0
        """The last one that was asked: answers to earlier ones come too late."""
        self._held: list[EpochDone] | None = None
        """Epochs of a resumed run that wait for those before them."""
        self._places = {name: QtWidgets.QVBoxLayout() for name in ("plot", "strengths", "inside")}
        self.numbers = label("", kind="muted", wrap=True, name="epoch_numbers")
        self.numbers.setToolTip(
            "Scores of single epochs are estimates, except with the last layer alone. The final scores are exact."
        )
        self.body.addLayout(self._places["plot"], 1)
        self.body.addLayout(self._places["strengths"], 1)
        self.body.addWidget(self.numbers)
        self.body.addLayout(self._places["inside"], 1)
        self.hide()
        for name in self._places:
            soon(self, partial(getattr, self, name), seen=False)

    @cached_property
    def plot(self) -> LivePlot:
        """The curves of epochs. Each of these is made in a turn of its own, or when it is first asked for."""
        return self._put("plot", LivePlot())

    @cached_property
    def strengths(self) -> StrengthPlot:
        """What a last layer that is solved for has tried."""
        return self._put("strengths", StrengthPlot())

    @cached_property
    def inside(self) -> InsidePanel:
        """What happened in the network."""
        return self._put("inside", InsidePanel())

    def _put(self, name: str, part: T) -> T:
        part.hide()
        self._places[name].addWidget(part)
        return part

    def begin(self, *, solved: bool | None = None) -> None:
        """A new training; ``solved`` says what there will be to draw, None where nobody knows yet."""
        self._question, self._held = self._question + 1, None
        for part in self._made():
            part.begin() if isinstance(part, LivePlot) else part.clear()
        self.title.setText("How it learns")
        self._say("" if solved is None else _COMES[solved])
        if solved is None:
            self.hide()
        else:
            soon(self, partial(self._begin_plot, self._question, solved=solved))

    def clear(self) -> None:
        """Nothing to show, as of a folder without runs."""
        self._question, self._held = self._question + 1, None
        for part in self._made():
            part.clear()
        self.hide()

    def add_steps(self, steps: list[StepDone]) -> None:
        """Steps of the training under way."""
        self._show_plot(solved=False)
        self.plot.add_steps(steps)

    def add_strength(self, event: StrengthTried) -> None:
        """A strength that the training under way has tried."""
        self._show_plot(solved=True)
        self.strengths.add([event])
        self._say(f"Strength {event.done} of {event.total}: {event.strength:.3g}. {_cross_validated(event)}")

    def add_look(self, event: InsideSeen) -> None:
        """A look inside the network under training."""
        self.inside.add([event])

    def add_epoch(self, event: EpochDone) -> None:
        """An epoch of the training under way."""
        self._show_plot(solved=False)
        if self._held is None:
            self.plot.add_epochs([event])
        else:
            self._held.append(event)
        checked = ""
        if event.validation_accuracy is not None and event.validation_loss is not None:
            checked = (
                f" Validation: {100 * event.validation_accuracy:.1f} % of "
                f"{counted(event.validation_images, 'picture')} correct, loss {event.validation_loss:.3f}."
            )
        self._say(
            f"Epoch {event.epoch} of {event.epochs}. While training: {100 * event.train_accuracy:.1f} % "
            f"correct, loss {event.train_loss:.3f}.{checked} Learning rate {event.learning_rate:.2g}."
        )

    def add_earlier(self, run: Path, before: int) -> None:
        """The epochs that a resumed run had before."""
        self._held = []

        def add(found: Histories) -> None:
            self.plot.add_epochs([epoch for epoch in found[0].epochs if epoch.epoch < before])
            self.inside.add(look for look in found[0].looks if look.epoch < before)
            if self._held:
                self.plot.add_epochs(self._held)
            self._held = None

        self._ask((run,), add)

    def show_run(self, run: Run) -> None:
        """The curves of one run."""

        def show(found: Histories) -> None:
            self.plot.clear()
            self.strengths.clear()
            self.inside.clear()
            self.inside.add(found[0].looks)
            self.plot.add_epochs(found[0].epochs)
            self.strengths.add(found[0].strengths)
            best = self.strengths.best
            self._show_plot(solved=best is not None)
            chosen = (
                f"Chosen by cross-validation: strength {best.strength:.3g}. {_cross_validated(best)}" if best else ""
            )
            self._say(chosen)
            self.title.setText(f"How “{run.record.name}” learned")
            self.setVisible(best is not None or bool(found[0].epochs))

        self._ask((run.folder,), show)

    def compare(self, runs: list[Run]) -> None:
        """The curves of several runs: of strengths where all have such, else of validation pictures over the epochs."""
        names = [run.record.name for run in runs]
        if len(set(names)) < len(names):
            names = [recipe_words(run.record.recipe) for run in runs]
        if len(set(names)) < len(names):
            names = [f"{name}, {run.record.created[11:19]}" for name, run in zip(names, runs, strict=True)]

        def show(found: Histories) -> None:
            self.inside.clear()
            several = counted(len(runs), "run")
            self.title.setText(f"How {several} learned")
            tried = [history.strengths for history in found]
            self._show_plot(solved=all(tried))
            if all(tried):
                self.strengths.compare(zip(names, tried, strict=True))
                self._say(f"Cross-validation of {several}. Select one to see it alone.")
            else:
                scores = [run.record.scores.get("validation") for run in runs]
                self.plot.compare(zip(names, (history.epochs for history in found), scores, strict=True))
                level = " Runs without epochs are level lines." if any(tried) else ""
                self._say(f"Validation of {several}.{level} Select one to see it alone.")

        self._ask(tuple(run.folder for run in runs), show)

    def _say(self, text: str) -> None:
        self.numbers.setText(text)
        self.numbers.setVisible(bool(text))

    def _begin_plot(self, question: int, *, solved: bool) -> None:
        """In a turn of its own: laying out plots takes longer than all else when a training begins."""
        if question == self._question:
            self._show_plot(solved=solved)

    def _made(self) -> list[LivePlot | StrengthPlot | InsidePanel]:
        """Those that can have something to show."""
        return [vars(self)[name] for name in self._places if name in vars(self)]

    def _show_plot(self, *, solved: bool) -> None:
        self.plot.setVisible(not solved)
        self.strengths.setVisible(solved)
        self.show()

    def _ask(self, runs: tuple[Path, ...], use: Callable[[Histories], object]) -> None:
        self._question += 1
        question = self._question

        def answer(found: Histories) -> None:
            if question == self._question:
                use(found)

        def refuse(problem: Problem) -> None:
            self._studio.problem.emit(problem)
            answer((RunHistory(()),) * len(runs))

        self._studio.submit(ReadHistories(runs=runs), done=answer, failed=refuse)


def _cross_validated(tried: StrengthTried) -> str:
    right, pictures = round(tried.accuracy * tried.images), counted(tried.images, "training picture")
    return f"{right:,} of {pictures} correct ({100 * tried.accuracy:.1f} %), {_NOT_LEARNED}. Loss {tried.loss:.3f}."
