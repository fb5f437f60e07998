"""Who may train where: a lock of the operating system, for the window and the terminal alike. No torch.

A training holds its run's folder, so that no second one writes into it. A run of a project holds the project's folder
too: two trainings on the same pictures would only slow each other down. A training into a folder of its own (``--out``)
or into the general runs folder bothers nobody. The system gives a lock back when its process ends, however it ends; the
empty file ``.lock`` stays.
"""

import logging
from contextlib import ExitStack
from pathlib import Path

from cnnstudio.core import RunError, runs_folder

LOCK_FILE = ".lock"
log = logging.getLogger(__name__)


def hold_run(folder: Path, held: ExitStack) -> None:
    """Keep a run's folder for this training until ``held`` is closed.

    Raises:
        RunError: another training writes into it.
    """
    if not _take(folder, held):
        raise RunError(
            f"Another CNN Studio is training the run {folder.name}.",
            meaning="Two trainings in one folder would spoil each other's files.",
            remedy="Wait for it to end, or stop it there.",
        )


def hold_project(folder: Path, held: ExitStack) -> None:
    """Keep a project's folder, where the runs on a folder of pictures are, for this training.

    Raises:
        RunError: another training is under way there.
    """
    if not _take(folder, held):
        raise RunError(
            "Another CNN Studio is training on this folder.",
            meaning="Two trainings at once would only slow each other down.",
            remedy="Wait for it to end, or stop it there.",
        )


def is_held(folder: Path) -> bool:
    """Whether a training holds a run's folder, as far as one can tell: a lock goes with a folder that is moved."""
    from filelock import FileLock, Timeout

    if not (folder / LOCK_FILE).is_file():
        return True
    try:
        with FileLock(folder / LOCK_FILE, timeout=0, thread_local=False):
            return False
    except (Timeout, OSError, NotImplementedError):
        return True


def project_of(run: Path) -> Path | None:
    """The project's folder that a run lies in; None for a run elsewhere."""
    parent = run.resolve().parent
    return parent if parent.parent == runs_folder().resolve() else None


def _take(folder: Path, held: ExitStack) -> bool:
    """Whether the folder is ours now; also where it cannot be locked: a training says itself that it cannot write."""
    from filelock import FileLock, Timeout  # 70 ms, which the window's start does not need

    lock = FileLock(folder / LOCK_FILE, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return False
    except (OSError, NotImplementedError) as error:  # a read-only folder, or a network drive that knows no locks
        log.warning("%s cannot be locked: %s", folder, error)
        return True
    held.callback(lock.release)
    return True
