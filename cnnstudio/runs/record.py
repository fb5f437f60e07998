"""What a run is, as values. No torch; the recipe is an opaque JSON object here."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cnnstudio.core.scores import SplitScore

RunState = Literal["running", "finished", "stopped", "failed", "interrupted"]


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
