"""How a run learns: its curves, the numbers of the last epoch, or the curves of several runs over each other."""

from collections.abc import Callable
from pathlib import Path

from cnnstudio.core import EpochDone, Problem, counted
from cnnstudio.jobs.specs import ReadEpochs
from cnnstudio.runs import Run
from cnnstudio.ui.state import Studio
from cnnstudio.ui.train.live_plot import LivePlot
from cnnstudio.ui.train.runs_table import recipe_words
from cnnstudio.ui.widgets import Card, label

Epochs = tuple[EpochDone, ...]


class LearningCard(Card):
    """Hidden until there is something to draw."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("How it learns")
        self._studio = studio
        self._question = 0
        """The last one that was asked: answers to earlier ones come too late."""
        self._held: list[EpochDone] | None = None
        """Epochs of a resumed run that wait for those before them."""
        self.plot = LivePlot()
        self.numbers = label("", kind="muted", wrap=True, name="epoch_numbers")
        self.numbers.setToolTip(
            "Scores of single epochs are estimates, except with the last layer alone. The final scores are exact."
        )
        self.body.addWidget(self.plot)
        self.body.addWidget(self.numbers)
        self.hide()

    def begin(self) -> None:
        """A new training."""
        self._question, self._held = self._question + 1, None
        self.plot.begin()
        self.numbers.setText("")
        self.show()

    def add_epoch(self, event: EpochDone) -> None:
        """An epoch of the training under way."""
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
        self.numbers.setText(
            f"Epoch {event.epoch} of {event.epochs}. While training: {100 * event.train_accuracy:.1f} % "
            f"correct, loss {event.train_loss:.3f}.{checked} Learning rate {event.learning_rate:.2g}."
        )

    def add_earlier(self, run: Path, before: int) -> None:
        """The epochs that a resumed run had before."""
        self._held = []

        def add(found: tuple[Epochs, ...]) -> None:
            self.plot.add_epochs([epoch for epoch in found[0] if epoch.epoch < before])
            if self._held:
                self.plot.add_epochs(self._held)
            self._held = None

        self._ask((run,), add)

    def show_run(self, run: Run) -> None:
        """The curves of one run."""

        def show(found: tuple[Epochs, ...]) -> None:
            self.plot.clear()
            self.plot.add_epochs(found[0])
            self.numbers.setText("")
            self.show()

        self._ask((run.folder,), show)

    def compare(self, runs: list[Run]) -> None:
        """The validation curves of several runs."""
        names = [run.record.name for run in runs]
        if len(set(names)) < len(names):
            names = [recipe_words(run.record.recipe) for run in runs]
        if len(set(names)) < len(names):
            names = [f"{name}, {run.record.created[11:19]}" for name, run in zip(names, runs, strict=True)]

        def show(found: tuple[Epochs, ...]) -> None:
            self.plot.compare(zip(names, found, strict=True))
            self.numbers.setText(f"Validation of {counted(len(runs), 'run')}. Select one to see it alone.")
            self.show()

        self._ask(tuple(run.folder for run in runs), show)

    def _ask(self, runs: tuple[Path, ...], use: Callable[[tuple[Epochs, ...]], object]) -> None:
        self._question += 1
        question = self._question

        def answer(found: tuple[Epochs, ...]) -> None:
            if question == self._question:
                use(found)

        def refuse(problem: Problem) -> None:
            self._studio.problem.emit(problem)
            answer(((),) * len(runs))

        self._studio.submit(ReadEpochs(runs=runs), done=answer, failed=refuse)
