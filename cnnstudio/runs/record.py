"""What a run is, as values. No torch; the recipe is an opaque JSON object here."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cnnstudio.core import SplitScore

RunState = Literal["running", "finished", "stopped", "failed", "interrupted"]
_MANY = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The process that writes a run; with the boot, since process numbers are used again."""

    pid: int
    boot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The content of ``run.json``."""

    name: str
    """For people; the folder keeps its name when this changes."""
    state: RunState
    created: str
    """ISO 8601, UTC."""
    network: str
    classes: tuple[str, ...]
    recipe: dict[str, Any]
    dataset_hash: str
    environment: dict[str, str] = field(default_factory=dict)
    owner: Owner | None = None
    epochs_done: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    scores: dict[str, SplitScore] = field(default_factory=dict)
    """By split: train, validation, test; only splits that were scored."""
    skipped_images: int = 0
    problem: str = ""
    """Why it failed, as one sentence."""

    def faults(self) -> Iterator[str]:
        """What cannot be, in a file that nobody vouches for: whoever shows a run relies on it."""
        if not (math.isfinite(self.seconds) and self.seconds >= 0):
            yield f"seconds {self.seconds}"
        if not (0 <= self.epochs_done < _MANY and 0 <= self.best_epoch < _MANY and 0 <= self.skipped_images < _MANY):
            yield f"epochs {self.epochs_done}, {self.best_epoch}, pictures {self.skipped_images}"
        for name, score in self.scores.items():
            sides = {len(score.confusion), *map(len, score.confusion)}
            sound = 0 <= score.accuracy <= 1 and score.loss >= 0
            if sides != {len(self.classes)} or not sound:
                yield f"score of {name}"

    @property
    def dated_name(self) -> str:
        """Its name with month, day and time, since names repeat."""
        return f"{self.name} · {self.created[5:16].replace('T', ' ')}"

    @property
    def told_score(self) -> SplitScore | None:
        """The score that says most of how good the network is: on test pictures, else on validation pictures."""
        return self.scores.get("test") or self.scores.get("validation")

    @property
    def dataset(self) -> Path:
        """The folder of pictures it was trained on."""
        return Path(str(self.recipe.get("dataset", "")))
