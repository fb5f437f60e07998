"""A run's history: ``events.jsonl`` to append to and read, ``metrics.csv`` for spreadsheets. No torch."""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

from cnnstudio.core import (
    EpochDone,
    EvaluationDone,
    FormatError,
    InsideSeen,
    RunCompleted,
    RunError,
    RunEvent,
    StepDone,
    StorageError,
    StrengthTried,
    codec,
    csv_text,
    storage_error,
    write_atomically,
)

EVENTS_FILE = "events.jsonl"
METRICS_FILE = "metrics.csv"
_COLUMNS = (
    "epoch",
    "seconds",
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "validation_images",
    "is_best",
    "validation_balanced_accuracy",
)


_DONE_AGAIN = StrengthTried | InsideSeen | EvaluationDone | RunCompleted
"""What lies behind the last epoch that counts comes once more."""


class History:
    """Append-only log of one run. What the disk refuses waits in memory until there is room."""

    def __init__(self, folder: Path, check: Callable[[], None] = lambda: None) -> None:
        """Nothing is read or written yet.

        Args:
            folder: the run's.
            check: raises a RunError where it is not that run's folder any more; asked before anything is written.
        """
        self.check = check
        self._events = _Lines(folder / EVENTS_FILE)
        self._metrics = _Lines(folder / METRICS_FILE, _row(_COLUMNS))

    def append(self, event: RunEvent) -> None:
        """Note one event; StepDone is not kept. An epoch's line waits for ``flush``, right before its checkpoint."""
        if isinstance(event, StepDone):
            return
        self._events.waiting.append(json.dumps(codec.event_to_plain(event), ensure_ascii=False) + "\n")
        if isinstance(event, EpochDone):
            self._metrics.waiting.append(_metrics_row(event))
        else:
            with suppress(StorageError, RunError):  # whoever saves is told
                self._write(durably=False)

    def flush(self) -> None:
        """Bring to disk what waits; an epoch counts only then.

        Raises:
            RunError: the folder was moved or deleted.
            StorageError: the disk refuses; it waits on.
        """
        self._write(durably=True)

    def rewind(self, epoch: int) -> None:
        """Forget what a training that goes on from the end of ``epoch`` will do once more; all else stays.

        After a kill there may be lines of epochs that no checkpoint knows, of scores that were not the last word, and
        torn ones. ``metrics.csv`` is made anew of the epochs that are left.

        Raises:
            RunError, StorageError: as ``flush``.
        """
        self.check()
        if not self._events.path.is_file():
            return
        try:
            kept, epochs = _up_to(self._events.path.read_bytes(), epoch)
        except OSError as error:
            raise storage_error(self._events.path, error) from error
        self._events.begin(b"".join(kept))
        rows = "".join(_metrics_row(event) for event in epochs)
        self._metrics.begin((_row(_COLUMNS) + rows).encode() if epochs else b"")

    def _write(self, *, durably: bool) -> None:
        self.check()
        for lines in (self._events, self._metrics):
            lines.write(durably=durably)


class _Lines:
    """A file that only grows, line by line, and never keeps half of one."""

    def __init__(self, path: Path, header: str = "") -> None:
        self.path = path
        self.waiting: list[str] = []
        self._header = header

    def begin(self, content: bytes) -> None:
        """Have exactly this, where it is not so already."""
        try:
            there = self.path.read_bytes() if self.path.is_file() else b""
        except OSError as error:
            raise storage_error(self.path, error) from error
        if there != content:
            write_atomically(self.path, content, folders=False)

    def write(self, *, durably: bool) -> None:
        """Append what waits."""
        if not self.waiting:
            return
        try:
            with self.path.open("ab", buffering=0) as file:
                whole = file.seek(0, os.SEEK_END)
                text = ("" if whole else self._header) + "".join(self.waiting)
                try:
                    write_all(file, text.encode(errors="surrogateescape"))
                    if durably:
                        os.fsync(file.fileno())
                except OSError:
                    file.truncate(whole)
                    raise
        except OSError as error:
            raise storage_error(self.path, error) from error
        self.waiting.clear()


def write_all(file: RawIOBase, content: bytes) -> None:
    """A write without a buffer takes as much as fits."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _row(cells: Iterable[object]) -> str:
    return csv_text([tuple(cells)])


def _metrics_row(event: EpochDone) -> str:
    return _row(getattr(event, column) for column in _COLUMNS)


def _up_to(content: bytes, epoch: int) -> tuple[list[bytes], list[EpochDone]]:
    """The lines that stay, and the epochs among them in order; of an epoch that was done twice, the later line."""
    lines = content.splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    events = [_event(line.decode("utf-8", "replace")) for line in lines]
    last = {event.epoch: at for at, event in enumerate(events) if isinstance(event, EpochDone) and event.epoch <= epoch}
    end = max(last.values(), default=-1)
    kept, epochs = [], []
    for at, (line, event) in enumerate(zip(lines, events, strict=True)):
        if isinstance(event, EpochDone):
            if last.get(event.epoch) != at:
                continue
            epochs.append(event)
        elif at > end and isinstance(event, _DONE_AGAIN):
            continue
        kept.append(line)
    return kept, epochs


def _event(line: str) -> RunEvent | None:
    try:
        return codec.event_from_plain(json.loads(line))
    except (ValueError, AttributeError, TypeError, RecursionError, FormatError):
        return None


@dataclass(frozen=True, slots=True)
class RunHistory:
    """What a run's log says."""

    events: tuple[RunEvent, ...]

    @property
    def epochs(self) -> tuple[EpochDone, ...]:
        """One entry per epoch number, in order; of an epoch that was done twice, the later."""
        by_number = {event.epoch: event for event in self.events if isinstance(event, EpochDone)}
        return tuple(by_number[number] for number in sorted(by_number))

    @property
    def looks(self) -> tuple[InsideSeen, ...]:
        """Inside the network, by their steps; of a step that was done twice, the later."""
        by_step = {event.step: event for event in self.events if isinstance(event, InsideSeen)}
        return tuple(by_step[step] for step in sorted(by_step))

    @property
    def strengths(self) -> tuple[StrengthTried, ...]:
        """Of a last layer that was solved for, in the order in which they were tried."""
        return tuple(event for event in self.events if isinstance(event, StrengthTried))


def read_history(folder: Path) -> RunHistory:
    """Read a run's log; damaged lines are passed over, since what follows them is still true."""
    path = folder / EVENTS_FILE
    if not path.is_file():
        return RunHistory(())
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    return RunHistory(tuple(event for line in lines if (event := _event(line)) is not None))
