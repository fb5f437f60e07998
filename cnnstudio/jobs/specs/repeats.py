"""Jobs that train by one recipe several times."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.jobs.job import Lane, Streaming
from cnnstudio.runs import Run
from cnnstudio.runs.record import RepeatKind
from cnnstudio.training.recipe import Recipe

FEWEST_REPEATS, MOST_REPEATS = 2, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRepeats(Streaming[Run, Run]):
    """Train several times and hand over each finished run; the last one is the result. A stop keeps what there is.

    What they say together is ``runs.repeats.Repeats``. None of them looks at the test pictures.
    """

    lane: ClassVar[Lane] = "training"
    recipe: Recipe
    kind: RepeatKind
    """Other seeds, with validation drawn anew where it is drawn at all; or folds, of which each is validation once."""
    count: int
    runs_root: Path | None = None
    """Where the run folders are made; None: the user's runs folder."""
    in_project: bool = False
    """Make them among the runs on the recipe's pictures."""
    dataset: Dataset | None = None
    """As scanned by the window; None scans the recipe's folder."""

    def handle(self, watch: Watch) -> Run:
        """Raises StoppedWith the run under way, or a StudioError; what is finished is kept, and can be continued."""
        from cnnstudio.jobs.repeating import train_repeats

        return train_repeats(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueRepeats(Streaming[Run, Run]):
    """Go on with repeats of which some are not finished, or not even begun."""

    lane: ClassVar[Lane] = "training"
    run: Path
    """Any of them."""

    def handle(self, watch: Watch) -> Run:
        """As TrainRepeats."""
        from cnnstudio.jobs.repeating import continue_repeats

        return continue_repeats(self, watch)
