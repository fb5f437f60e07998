"""The history of a run: ``events.jsonl`` to append to and read, ``metrics.csv`` for spreadsheets. No torch."""

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.codec import event_from_plain, event_to_plain
from cnnstudio.core.errors import FormatError
from cnnstudio.core.events import EpochDone, RunEvent, StepDone

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
            file.write(json.dumps(event_to_plain(event), ensure_ascii=False) + "\n")
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
                events.append(event_from_plain(json.loads(line)))
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
