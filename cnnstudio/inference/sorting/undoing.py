"""Undo a sorting: remove what its journal says was made, where it is still what was made. No torch."""

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath

from cnnstudio.core import FormatError, RunError, Watch, storage_error, sweep_stale_folders
from cnnstudio.data.dataset import time_of
from cnnstudio.inference.sorting.journal import Line, Made, MadeFolder, keep_journal, read_journal
from cnnstudio.inference.sorting.results import JOURNAL_FILE, Undone

_TEXT = "Removing what was sorted"


def undo_sorting(out: Path, watch: Watch) -> Undone:
    """Remove copies and links, then the folders that were made for them and are empty, then the journal.

    What has another size, time or identity than it was given is a person's work by now, and stays. The pictures that
    were sorted are never touched. After a stop, or where something could not be removed, the journal stays, and another
    undo does the rest.

    Raises:
        RunError: nothing was sorted into this folder, or its journal cannot be believed.
        StorageError: the journal cannot be changed.
        StopRequested: a stop was asked for.
    """
    lines = _lines(out)
    made = list({line.target: line for line in lines if isinstance(line, Made)}.values())  # of a name, the last one
    removed = gone = 0
    changed, failed, kept = list[str](), list[tuple[str, str]](), list[Line]()
    for number, line in enumerate(made):
        watch.check()
        watch.progress(number, len(made), _TEXT)
        target = out / line.target
        try:
            if not _is_inside(out, target) or not os.path.lexists(target):
                gone += 1
            elif not _is_as_made(target, line):
                changed.append(line.target)
            else:
                _remove(target)
                removed += 1
        except OSError as error:
            kept.append(line)
            failed.append((line.target, f"The system says: {error.strerror or error}."))
    watch.progress(len(made), len(made), _TEXT)
    folders = [line for line in lines if isinstance(line, MadeFolder)]
    try:
        if kept:
            keep_journal(out, [*folders, *kept])
        else:
            (out / JOURNAL_FILE).unlink()
    except OSError as error:
        raise storage_error(out / JOURNAL_FILE, error) from error
    _remove_folders(out, [line.folder for line in folders])
    return Undone(out=out, removed=removed, gone=gone, changed=tuple(changed), failed=tuple(failed))


def _lines(out: Path) -> list[Line]:
    try:
        return list(read_journal(out))
    except OSError as error:
        raise RunError(
            f"Nothing that could be undone was sorted into {out}.",
            meaning=f"There is no {JOURNAL_FILE} in it, which says what was made.",
            remedy="Choose the folder that was sorted into.",
        ) from error
    except FormatError as error:
        raise RunError(
            f"The journal of {out} cannot be read, so nothing was removed.", details=error.problem.details
        ) from error


def _is_inside(out: Path, target: Path) -> bool:
    """Whether a line of the journal, which anybody may have written, is about a file in a folder of ``out``."""
    name = PurePosixPath(target.relative_to(out).as_posix()) if target.is_relative_to(out) else None
    if name is None or len(name.parts) != 2 or ".." in name.parts:
        return False
    return not target.parent.is_symlink()


def _is_as_made(target: Path, line: Made) -> bool:
    stat = target.lstat()
    if line.way == "symlink":
        return target.is_symlink() and os.readlink(target) == line.link  # noqa: PTH115 - as text, to the byte
    same = (stat.st_size, time_of(stat), stat.st_ino) == (line.size, line.time, line.inode)
    return same and not target.is_symlink()


def _remove(target: Path) -> None:
    try:
        target.unlink()
    except PermissionError:  # Windows keeps what is read-only
        if os.name != "nt":
            raise
        target.chmod(0o600)
        target.unlink()


def _remove_folders(out: Path, names: list[str]) -> None:
    """Those that are empty, the outer one last."""
    for name in sorted(set(names), reverse=True):
        folder = out / name
        if (name and not _is_inside(out, folder / "x")) or folder.is_symlink():
            continue
        with suppress(OSError):
            sweep_stale_folders(folder)
            folder.rmdir()
