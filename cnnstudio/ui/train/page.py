"""The train page: one click to the first model, then better ones, watched live."""

from pathlib import Path

from PySide6 import QtWidgets

from cnnstudio.core import Problem, RecipeError
from cnnstudio.data import Dataset
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.runs import OpenedRecipe
from cnnstudio.networks import NetworkEntry
from cnnstudio.runs import RECIPE_FILE, Run
from cnnstudio.training.machine.estimate import RateCurve
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.train.draft import Draft
from cnnstudio.ui.train.estimate_line import EstimateLine
from cnnstudio.ui.train.folded_form import FoldedForm
from cnnstudio.ui.train.learning_card import LearningCard
from cnnstudio.ui.train.recipe_files import RecipeFiles
from cnnstudio.ui.train.recipe_form import RecipeForm
from cnnstudio.ui.train.result_card import ResultCard
from cnnstudio.ui.train.running_view import RunningView
from cnnstudio.ui.train.runs_card import RunsCard
from cnnstudio.ui.train.watched_pictures import WatchedPictures
from cnnstudio.ui.widgets import Card, Drawer, Page, button, set_kind, tint


class TrainPage(Page):
    """Fourth step: before a training its form, during it how it learns, after it what came of it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("train_page", "Train", "Open a folder of pictures first.")
        self._studio = studio
        self._monitor: JobMonitor[Run] | None = None
        self._root: Path | None = None
        self._start_when_prepared = False
        self._folded = False
        """Whether the form is one line, since there is a result to look at first."""
        self.start_button = button("Start training", "start_training", self.start, kind="primary", icon_name="play")
        self.pause_button = button("Pause", "pause_training", self._pause_or_resume, icon_name="pause")
        self.stop_button = button("Stop", "stop_training", self.stop, icon_name="stop")
        self.form = RecipeForm()
        self.draft = Draft(studio, self.form)
        self.files = RecipeFiles(studio, self, self._take_recipe, self.notice.show_problem)
        self.estimate = EstimateLine(studio)
        self.folded = FoldedForm(self._unfold)
        self.result = ResultCard(studio, self.make_better)
        self.learning = LearningCard(studio)
        self.watched = WatchedPictures()
        self.running = RunningView(studio, self.learning, self.watched)
        self.progress = self.running.progress
        self.runs = RunsCard(studio)
        self._lay_out()
        self._connect()
        self._set_running(running=False)
        self._describe()

    def _lay_out(self) -> None:
        for entry in (self.pause_button, self.stop_button, self.start_button):
            self.tools.addWidget(entry)
        self.form_card = Card()
        self.form_card.body.addWidget(self.form)
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self.estimate, 1)
        foot.addWidget(self.form.toggle)
        self.form_card.body.addLayout(foot)
        for part in (self.result, self.folded, self.form_card, self.running):
            self.column.addWidget(part)
        self.column.addWidget(self.learning, 1)
        self.column.addWidget(self.watched)
        self.column.addWidget(self.runs)
        self.column.addStretch(0)
        assert self._scrolling is not None
        self.drawer = Drawer("advanced_drawer", "Advanced settings", self, self._scrolling)
        self.form.advanced.fill(self.drawer)

    def _connect(self) -> None:
        studio, form = self._studio, self.form
        studio.dataset_changed.connect(self._take_dataset)
        studio.scan_started.connect(self._take_scan)
        studio.network_changed.connect(self._take_network)
        studio.prepared.connect(self._prepared)
        studio.devices_changed.connect(form.show_devices)
        studio.changes_chosen.connect(form.show_changes)
        studio.variation_wanted.connect(form.learn_changes)
        studio.balance_wanted.connect(form.weigh_classes)
        studio.training_started.connect(self._follow)
        studio.run_changed.connect(self._show_run)
        form.changed.connect(self._describe)
        form.advanced_wanted.connect(self._show_advanced)
        form.rate_finder.requested.connect(self.find_rate)
        form.save_requested.connect(lambda: self.files.save(self._recipe()))
        form.open_requested.connect(self.files.choose)
        self.drawer.closed.connect(lambda: form.toggle.setChecked(False))
        self.estimate.told.connect(form.modes.show_time)
        self.running.described.connect(self.subtitle.setText)
        self.running.keeps.connect(lambda: _name(self.stop_button, "Stop now and keep", "stop"))
        self.runs.table.compared.connect(self.learning.compare)
        self.runs.table.use_recipe.connect(lambda run: self.files.use(run.folder / RECIPE_FILE))

    # What the buttons do --------------------------------------------------------------------------------------

    def start(self) -> JobMonitor[Run] | None:
        """Train as the form says; while folder, networks or weights are still being looked at, as soon as they are."""
        if self._studio.preparing:
            self._start_when_prepared = True
            self.subtitle.setText("The training starts as soon as the pictures and the network are ready.")
            self.start_button.setEnabled(False)
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
            self.running.say("Pausing…")

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
            self.running.say("Stopping…")

    def find_rate(self) -> JobMonitor[RateCurve] | None:
        """Try learning rates on the open folder."""
        recipe = self._recipe()
        if recipe is None or self._studio.training_active:
            return None
        monitor = self._studio.submit(specs.FindRate(recipe=recipe, dataset=self._studio.dataset))
        self.form.rate_finder.follow(monitor)
        return monitor

    def _take_recipe(self, opened: OpenedRecipe) -> None:
        self._studio.choose_network(opened.recipe.network, opened.weights)
        self.form.show_recipe(opened.recipe)
        self._unfold()

    def _show_advanced(self, wanted: bool) -> None:
        if wanted:
            self.drawer.open(self.form.advanced.search)
        else:
            self.drawer.close_it()

    # State ----------------------------------------------------------------------------------------------------

    def _start(self, start_from: str) -> JobMonitor[Run] | None:
        recipe = self._recipe(start_from)
        if recipe is None:
            return None
        self.estimate.cancel()
        return self._studio.start_training(recipe)

    def _recipe(self, start_from: str = "") -> Recipe | None:
        """What the form says; None, with a notice, when it cannot work."""
        try:
            return self.draft.recipe(start_from)
        except RecipeError as error:
            self.notice.show_problem(error.problem)
            return None

    def _prepared(self) -> None:
        if self._start_when_prepared:
            self._start_when_prepared = False
            self.start()

    def _take_scan(self, monitor: JobMonitor[Dataset]) -> None:
        monitor.ended.connect(self._describe)
        self._describe()

    def _take_dataset(self, dataset: Dataset) -> None:
        """Nothing of another folder stays: neither its times nor its curves."""
        if dataset.root != self._root:
            self._root, self._folded = dataset.root, True
            if self._monitor is None:
                self.learning.clear()
                self.watched.hide()
                self.notice.hide()
        self.estimate.forget()
        self._suit_network()

    def _take_network(self, network: NetworkEntry | None) -> None:
        """Whoever chooses another network than that of the shown result wants to train it."""
        run = self._studio.run
        if run is not None and network is not None and network.name != run.record.network and not self.isVisible():
            self._folded = False
            self._arrange()
        self._suit_network()

    def _suit_network(self) -> None:
        """A classic can only be trained from scratch."""
        self.form.allow_only_scratch(self._studio.why_only_scratch())
        self._describe()

    def _describe(self) -> None:
        """What the form says, while nothing trains; a training is described by what it is."""
        if self._monitor is not None:
            return
        self.start_button.setEnabled(self.draft.possible)
        self.subtitle.setText(self.draft.sentence)
        self.folded.text.setText(self.draft.line)
        self.estimate.show_for(self.draft.recipes(), self.form.mode)

    def _follow(self, monitor: JobMonitor[Run]) -> None:
        self._monitor = monitor
        job = monitor.handle.job
        seconds = self.estimate.seconds(job.recipe) if isinstance(job, specs.FineTune) else 0.0
        self.estimate.cancel()
        self.drawer.close_it()
        self.notice.hide()
        if self.isAncestorOf(QtWidgets.QApplication.focusWidget() or self.window()):
            self.setFocus()  # else Qt gives it to what comes after the button that is hidden now
        self.running.follow(monitor, seconds)
        self._set_running(running=True)
        monitor.paused.connect(lambda: _name(self.pause_button, "Resume", "resume"))
        monitor.resumed.connect(lambda: _name(self.pause_button, "Pause", "pause"))
        monitor.warned.connect(self._warned)
        monitor.failed.connect(self.notice.show_problem)
        monitor.stopped.connect(self._stopped)
        monitor.ended.connect(self._ended)

    def _set_running(self, *, running: bool) -> None:
        self.start_button.setVisible(not running)
        for part in (self.running, self.pause_button, self.stop_button):
            part.setVisible(running)
            part.setEnabled(running)
        _name(self.pause_button, "Pause", "pause")
        _name(self.stop_button, "Stop", "stop")
        self.runs.refresh()
        (self.result if running else self.watched).hide()
        self._arrange()

    def _arrange(self) -> None:
        """One next step: the result's where the form is folded, else the start."""
        running, folded = self._monitor is not None, self._folded and not self.result.isHidden()
        self.form_card.setVisible(not running and not folded)
        self.folded.setVisible(not running and folded)
        self.result.lead(on=folded)
        set_kind(self.start_button, "secondary" if folded else "primary")
        _name(self.start_button, "Train again" if folded else "Start training", "play")

    def _unfold(self) -> None:
        self._folded = False
        self._arrange()
        self.reveal(self.form_card)
        self.form.modes.setFocus()

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
        self._folded = True
        self.progress.hide()
        self.estimate.forget()  # what it has prepared need not be prepared again
        self._set_running(running=False)
        self._describe()
        self._show_run(self._studio.run)
        self.reveal(self.runs if self.running.which else self.result)

    def _show_run(self, run: Run | None) -> None:
        if self._monitor is not None:
            return
        self.result.show_run(run)
        self._arrange()
        if run is not None:
            self.learning.show_run(run)


def _name(entry: QtWidgets.QPushButton, text: str, icon_name: str) -> None:
    entry.setText(text)
    entry.setAccessibleName(text)
    tint(entry, icon_name)
