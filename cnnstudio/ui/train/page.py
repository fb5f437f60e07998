"""The train page: one click to the first model, then better ones, watched live."""

from dataclasses import replace
from pathlib import Path

from PySide6 import QtWidgets

from cnnstudio.core import PhaseStarted, Problem, RecipeError, RunStarted, StepDone, StrengthTried, pictures_in_classes
from cnnstudio.jobs.specs import FindRate, OpenRecipe, SaveRecipe
from cnnstudio.jobs.specs.runs import OpenedRecipe
from cnnstudio.networks import MODES, phase_words
from cnnstudio.runs import RECIPE_FILE, Run
from cnnstudio.training.machine.estimate import RateCurve
from cnnstudio.training.recipe import Recipe, complete, recorded_split
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.train.estimate_line import EstimateLine
from cnnstudio.ui.train.learning_card import LearningCard
from cnnstudio.ui.train.recipe_form import RecipeForm
from cnnstudio.ui.train.result_card import ResultCard
from cnnstudio.ui.train.runs_card import RunsCard
from cnnstudio.ui.widgets import Card, Page, ProgressStrip, button, tint


class TrainPage(Page):
    """Fourth step."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("train_page", "Train", "Open a folder of pictures first.")
        self._studio = studio
        self._monitor: JobMonitor[Run] | None = None
        self._phase = self._which = ""
        self._start_when_prepared = False
        self.start_button = button("Start training", "start_training", self.start, kind="primary", icon_name="play")
        self.pause_button = button("Pause", "pause_training", self._pause_or_resume, icon_name="pause")
        self.stop_button = button("Stop", "stop_training", self.stop, icon_name="stop")
        for entry in (self.pause_button, self.stop_button, self.start_button):
            self.tools.addWidget(entry)
        self.form = RecipeForm()
        self.form_card = Card()
        self.form_card.body.addWidget(self.form)
        self.estimate = EstimateLine(studio)
        self.form_card.body.addWidget(self.estimate)
        self.column.addWidget(self.form_card)
        self.progress = ProgressStrip("training_progress")
        self.progress.stop.hide()
        self.column.addWidget(self.progress)
        self.result = ResultCard(studio.navigate.emit, self.make_better)
        self.column.addWidget(self.result)
        self.learning = LearningCard(studio)
        self.plot = self.learning.plot
        self.column.addWidget(self.learning)
        self.runs = RunsCard(studio)
        self.column.addWidget(self.runs)
        self.column.addStretch(1)
        studio.dataset_changed.connect(lambda _: self._suit_network())
        studio.network_changed.connect(lambda _: self._suit_network())
        studio.prepared.connect(self._prepared)
        studio.devices_changed.connect(self.form.show_devices)
        studio.changes_chosen.connect(self.form.show_changes)
        studio.balance_wanted.connect(self.form.weigh_classes)
        studio.training_started.connect(self._follow)
        studio.run_changed.connect(self._show_run)
        self.form.changed.connect(self._describe)
        self.form.rate_finder.requested.connect(self.find_rate)
        self.form.save_requested.connect(self._save_recipe)
        self.form.open_requested.connect(self._open_recipe)
        self.runs.table.compared.connect(self.learning.compare)
        self.runs.table.use_recipe.connect(lambda run: self._use_recipe(run.folder / RECIPE_FILE))
        self._set_running(running=False)
        self._describe()

    # What the buttons do --------------------------------------------------------------------------------------

    def start(self) -> JobMonitor[Run] | None:
        """Train as the form says; while folder, networks or weights are still being looked at, as soon as they are."""
        if self._studio.preparing:
            self._start_when_prepared = True
            self.progress.begin("Waiting for the pictures and the network")
            return None
        return self._start(start_from="")

    def make_better(self, mode: str = "last-stage") -> JobMonitor[Run] | None:
        """Go on from the shown run with more of the network; both runs are kept."""
        run = self._studio.run
        if run is None:
            return None
        self.form.select_mode(mode)
        return self._start(start_from=str(run.folder))

    def pause(self) -> None:
        """Ask for a pause; the button changes when it is one."""
        if self._monitor is not None:
            self._monitor.pause()
            self.progress.text.setText("Pausing…")

    def resume(self) -> None:
        """Go on after a pause."""
        if self._monitor is not None:
            self._monitor.resume()

    def stop(self) -> None:
        """Stop, and keep the best so far."""
        if self._monitor is not None:
            self._monitor.stop()
            self.stop_button.setEnabled(False)
            self.pause_button.setEnabled(False)
            self.progress.text.setText("Stopping, and keeping the best so far…")

    def find_rate(self) -> JobMonitor[RateCurve] | None:
        """Try learning rates on the open folder."""
        recipe = self._recipe()
        if recipe is None or self._studio.training_active:
            return None
        monitor = self._studio.submit(FindRate(recipe=recipe, dataset=self._studio.dataset))
        self.form.rate_finder.follow(monitor)
        return monitor

    def _save_recipe(self) -> None:
        recipe = self._recipe()
        path, _ = QtWidgets.QFileDialog.getSaveFileName(self, "Save recipe", "recipe.toml", "Recipes (*.toml)")
        if recipe is None or not path:
            return
        self._studio.submit(SaveRecipe(recipe=recipe, file=Path(path)), failed=self.notice.show_problem)

    def _open_recipe(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "Open recipe", "", "Recipes (*.toml)")
        if path:
            self._use_recipe(Path(path))

    def _use_recipe(self, path: Path) -> None:
        """Take the settings; the pictures stay those of the open folder."""
        self._studio.submit(OpenRecipe(file=path), done=self._take_recipe, failed=self.notice.show_problem)

    def _take_recipe(self, opened: OpenedRecipe) -> None:
        self._studio.choose_network(opened.recipe.network, opened.weights)
        self.form.show_recipe(opened.recipe)

    # State ----------------------------------------------------------------------------------------------------

    def _start(self, start_from: str) -> JobMonitor[Run] | None:
        recipe = self._recipe(start_from)
        if recipe is None:
            return None
        self.estimate.cancel()
        return self._studio.start_training(recipe)

    def _recipe(self, start_from: str = "", *, quiet: bool = False) -> Recipe | None:
        """What the form says, for the open folder and the chosen network; None, with a notice, when it cannot work."""
        dataset, network = self._studio.dataset, self._studio.network
        if dataset is None or network is None:
            return None
        weights = str(self._studio.weights) if self._studio.weights else "auto"
        run = self._studio.run if start_from else None
        name = run.record.network if run else network.name
        try:
            chosen = self.form.apply_to(str(dataset.root), name, weights, start_from)
        except RecipeError as error:
            if not quiet:
                self.notice.show_problem(error.problem)
            return None
        recipe = complete(chosen, dataset, lambda: network)
        split = recorded_split(run.record.recipe) if run else None
        return replace(recipe, split=split) if split else recipe  # so that its test pictures stay what they are

    def _prepared(self) -> None:
        if self._start_when_prepared:
            self._start_when_prepared = False
            self.progress.hide()
            self.start()

    def _suit_network(self) -> None:
        """A classic can only be trained from scratch."""
        self.form.allow_only_scratch(self._studio.why_only_scratch())
        self._describe()

    def _describe(self) -> None:
        dataset, network = self._studio.dataset, self._studio.network
        self.start_button.setEnabled(None not in (dataset, network) and self._monitor is None)
        if dataset is None or network is None:
            self.subtitle.setText(
                "Open a folder of pictures first." if dataset is None else "Reading the list of networks…"
            )
            return
        weights = self._studio.local_weights()
        what = f"{network.title} on {pictures_in_classes(len(dataset.split('train')), len(dataset.classes))}"
        if not MODES[self.form.mode].pretrained:
            size = self.form.input_size or network.scratch_size or (network.input_size if network.classic else 0)
            small = f"{what}, from random weights, seen at {size} × {size} px so that it is quick."
            text = small if size else f"{what}, from random weights."
        elif weights is not None:
            text = f"{what}, starting from {weights.name}."
        else:
            text = f"{what}, starting from torchvision's weights, which are downloaded first."
        self.estimate.show_for(None if self._monitor else self._recipe(quiet=True))
        self.subtitle.setText(text)

    def _follow(self, monitor: JobMonitor[Run]) -> None:
        self._monitor = monitor
        self.estimate.show_for(None)
        self.notice.hide()
        self.result.hide()
        self._which = ""
        self.learning.begin()
        self._set_running(running=True)
        self.progress.begin("Starting")
        monitor.progressed.connect(lambda at: self.progress.advance(at.text + self._which, at.done, at.total))
        monitor.steps.connect(self._steps)
        monitor.epoch.connect(self.learning.add_epoch)
        monitor.run_event.connect(self._event)
        monitor.paused.connect(self._paused)
        monitor.resumed.connect(self._resumed)
        monitor.warned.connect(self._warned)
        monitor.failed.connect(self.notice.show_problem)
        monitor.stopped.connect(self._stopped)
        monitor.ended.connect(self._ended)

    def _set_running(self, *, running: bool) -> None:
        self.form_card.setVisible(not running)
        self.start_button.setVisible(not running)
        self.pause_button.setVisible(running)
        self.stop_button.setVisible(running)
        self.pause_button.setEnabled(running)
        self.stop_button.setEnabled(running)
        self.runs.setEnabled(not running)
        self._name_pause("Pause", "pause")

    def _steps(self, steps: list[StepDone]) -> None:
        self.learning.add_steps(steps)
        last = steps[-1]
        count = f"epoch {last.epoch} of {last.epochs} · {last.images_per_second:,.0f} pictures/s"
        self.progress.advance(phase_words(self._phase) + self._which, last.step, last.steps, count)

    def _event(self, event: object) -> None:
        if isinstance(event, StrengthTried):
            self.learning.add_strength(event)
            count = f"strength {event.done} of {event.total}"
            self.progress.advance(phase_words(self._phase) + self._which, event.done, event.total, count)
        elif isinstance(event, RunStarted):
            self._which = f" · {event.repeat} of {event.repeats}" if event.repeats else ""
            if event.repeat > 1:
                self.learning.begin()
            if event.first_epoch > 1:
                self.learning.add_earlier(Path(event.run), event.first_epoch)
        elif isinstance(event, PhaseStarted):
            self._phase = event.name
            self.progress.begin(phase_words(event.name) + self._which)

    def _paused(self) -> None:
        self._name_pause("Resume", "resume")
        self.progress.text.setText("Paused")
        self.progress.left.setText("")

    def _resumed(self) -> None:
        self._name_pause("Pause", "pause")
        self.progress.text.setText(phase_words(self._phase) + self._which)

    def _name_pause(self, text: str, icon_name: str) -> None:
        self.pause_button.setText(text)
        self.pause_button.setAccessibleName(text)
        tint(self.pause_button, icon_name)

    def _pause_or_resume(self) -> None:
        if self._monitor is not None and self._monitor.is_paused:
            self.resume()
        else:
            self.pause()

    def _warned(self, problem: Problem) -> None:
        self.notice.show_text(problem.title, problem.meaning, "warn")

    def _stopped(self, run: Run | None) -> None:
        kept = run is not None and run.can_predict
        text = "The best so far is kept." if kept else "It had not learned anything yet that could be kept."
        self.notice.show_text("Stopped.", text, "info")

    def _ended(self) -> None:
        self._monitor = None
        self.progress.hide()
        self._set_running(running=False)
        self._describe()
        self._show_run(self._studio.run)
        self.reveal(self.runs if self._which else self.result)

    def _show_run(self, run: Run | None) -> None:
        if self._monitor is not None:
            return
        self.result.show_run(run)
        if run is not None:
            self.learning.show_run(run)
