"""How a run learns: its curves, the numbers of the last epoch, or the curves of several runs over each other."""

from pathlib import Path

from cnnstudio.core.events import EpochDone
from cnnstudio.runs.history import read_history
from cnnstudio.runs.store import Run
from cnnstudio.ui.train.live_plot import LivePlot
from cnnstudio.ui.train.recipe_words import recipe_words
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.text import label


class LearningCard(Card):
    """Hidden until there is something to draw."""

    def __init__(self) -> None:
        super().__init__("How it learns")
        self.plot = LivePlot()
        self.numbers = label("", kind="muted", wrap=True, name="epoch_numbers")
        self.body.addWidget(self.plot)
        self.body.addWidget(self.numbers)
        self.hide()

    def begin(self) -> None:
        """A new training."""
        self.plot.begin()
        self.numbers.setText("")
        self.show()

    def add_epoch(self, event: EpochDone) -> None:
        """An epoch of the training under way."""
        self.plot.add_epochs([event])
        checked = ""
        if event.validation_accuracy is not None and event.validation_loss is not None:
            checked = (
                f" Validation: {100 * event.validation_accuracy:.1f} % of {event.validation_images} pictures right, "
                f"loss {event.validation_loss:.3f}."
            )
        self.numbers.setText(
            f"Epoch {event.epoch} of {event.epochs}. While training: {100 * event.train_accuracy:.1f} % right, "
            f"loss {event.train_loss:.3f}.{checked} Learning rate {event.learning_rate:.2g}."
        )

    def add_earlier(self, run: Path, before: int) -> None:
        """The epochs that a resumed run had before."""
        self.plot.add_epochs(epoch for epoch in read_history(run).epochs if epoch.epoch < before)

    def show_run(self, run: Run) -> None:
        """The curves of one run."""
        self.plot.clear()
        self.plot.add_epochs(read_history(run.folder).epochs)
        self.numbers.setText("")
        self.show()

    def compare(self, runs: list[Run]) -> None:
        """The validation curves of several runs."""
        names = [run.record.name for run in runs]
        if len(set(names)) < len(names):
            names = [recipe_words(run.record.recipe) for run in runs]
        if len(set(names)) < len(names):
            names = [f"{name}, {run.record.created[11:19]}" for name, run in zip(names, runs, strict=True)]
        self.plot.compare((name, read_history(run.folder).epochs) for name, run in zip(names, runs, strict=True))
        self.numbers.setText(f"Validation of {len(runs)} runs. Select one to see it alone.")
        self.show()
