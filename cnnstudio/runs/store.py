"""Run folders: list, open, rename, delete. No torch.

A run folder holds ``run.json`` (RunRecord), ``recipe.toml``, ``events.jsonl``, ``metrics.csv``,
``predictions.csv``, ``answers.safetensors``, ``samples.csv``, ``ancestors.csv`` (of a run that continues another),
``checkpoints/last.pt`` and ``best.pt``, ``bundle/``, and the lock of whoever trains it.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnstudio.core import (
    FormatError,
    RunError,
    StorageError,
    StudioError,
    codec,
    process_lives,
    restore_folder,
    runs_folder,
    sweep_stale_folders,
    sweep_stale_temps,
)
from cnnstudio.runs.history import History, RunHistory, read_history
from cnnstudio.runs.lock import hold_run, is_held
from cnnstudio.runs.predictions import Predictions, read_predictions
from cnnstudio.runs.record import Owner, RunRecord

RECORD_FILE = "run.json"
RECIPE_FILE = "recipe.toml"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Run:
    """One run folder as it was when read; ``open_run`` again for news."""

    folder: Path
    record: RunRecord
    kept: frozenset[str] = frozenset()
    """Which of ``bundle``, ``last.pt`` and ``best.pt`` were there, so that a window need not look."""
    damage: str = ""
    """Why its record cannot be read, as one sentence; the record is made up then, and never written."""

    @property
    def checkpoints(self) -> Path:
        """Folder of ``last.pt`` and ``best.pt``."""
        return self.folder / "checkpoints"

    @property
    def bundle(self) -> Path:
        """Folder of the weights with labels and preprocessing; missing until a run ends or is recovered."""
        return self.folder / "bundle"

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to do and a checkpoint to go on from."""
        state = self.record.state
        return not self.damage and state in ("stopped", "failed", "interrupted") and "last.pt" in self.kept

    @property
    def can_predict(self) -> bool:
        """Whether it has a bundle, or was cut off with a best epoch that one can be made of."""
        if self.damage or self.record.state == "running":
            return "bundle" in self.kept
        return bool(self.kept & {"bundle", "best.pt"})

    @property
    def has_results(self) -> bool:
        """Whether it was scored."""
        return bool(self.record.scores)

    def history(self) -> RunHistory:
        """What happened."""
        return read_history(self.folder)

    def predictions(self) -> Predictions:
        """What it said of each picture it was scored on; see ``read_predictions``."""
        return read_predictions(self.folder)

    def log(self) -> History:
        """For appending, as long as the folder is there."""
        return History(self.folder, self.refuse_if_moved)

    def refuse_if_moved(self) -> None:
        """Make sure that the folder is still there and still this run's, before anything is written into it.

        A disk that only fails is none of its business: the writing itself will say so.

        Raises:
            RunError: it was moved, renamed or deleted, or something else is in its place.
        """
        try:
            stored = codec.load_json(self.folder / RECORD_FILE, RunRecord)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise self._moved(repr(error)) from error
        except (OSError, FormatError):
            return
        if (stored.created, stored.owner, stored.dataset_hash) != (
            self.record.created, self.record.owner, self.record.dataset_hash,
        ):  # fmt: skip
            raise self._moved("another run is in its place")

    def update(self, **changes: Any) -> "Run":
        """Write the record with these fields changed, whatever else was changed meanwhile; returns the new run.

        Raises:
            RunError: the record is damaged, so that nobody knows the other fields.
            StorageError: it cannot be written.
        """
        if self.damage:
            raise RunError(self.damage, meaning="So nothing of the run can be changed.")
        record = self.record
        with contextlib.suppress(OSError, FormatError):  # such as another name
            record = codec.load_json(self.folder / RECORD_FILE, RunRecord)
        record = replace(record, **changes)
        codec.save_json(self.folder / RECORD_FILE, record)
        return _as_it_is(self.folder, record)

    def _moved(self, details: str) -> RunError:
        return RunError(
            f"The run's folder is no longer there: {self.folder}.",
            meaning="It was moved, renamed or deleted during the training, so nothing more can be saved in it. What "
            "was saved before is wherever the folder is now.",
            remedy="Put the folder back, or choose it where it is now, and resume the run.",
            details=details,
        )


