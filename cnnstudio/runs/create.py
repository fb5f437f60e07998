"""A new run folder, which no other training gets. No torch."""

import contextlib
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from pathlib import Path

from cnnstudio.core import TEMP_PREFIX, RunError, runs_folder, safe_file_name, storage_error
from cnnstudio.runs.lock import LOCK_FILE, hold_run
from cnnstudio.runs.record import RunRecord
from cnnstudio.runs.store import RECIPE_FILE, Run, this_process

_BEGINNINGS = {LOCK_FILE, RECIPE_FILE, "samples.csv", "ancestors.csv", "checkpoints"}
"""What a training leaves that was killed before it had a record."""


def create_run(
    record: RunRecord,
    *,
    out: Path | None = None,
    root: Path | None = None,
    held: ExitStack | None = None,
    fill: Callable[[Path], None] = lambda _: None,
) -> Run:
    """Make a new run folder and, last, its record: so a folder with a record has everything to go on with.

    Args:
        record: the record to store.
        out: the folder to create; it must not exist, or be empty.
        root: where to make a folder named after the time and the network, when ``out`` is None.
        held: keeps the folder's lock; None takes none.
        fill: writes what else a run has from the beginning.

    Raises:
        RunError: ``out`` is not empty, or another training writes into it.
        StorageError: the folder cannot be written to.
    """
    folder = out
    try:
        if folder is None:
            folder = _fresh_folder(root or runs_folder(), record)
        elif folder.is_dir() and not (folder / LOCK_FILE).exists():  # whoever holds it is named first
            _refuse_content(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if held is not None:
            hold_run(folder, held)
        _refuse_content(folder)
        (folder / "checkpoints").mkdir(exist_ok=True)
        fill(folder)
    except OSError as error:
        raise storage_error(folder or root or runs_folder(), error) from error
    run = Run(folder, record)
    return run.update(owner=this_process())


def _refuse_content(folder: Path) -> None:
    names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(TEMP_PREFIX)}
    never_began = _BEGINNINGS if LOCK_FILE in names else set()
    if names - never_began or any((folder / "checkpoints").glob("*.pt")):
        raise RunError(
            f"The folder {folder} is not empty.",
            meaning="A run never writes over another one.",
            remedy="Choose another folder, or delete that one first.",
        )


def _fresh_folder(root: Path, record: RunRecord) -> Path:
    """A new folder; two trainings that begin in the same second get two."""
    root.mkdir(parents=True, exist_ok=True)
    stem = f"{datetime.now().astimezone():%Y-%m-%d_%H%M%S}_{safe_file_name(record.network)}"
    for number in count(1):
        with contextlib.suppress(FileExistsError):
            folder = root / (stem if number == 1 else f"{stem}-{number}")
            folder.mkdir()
            return folder
    raise AssertionError
