"""Jobs that train, or find out something for a training."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from cnnstudio.core.watch import Watch
from cnnstudio.data.curation import project_folder
from cnnstudio.data.dataset import Dataset
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs.store import Run
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.training.rate_curve import RateCurve
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

    def handle(self, watch: Watch) -> Run:
        """Raises StoppedWith the run, or a StudioError; without a run folder nothing is left behind."""
        from cnnstudio.jobs.handlers.training import fine_tune

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
        from cnnstudio.jobs.handlers.training import resume

        return resume(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRun(Job[Estimate]):
    """How long a recipe takes here, and how much memory; nothing is downloaded for it."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    recipe: Recipe
    dataset: Dataset | None = None

    def handle(self, watch: Watch) -> Estimate:
        """A few seconds the first time, at once when network, mode and picture size were measured before."""
        from cnnstudio.jobs.handlers.training import estimate

        return estimate(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRate(Job[RateCurve]):
    """Try learning rates on a recipe; nothing is left behind but cached features."""

    lane: ClassVar[Lane] = "training"
    recipe: Recipe
    dataset: Dataset | None = None

    def handle(self, watch: Watch) -> RateCurve:
        """Prepares a training as if it were to run."""
        from cnnstudio.jobs.handlers.training import try_rates

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
        """Raises RecipeError or FormatError when it cannot be used."""
        watch.check()
        recipe = load_recipe(self.file)
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
