"""The job that tells what more pictures would bring."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.understanding.outcomes import Growth


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastGrowth(Job[Growth]):
    """What twice as many pictures of each class would bring, by last layers on fewer of them; kept with the run."""

    lane: ClassVar[Lane] = "judging"
    run: Path
    dataset: Dataset | None = None
    """As the window has it open; None opens the run's folder as its project has it now."""

    def handle(self, watch: Watch) -> Growth:
        """Some seconds the first time; raises RunError, DatasetError or WeightsError when it cannot be done."""
        from cnnstudio.jobs.judging import forecast_growth

        return forecast_growth(self, watch)
