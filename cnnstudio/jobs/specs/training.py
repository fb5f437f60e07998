"""Jobs that train, or find out something for a training."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core.watch import Watch
from cnnstudio.data.dataset import Dataset
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs.store import Run
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.training.rate_curve import RateCurve
from cnnstudio.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTune(Job[Run]):
    """Train. Emits the run events; a stop keeps the best so far."""

    lane: ClassVar[Lane] = "training"
    recipe: Recipe
    out: Path | None = None
    """Run folder to create; None makes one under ``runs_root``."""
    runs_root: Path | None = None
    """None: the user's runs folder."""
    dataset: Dataset | None = None
    """As scanned by the window; None scans the recipe's folder."""

    def handle(self, watch: Watch) -> Run:
        """Raises StoppedWith the run, or a StudioError; without a run folder nothing is left behind."""
        from cnnstudio.jobs.handlers.training import fine_tune

        return fine_tune(self, watch)


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