def open_run(folder: Path) -> Run:
    """Read a run folder. Reading never writes: a run whose process has died is *shown* as interrupted.

    Raises:
        RunError: there is no run in this folder.
        FormatError: its record is damaged or newer.
    """
    path = folder / RECORD_FILE
    try:
        if not path.is_file():  # a pipe would wait for ever
            raise FileNotFoundError(path)
        record = codec.load_json(path, RunRecord)
    except OSError as error:
        raise RunError(f"There is no run in {folder}.", remedy="Choose a run folder.", details=repr(error)) from error
    if faults := list(record.faults()):
        raise FormatError(f"The file {RECORD_FILE} of the run {folder.name} is damaged.", details="; ".join(faults))
    if record.state == "running" and not (_alive(record.owner) and is_held(folder)):
        record = replace(record, state="interrupted")
    return _as_it_is(folder, record)


def list_runs(root: Path | None = None) -> list[Run]:
    """Every run under ``root``, newest first. One whose record is damaged is shown with the sentence that says so."""
    runs = []
    for path in (root or runs_folder()).glob(f"*/{RECORD_FILE}"):
        try:
            runs.append(open_run(path.parent))
        except (FormatError, RunError) as error:
            runs.append(_damaged(path.parent, error))
    return sorted(runs, key=lambda run: run.record.created, reverse=True)


def runs_on(pictures: Path, project: Path, others: Sequence[Run]) -> list[Run]:
    """The runs on a folder of pictures, newest first, wherever they were trained.

    Args:
        pictures: the folder.
        project: where the window keeps runs on it; here damaged ones are told, too.
        others: runs elsewhere, such as the terminal's.
    """
    real = pictures.resolve()
    found = [run for run in others if not run.damage and run.record.dataset.resolve() == real]
    return sorted((*list_runs(project), *found), key=lambda run: run.record.created, reverse=True)


def take_over(run: Run) -> Run:
    """Make this process the owner of a run that nobody works on, and clear what a crash left.

    Raises:
        RunError: another live process works on it.
    """
    stored = open_run(run.folder)
    if stored.record.state == "running" and stored.record.owner != this_process():
        raise RunError("This run is in use by another CNN Studio.", remedy="Wait for it to end, or stop it there.")
    restore_folder(run.bundle)
    sweep_stale_folders(run.folder)
    sweep_stale_temps(run.folder)
    return stored.update(state="running", owner=this_process(), problem="")


def note_test_look(folder: Path) -> Run:
    """Count that somebody has seen a run's test score; a disk that refuses keeps nobody from seeing it.

    Raises:
        RunError, FormatError: there is no run.
    """
    run = open_run(folder)
    if "test" in run.record.scores:
        with contextlib.suppress(StorageError):
            return run.update(test_looks=run.record.test_looks + 1)
    return run


def rename_run(run: Run, name: str) -> Run:
    """Change the name people see; the folder stays where it is."""
    return run.update(name=name.strip() or run.record.name)


def delete_run(run: Run) -> None:
    """Remove a run folder with everything in it.

    Raises:
        RunError: it is being worked on.
    """
    with ExitStack() as held:
        if not run.damage and open_run(run.folder).record.state == "running":
            raise RunError("This run is still training.", remedy="Stop it first.")
        hold_run(run.folder, held)
    shutil.rmtree(run.folder)


def now() -> str:
    """The time as ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime(_TIME)


def this_process() -> Owner:
    """The owner to write into a record."""
    return Owner(pid=os.getpid(), boot=_boot_id())


def _as_it_is(folder: Path, record: RunRecord) -> Run:
    run = Run(folder, record)
    there = (run.bundle, run.checkpoints / "last.pt", run.checkpoints / "best.pt")
    return replace(run, kept=frozenset(path.name for path in there if path.exists()))


def _damaged(folder: Path, error: StudioError) -> Run:
    """A run of whose record nothing is known but when its folder was changed."""
    with contextlib.suppress(OSError, OverflowError, ValueError):
        changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC).strftime(_TIME)
        record = RunRecord(
            name=folder.name,
            state="failed",
            created=changed,
            network="",
            classes=(),
            recipe={},
            dataset_hash="",
            problem=error.problem.sentence(),
        )
        return replace(_as_it_is(folder, record), damage=error.problem.title)
    raise error


def _alive(owner: Owner | None) -> bool:
    return owner is not None and owner.boot == _boot_id() and process_lives(owner.pid)


def _boot_id() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return sys.platform
