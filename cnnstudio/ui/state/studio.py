"""The one shared state of the window: folder, network, runs, and the jobs under way. No widgets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6 import QtCore

from cnnstudio.core import DeviceInfo, runs_folder
from cnnstudio.data import Dataset, SplitSpec
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs import Job, specs
from cnnstudio.jobs.runner import Runner, ThreadRunner
from cnnstudio.networks import Catalogue, ModelRef, NetworkEntry
from cnnstudio.networks.bundle_file import BUNDLE_SUFFIX
from cnnstudio.networks.catalogue.recommend import recommended
from cnnstudio.networks.catalogue.registry import known_entry
from cnnstudio.runs import RepeatKind, Run
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.state.history import History
from cnnstudio.ui.state.job_monitor import JobMonitor
from cnnstudio.ui.state.news import News
from cnnstudio.ui.state.preferences import Preferences, SavePreferences, load_preferences

_PREPARING = (specs.ScanFolder, specs.MakeSample, specs.ListNetworks, specs.CheckWeights)


class Studio(News):
    """Owns the state; pages observe it through signals and change it through methods."""

    def __init__(self, runner: Runner | None = None, parent: QtCore.QObject | None = None) -> None:
        super().__init__(runner or ThreadRunner(), parent)
        self.preferences = load_preferences()
        self.history = History(self)
        self.dataset: Dataset | None = None
        self.catalogue: Catalogue | None = None
        self.network: NetworkEntry | None = None
        self.weights: Path | None = None
        self._chosen = False
        self.run: Run | None = None
        self.runs: list[Run] = []
        self.opened: list[Path] = []
        """Runs and bundles that were opened by themselves, the newest first."""
        self.devices: tuple[DeviceInfo, ...] = ()
        self.training: JobMonitor[Run] | None = None
        self._scan: JobMonitor[Dataset] | None = None
        self._wanted: tuple[str, Path | None] | None = None

    @property
    def training_active(self) -> bool:
        """Whether a training is under way."""
        return self.training is not None and self.training.active

    @property
    def preparing(self) -> bool:
        """Whether a folder, the networks or a weights file are being looked at."""
        return self.is_under_way(*_PREPARING) or self.catalogue is None

    # Folder ---------------------------------------------------------------------------------------------------

    def open_folder(
        self, folder: Path, *, classes_from: str = "", redraw: SplitSpec | None = None
    ) -> JobMonitor[Dataset]:
        """Scan a folder of pictures, or an archive, and make it the one that is worked on."""
        if self._scan is not None and self._scan.active:
            self._scan.stop()
            before = self._scan.handle.job
            if isinstance(before, specs.ScanFolder) and before.folder == folder:  # what it was to do is still wanted
                classes_from, redraw = classes_from or before.classes_from, redraw or before.split
        job = specs.ScanFolder(folder=folder, classes_from=classes_from, split=redraw, redraw=redraw is not None)
        self._scan = monitor = self.submit(job, done=self._take_dataset)
        self.scan_started.emit(monitor)
        return monitor

    def open_sample(self) -> JobMonitor[Path]:
        """Draw the sample pictures if needed, and open them."""
        return self.submit(specs.MakeSample(), done=self.open_folder, failed=self.problem.emit)

    def project_runs_folder(self) -> Path:
        """Where the runs on the open folder are kept; asks the disk, so it is for scripts."""
        if self.dataset is None:
            return runs_folder()
        return project_folder(self.dataset.root)

    # Network --------------------------------------------------------------------------------------------------

    def refresh_catalogue(self) -> JobMonitor[Catalogue]:
        """Read the networks, and see again which weights are on this computer."""
        return self.submit(specs.ListNetworks(), done=self._take_catalogue, failed=self.problem.emit)

    def choose_network(self, name: str, weights: Path | None = None) -> None:
        """Make a network the chosen one, with a weights file or folder of the user's, or torchvision's own.

        Before the networks are read, the choice is remembered and made then.
        """
        if self.catalogue is None:
            self._wanted = (name, weights)
            return
        entry = self._find(name)
        self._chosen = True
        if entry is not None:
            self.network, self.weights = entry, weights
            self.network_chosen.emit(name, weights)
            self.network_changed.emit(entry)

    def suggest_network(self, name: str) -> None:
        """Choose a network, unless a person has already chosen one, or trained one on these pictures before."""
        if not self._chosen and self.catalogue is not None and not self._keep_network():
            self._change_network(self._find(name) or self.network, None)

    def local_weights(self) -> Path | None:
        """The weights that a training would start from, if they are on this computer."""
        if self.weights is not None:
            return self.weights
        entry = self.network.local_weights if self.network else None
        return Path(entry.local) if entry and entry.local else None

    def why_only_scratch(self) -> str:
        """Why the chosen network can only be trained from scratch; empty when it has weights to start from."""
        if self.network is None or not self.network.classic or self.weights is not None:
            return ""
        return "This network has no pretrained weights: it learns everything from your pictures."

    def find_devices(self) -> JobMonitor[tuple[DeviceInfo, ...]]:
        """See what can compute here."""
        return self.submit(specs.ListDevices(), done=self._take_devices)

    # Training and runs ----------------------------------------------------------------------------------------

    def start_training(self, recipe: Recipe) -> JobMonitor[Run]:
        """Train on the open folder; the job fails when another CNN Studio trains on it."""
        return self._train(specs.FineTune(recipe=recipe, in_project=True, dataset=self.dataset))

    def repeat_training(self, recipe: Recipe, kind: RepeatKind, count: int) -> JobMonitor[Run]:
        """Train several times by one recipe, which tells how much of a figure is chance."""
        dataset = self.dataset
        return self._train(specs.TrainRepeats(recipe=recipe, kind=kind, count=count, in_project=True, dataset=dataset))

    def continue_repeats(self, folder: Path) -> JobMonitor[Run]:
        """Train what is left of the group that a run belongs to."""
        return self._train(specs.ContinueRepeats(run=folder))

    def resume_run(self, folder: Path, epochs: int = 0) -> JobMonitor[Run]:
        """Go on with a stopped or interrupted run, or train a finished one up to ``epochs``."""
        return self._train(specs.ResumeRun(run=folder, epochs=epochs))

    def show_run(self, run: Run | None) -> None:
        """Make a run the one that results, predict and export are about."""
        self.run = run
        self.run_changed.emit(run)

    def refresh_runs(self) -> None:
        """Read the runs of the open folder again; ``runs_changed`` tells when they are there."""
        self._read_runs(lambda: None)

    def take_news(self, run: Run) -> None:
        """A run's record was changed; which run is shown stays."""
        self.runs = [run if each.folder == run.folder else each for each in self.runs]
        self.run_news.emit(run)

    def open_model(self, place: Path) -> None:
        """Let a run or a bundle answer, a folder or a file, that need not be of the open pictures."""
        self.opened = [place, *(other for other in self.opened if other != place)]
        self.model_opened.emit(place)

    def take_bundles(self, paths: list[Path]) -> list[Path]:
        """Let the first bundle among some files answer; gives the other files."""
        bundles = [path for path in paths if path.suffix == BUNDLE_SUFFIX]
        for bundle in bundles[:1]:
            self.open_model(bundle)
        return [path for path in paths if path not in bundles] if bundles else paths

    def model_ref(self, run: Run) -> ModelRef:
        """The run as something to predict with."""
        return ModelRef(source=str(run.folder))

    def _train(self, job: Job[Run]) -> JobMonitor[Run]:
        if self.training is not None and self.training.active:
            return self.training
        self.training = monitor = self.submit(job, done=self._take_run)
        monitor.stopped.connect(self._take_run)
        monitor.ended.connect(self._training_ended)
        self.training_started.emit(monitor)
        return monitor

    def remember(self, preferences: Preferences) -> None:
        """Keep what a person chose; a disk that refuses costs the memory, not the work."""
        self.preferences = preferences
        self.submit(SavePreferences(preferences=preferences))

    def _take_dataset(self, dataset: Dataset) -> None:
        is_other = self.dataset is None or self.dataset.root != dataset.root
        self.dataset = dataset
        if is_other:
            self.history.forget()
        self.remember(self.preferences.with_recent(dataset.root))
        self.recent_changed.emit()
        self.dataset_changed.emit(dataset)
        if is_other and (self.runs or self.run):
            self.runs = []
            self.runs_changed.emit()
            self.show_run(None)
        shown = self.run if not is_other else None
        self._read_runs(lambda: self._show_again(shown))

    def _show_again(self, shown: Run | None) -> None:
        """The run that was shown before its folder was scanned again, such as after a decision; else the newest."""
        kept = (run for run in self.runs if shown is not None and run.folder == shown.folder)
        self.show_run(next(kept, None) or next((run for run in self.runs if run.can_predict), None))

    def _read_runs(self, then: Callable[[], object]) -> None:
        dataset = self.dataset
        if dataset is None:
            self._take_runs(None, ())
            then()
            return
        monitor = self.submit(
            specs.ListRuns(folder=dataset.root),
            done=lambda runs: self._take_runs(dataset.root, runs),
            failed=self.problem.emit,
        )
        monitor.ended.connect(then)

    def _take_runs(self, root: Path | None, runs: tuple[Run, ...]) -> None:
        if root == (self.dataset.root if self.dataset else None):  # and not another folder by now
            self.runs = list(runs)
            self._keep_network()
            self.runs_changed.emit()
            if root is not None:
                self.runs_read.emit()

    def _keep_network(self) -> bool:
        """What was trained last on these pictures is trained next, if it can be, whatever is measured meanwhile."""
        if self._chosen or self.catalogue is None:
            return False
        for record in (run.record for run in self.runs if not run.damage):
            entry = self._find(record.network)
            other = entry.other_file(str(record.recipe.get("weights", ""))) if entry else None
            if entry and (entry.classic or entry.is_local or other):
                self._change_network(entry, other)
                return True
        return False

    def _find(self, name: str) -> NetworkEntry | None:
        """Of the catalogue, or one that somebody built and did not keep."""
        found = self.catalogue.find(name) if self.catalogue is not None else None
        return found or known_entry(name)

    def _change_network(self, entry: NetworkEntry | None, weights: Path | None) -> None:
        if (entry, weights) != (self.network, self.weights):
            self.network, self.weights = entry, weights
            self.network_changed.emit(entry)

    def _take_catalogue(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        chosen = self._find(self.network.name) if self.network else None
        self.network = chosen or catalogue.find(recommended(catalogue).network)
        self.catalogue_changed.emit(catalogue)
        self.network_changed.emit(self.network)
        self._keep_network()
        if self._wanted is not None:
            (name, weights), self._wanted = self._wanted, None
            self.choose_network(name, weights)

    def _take_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        self.devices = devices
        self.devices_changed.emit(devices)

    def _take_run(self, run: Run | None) -> None:
        if run is not None:
            self.run = run

    def _training_ended(self) -> None:
        self._read_runs(self._show_trained)

    def _show_trained(self) -> None:
        if (run := self.run) is not None:
            self.show_run(next((news for news in self.runs if news.folder == run.folder), run))
        self.training_ended.emit()

    def forget(self, monitor: JobMonitor[Any]) -> None:
        """A job ended: what waited for the folder and the networks may go on."""
        super().forget(monitor)
        if isinstance(monitor.handle.job, _PREPARING) and not self.preparing:
            self.prepared.emit()
