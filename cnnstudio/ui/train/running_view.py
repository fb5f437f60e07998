"""A training under way: how good it is by now, how long it still takes, what it is doing, and what it says."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import (
    CheckpointSaved,
    EpochDone,
    EvaluationDone,
    InsideSeen,
    PhaseStarted,
    PicturesAnswered,
    Progressed,
    RunStarted,
    StepDone,
    StrengthTried,
    counted,
)
from cnnstudio.jobs import Job, specs
from cnnstudio.networks import MODES, mode_words, network_title, phase_words
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.train.headline import Headline
from cnnstudio.ui.train.learning_card import LearningCard
from cnnstudio.ui.train.time_left import TimeLeft
from cnnstudio.ui.train.watched_pictures import WatchedPictures
from cnnstudio.ui.widgets import ProgressStrip


class RunningView(QtWidgets.QWidget):
    """Shown while something trains; the curves below it are the page's, and stay."""

    described = QtCore.Signal(str)
    """What is trained, in words."""
    keeps = QtCore.Signal()
    """From now on a stop keeps something."""

    def __init__(self, studio: Studio, learning: LearningCard, watched: WatchedPictures) -> None:
        super().__init__()
        self.setObjectName("running_view")
        self._studio, self._learning, self._watched = studio, learning, watched
        self.which = ""
        """Of several trainings, such as `` · 2 of 5``; empty for one by itself."""
        self._phase = ""
        self._solved: bool | None = None
        self._time = TimeLeft(0)
        self.headline = Headline()
        self.progress = ProgressStrip("training_progress")
        self.progress.stop.hide()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.headline)
        column.addWidget(self.progress)

    def follow(self, monitor: JobMonitor[Run], estimate: float) -> None:
        """Show a training until it ends; ``estimate`` in seconds, 0 where there is none."""
        self.which = self._phase = ""
        self._time = TimeLeft(estimate)
        job = monitor.handle.job
        mode, self._solved = self._how(job)
        self._learning.begin(solved=self._solved)
        dataset = self._studio.dataset
        groups: dict[str, list[int]] = {"train": [], "validation": []}
        for sample in dataset.samples if dataset is not None else ():
            groups.setdefault(sample.split, []).append(sample.group)
        self.headline.begin(_wait(mode) if mode else "Getting everything ready.", groups)
        self._watched.begin(dataset)
        self.progress.begin("Starting")
        self.described.emit(self._what(job))
        monitor.progressed.connect(self._progressed)
        monitor.steps.connect(self._steps)
        monitor.epoch.connect(self._epoch)
        monitor.run_event.connect(self._event)
        monitor.run_event.connect(self._looked_inside)
        monitor.paused.connect(self._paused)
        monitor.resumed.connect(self._resumed)

    def say(self, text: str) -> None:
        """Tell what was asked for until it is so."""
        self.progress.text.setText(text)

    def _progressed(self, at: Progressed) -> None:
        self.progress.advance(at.text + self.which, at.done, at.total)
        self._tell_time()

    def _steps(self, steps: list[StepDone]) -> None:
        self._learning.add_steps(steps)
        last = steps[-1]
        count = f"epoch {last.epoch} of {last.epochs} · {last.images_per_second:,.0f} pictures/s"
        self.progress.advance(phase_words(self._phase) + self.which, last.step, last.steps, count)
        self.progress.left.setText(count)  # the time of the whole stands above, and knows of pauses and epochs before
        self._time.step(last.step, last.steps)
        self._tell_time()

    def _epoch(self, event: EpochDone) -> None:
        self._learning.add_epoch(event)
        self.headline.show_epoch(event)

    def _event(self, event: object) -> None:
        if isinstance(event, StrengthTried):
            self._learning.add_strength(event)
            self.headline.show_strength(event)
            count = f"strength {event.done} of {event.total}"
            self.progress.advance(phase_words(self._phase) + self.which, event.done, event.total, count)
        elif isinstance(event, PicturesAnswered):
            dataset = self._studio.dataset
            if dataset is not None and all(answer.predicted < len(dataset.classes) for answer in event.answers):
                self._watched.show_answers(event.answers, dataset.classes)
        elif isinstance(event, CheckpointSaved):
            if event.kind == "best":
                self.keeps.emit()
        elif isinstance(event, EvaluationDone):
            if event.score.split == "validation":  # test pictures are looked at by whoever opens the results
                self.headline.show_score(event.score)
            self.progress.begin(phase_words(self._phase) + self.which)
        elif isinstance(event, RunStarted):
            self._started(event)
        elif isinstance(event, PhaseStarted):
            self._phase = event.name
            self.progress.begin(phase_words(event.name) + self.which)

    def _looked_inside(self, event: object) -> None:
        if isinstance(event, InsideSeen):
            self._learning.add_look(event)

    def _started(self, event: RunStarted) -> None:
        self.which = f" · {event.repeat} of {event.repeats}" if event.repeats else ""
        if event.repeat > 1:
            self._learning.begin(solved=self._solved)
        if event.first_epoch > 1:
            self._learning.add_earlier(Path(event.run), event.first_epoch)
        self.headline.words.setText(_wait(event.mode))
        pictures = counted(event.train_images, "training picture")
        self.described.emit(f"{self._title(event.network)}, {mode_words(event.mode)}, on {pictures}{self._from}.")

    def _paused(self) -> None:
        self._time.pause()
        self.progress.hold("Paused")
        self.headline.left.setText("Paused")

    def _resumed(self) -> None:
        self._time.resume()
        self.progress.resume(phase_words(self._phase) + self.which)
        self._tell_time()

    def _tell_time(self) -> None:
        self.headline.left.setText("" if self.which else self._time.words)

    # What is trained --------------------------------------------------------------------------------------------

    def _what(self, job: Job[Run]) -> str:
        """What a job trains, before it has begun: not what is chosen for the next one."""
        self._from = ""
        if isinstance(job, specs.FineTune | specs.TrainRepeats):
            if job.recipe.start_from:
                self._from = f", continuing “{self._name(Path(job.recipe.start_from))}”"
            return f"{self._title(job.recipe.network)}, {mode_words(job.recipe.mode)}{self._from}."
        if isinstance(job, specs.ResumeRun | specs.ContinueRepeats):
            run = self._run(job.run)
            self._from = f", resuming “{self._name(job.run)}”"
            if run is not None:
                return f"{self._title(run.record.network)}{self._from}."
        return "Training…"

    def _how(self, job: Job[Run]) -> tuple[str, bool | None]:
        """The mode of a job's training, and whether its last layer is solved for; empty and None where unknown."""
        if isinstance(job, specs.FineTune | specs.TrainRepeats):
            return job.recipe.mode, job.recipe.resolved().solves_head
        if isinstance(job, specs.ResumeRun | specs.ContinueRepeats) and (run := self._run(job.run)) is not None:
            return "", run.record.solved_head
        return "", None

    def _title(self, network: str) -> str:
        catalogue = self._studio.catalogue
        found = catalogue.find(network) if catalogue is not None else None
        return found.title if found is not None else network_title(network)

    def _run(self, folder: Path) -> Run | None:
        return next((run for run in self._studio.runs if run.folder == folder), None)

    def _name(self, folder: Path) -> str:
        run = self._run(folder)
        return run.record.name if run is not None else folder.name


def _wait(mode: str) -> str:
    """What happens before the first accuracy of a mode."""
    how = MODES.get(mode)
    if how is None or not how.pretrained:
        return "The first accuracy comes after the first epoch."
    if how.on == "features":
        return "First every picture passes through the network once, which takes longest. Then the last layer learns."
    return "First a last layer is prepared, so that nothing the network knows is torn up. Then come the epochs."
