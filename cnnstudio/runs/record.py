"""What a run is, as values, and its history: ``events.jsonl`` to append to and read, ``metrics.csv`` for spreadsheets.

No torch; the recipe is an opaque JSON object here.
"""

import csv
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cnnstudio.core import EpochDone, FormatError, RunEvent, SplitScore, StepDone, codec

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


EVENTS_FILE = "events.jsonl"
METRICS_FILE = "metrics.csv"
_COLUMNS = (
    "epoch", "seconds", "learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
    "validation_images", "is_best",
)  # fmt: skip


class History:
    """Append-only log of one run. A torn last line, left by a crash, is cut off when writing goes on."""

    def __init__(self, folder: Path) -> None:
        self._events = folder / EVENTS_FILE
        self._metrics = folder / METRICS_FILE
        _cut_torn_line(self._events)
        _cut_torn_line(self._metrics)

    def append(self, event: RunEvent) -> None:
        """Write one event; StepDone is not kept."""
        if isinstance(event, StepDone):
            return
        with self._events.open("a", encoding="utf-8") as file:
            file.write(json.dumps(codec.event_to_plain(event), ensure_ascii=False) + "\n")
        if isinstance(event, EpochDone):
            self._append_metrics(event)

    def _append_metrics(self, event: EpochDone) -> None:
        new = not self._metrics.exists()
        with self._metrics.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(_COLUMNS)
            writer.writerow([getattr(event, column) for column in _COLUMNS])


@dataclass(frozen=True, slots=True)
class RunHistory:
    """What a run's log says."""

    events: tuple[RunEvent, ...]

    @property
    def epochs(self) -> tuple[EpochDone, ...]:
        """One entry per epoch number, in order; of an epoch that was done twice, the later."""
        by_number = {event.epoch: event for event in self.events if isinstance(event, EpochDone)}
        return tuple(by_number[number] for number in sorted(by_number))


def read_history(folder: Path) -> RunHistory:
    """Read a run's log; damaged lines are passed over, since what follows them is still true."""
    path = folder / EVENTS_FILE
    events: list[RunEvent] = []
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                events.append(codec.event_from_plain(json.loads(line)))
            except (ValueError, AttributeError, FormatError):
                continue
    return RunHistory(tuple(events))


def _cut_torn_line(path: Path) -> None:
    if not path.is_file():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
