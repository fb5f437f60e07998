"""Jobs that train or find out something for a training, and about the runs on disk."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch, runs_folder
from cnnstudio.data import Dataset
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks.weights.store import STARTER, starter_file
from cnnstudio.runs import (
    Repeat,
    Run,
    RunHistory,
    delete_run,
    list_runs,
    note_test_look,
    read_history,
    rename_run,
    runs_on,
)
from cnnstudio.training.machine.estimate import Estimate, RateCurve
from cnnstudio.training.recipe import Recipe, load_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTune(Job[Run]):
    """Train. Emits the run events; a stop keeps the best so far."""

    lane: ClassVar[Lane] = "training"
    recipe: Recipe
    out: Path | None = None
    """Run folder to create; None makes one under ``runs_root``."""
    runs_root: Path | None = None
    """None: the user's runs folder."""
    in_project: bool = False
    """Make the run folder among the runs on the recipe's pictures."""
    dataset: Dataset | None = None
    """As scanned by the window; None scans the recipe's folder."""
    repeat: Repeat | None = None
    """Which of several it is; see ``TrainRepeats``."""

    def handle(self, watch: Watch) -> Run:
        """Raises StoppedWith the run, or a StudioError; without a run folder nothing is left behind."""
        from cnnstudio.jobs.handlers import fine_tune

        root = project_folder(Path(self.recipe.dataset)) if self.in_project else self.runs_root
        return fine_tune(replace(self, runs_root=root), watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRun(Job[Run]):
    """Go on with a stopped, failed or interrupted run, or train a finished one longer."""

    lane: ClassVar[Lane] = "training"
    run: Path
    epochs: int = 0
    """Epochs in all; 0 for those of its recipe. A finished run needs more than it has."""

    def handle(self, watch: Watch) -> Run:
        """Raises StoppedWith the run, or a StudioError; the run is marked as failed then."""
        from cnnstudio.jobs.handlers import resume

        return resume(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRun(Job[Estimate]):
    """How long a recipe takes here, and how much memory; nothing is downloaded for it."""

    lane: ClassVar[Lane] = "estimating"
    latest_wins: ClassVar[bool] = True
    recipe: Recipe
    dataset: Dataset | None = None

    def handle(self, watch: Watch) -> Estimate:
        """A few seconds the first time, at once when network, mode and picture size were measured before."""
        from cnnstudio.jobs.handlers import estimate

        return estimate(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRate(Job[RateCurve]):
    """Try learning rates on a recipe; nothing is left behind but cached features."""

    lane: ClassVar[Lane] = "training"
    recipe: Recipe
    dataset: Dataset | None = None

    def handle(self, watch: Watch) -> RateCurve:
        """Prepares a training as if it were to run."""
        from cnnstudio.jobs.handlers import try_rates

        return try_rates(self, watch)


@dataclass(frozen=True, slots=True)
class OpenedRecipe:
    """A recipe from a file."""

    recipe: Recipe
    weights: Path | None
    """Its own weights file, if it names one that is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecipe(Job[OpenedRecipe]):
    """Read a recipe file."""

    lane: ClassVar[Lane] = "files"
    file: Path

    def handle(self, watch: Watch) -> OpenedRecipe:
        """Raises RecipeError, FormatError or WeightsError when it cannot be used."""
        watch.check()
        recipe = load_recipe(self.file)
        if recipe.weights == STARTER:
            return OpenedRecipe(recipe, starter_file())
        weights = Path(recipe.weights) if recipe.weights not in ("auto", "none") else None
        return OpenedRecipe(recipe, weights if weights is not None and weights.exists() else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRecipe(Job[None]):
    """Write a recipe file."""

    lane: ClassVar[Lane] = "files"
    recipe: Recipe
    file: Path

    def handle(self, watch: Watch) -> None:
        """Raises StorageError when it cannot be written."""
        self.recipe.save(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuns(Job[tuple[Run, ...]]):
    """The runs on a folder of pictures, newest first, those of the terminal among them."""

    lane: ClassVar[Lane] = "files"
    folder: Path

    def handle(self, watch: Watch) -> tuple[Run, ...]:
        """Damaged ones are left out."""
        watch.check()
        return tuple(runs_on(self.folder, project_folder(self.folder), list_runs()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRuns(Job[tuple[Run, ...]]):
    """Runs in the user's runs folder and in its projects, newest first."""

    lane: ClassVar[Lane] = "files"
    folder: Path | None = None
    """Only those on this folder of pictures."""

    def handle(self, watch: Watch) -> tuple[Run, ...]:
        """Damaged ones are left out where only those on a folder are wanted."""
        watch.check()
        root = runs_folder()
        places = [root, *sorted(path for path in (root.iterdir() if root.is_dir() else ()) if path.is_dir())]
        found = [run for place in places for run in list_runs(place)]
        if self.folder is not None:
            pictures = self.folder.resolve()
            found = [run for run in found if not run.damage and run.record.dataset.resolve() == pictures]
        return tuple(sorted(found, key=lambda run: run.record.created, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtTest(Job[Run]):
    """Count that the test score of a run is seen; gives the run as it is then."""

    lane: ClassVar[Lane] = "files"
    run: Path

    def handle(self, watch: Watch) -> Run:
        """Raises RunError or FormatError where there is none; one that cannot be written is given as it is."""
        watch.check()
        return note_test_look(self.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHistories(Job[tuple[RunHistory, ...]]):
    """What happened in each of some runs: epochs, or the strengths of a last layer that was solved for."""

    lane: ClassVar[Lane] = "files"
    runs: tuple[Path, ...]

    def handle(self, watch: Watch) -> tuple[RunHistory, ...]:
        """Of a run without a log there is nothing."""
        watch.check()
        return tuple(read_history(run) for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameRun(Job[Run]):
    """Change the name that people see."""

    lane: ClassVar[Lane] = "files"
    run: Run
    name: str

    def handle(self, watch: Watch) -> Run:
        """Raises StorageError when its record cannot be written."""
        return rename_run(self.run, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRun(Job[None]):
    """Remove a run folder with everything in it."""

    lane: ClassVar[Lane] = "files"
    run: Run

    def handle(self, watch: Watch) -> None:
        """Raises RunError while it is being worked on."""
        delete_run(self.run)
