"""Carry out a plan: copies or links, each written down first, nothing moved and nothing written over. No torch."""

import errno
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cnnstudio.core import StopRequested, StorageError, Watch, size_in_words, storage_error, sweep_stale_folders
from cnnstudio.core.atomic import hidden_beside
from cnnstudio.data.dataset import stamp, time_of
from cnnstudio.inference.sorting.journal import Journal, Made, MadeFolder
from cnnstudio.inference.sorting.planning import Move, plan_moves
from cnnstudio.inference.sorting.results import Sorted, SortPlan, Way

_TEXT: dict[Way, str] = {
    "copy": "Copying the pictures",
    "link": "Linking the pictures",
    "symlink": "Linking the pictures",
}
_FLUSH_S = 2.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def carry_out(plan: SortPlan, watch: Watch) -> Sorted:
    """Do what a plan says.

    After a stop, what was made stays and is written down; another sorting into the same folder continues it.

    Raises:
        StorageError: there is no room, the folder cannot be written to, or something else would be done than was shown.
    """
    now, moves = plan_moves(plan.spec, plan.classes, plan.table, watch)
    if now.digest != plan.digest:
        raise StorageError(
            "The pictures, or the folder for the sorted ones, have changed since the plan was shown.",
            remedy="Plan the sorting once more.",
        )
    if not now.fits:
        raise StorageError(
            f"There is not enough room on the disk: {size_in_words(now.bytes_needed)} are needed, "
            f"{size_in_words(now.bytes_free)} are free.",
            meaning="Nothing was sorted.",
            remedy="Free some space, choose another disk, or link the pictures instead of copying them.",
        )
    made, failed = 0, list[tuple[str, str]]()
    out = plan.spec.out
    if moves:
        placing = _Placing(out, plan.spec.way)
        with suppress(StopRequested), placing.opened() as journal:
            for number, move in enumerate(moves):
                watch.check()
                watch.progress(number, len(moves), _TEXT[plan.spec.way])
                reason = placing.put(move, journal)
                made += not reason
                if reason:
                    failed.append((move.source, reason))
            watch.progress(len(moves), len(moves), _TEXT[plan.spec.way])
    return Sorted(out=out, made=made, total=len(moves), failed=tuple(failed))


class _Placing:
    """Puts pictures into their folders."""

    def __init__(self, out: Path, way: Way) -> None:
        self._out, self._way = out, way
        self._folders = set[str]()
        self._last = time.monotonic()
        self._is_new = False

    def opened(self) -> Journal:
        """The journal; the folder is made where it is new."""
        try:
            self._is_new = not self._out.exists()
            self._out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(self._out, error) from error
        return Journal(self._out)

    def put(self, move: Move, journal: Journal) -> str:
        """Put one there; why that was not possible, or nothing.

        Raises:
            StorageError: no other could be put there either.
        """
        if self._is_new:
            journal.note(MadeFolder(folder=""))
            self._is_new = False
        self._make_folder(move.target.partition("/")[0], journal)
        try:
            if stamp(move.source) != (move.size, move.time):
                return f"{Path(move.source).name} was changed or removed since the plan was shown."
            _WAYS[self._way](self._out, move, journal)
        except FileExistsError:
            return f"{move.target} came into the folder meanwhile."
        except OSError as error:
            target = self._out / move.target
            if _is_of(error, move, target.parent):
                return f"{Path(move.source).name} could not be read: {error.strerror or error}."
            raise storage_error(target, error) from error
        if time.monotonic() - self._last > _FLUSH_S:
            journal.to_disk()
            self._last = time.monotonic()
        return ""

    def _make_folder(self, name: str, journal: Journal) -> None:
        if name in self._folders:
            return
        folder = self._out / name
        try:
            if not folder.exists():
                journal.note(MadeFolder(folder=name))
                folder.mkdir()
            else:
                sweep_stale_folders(folder)  # what a kill left half copied
        except OSError as error:
            raise storage_error(folder, error) from error
        self._folders.add(name)


def _is_of(error: OSError, move: Move, folder: Path) -> bool:
    """Whether an error is about one picture, and not about where all of them go."""
    return error.errno not in _FULL and error.filename == move.source and os.access(folder, os.W_OK)


def _copy(out: Path, move: Move, journal: Journal) -> None:
    """Whole under a hidden name first, so that a kill leaves no half picture under the one that people see."""
    target = out / move.target
    temp = hidden_beside(target)
    try:
        shutil.copyfile(move.source, temp)
        os.utime(temp, ns=(move.time, move.time))
        journal.note(_made(move, "copy", temp.stat()))
        _named(temp, target)
    finally:
        with suppress(OSError):
            temp.unlink(missing_ok=True)


def _named(temp: Path, target: Path) -> None:
    """Give it its name, so that it never replaces a file that came meanwhile, as far as the file system can."""
    try:
        os.link(temp, target)
    except FileExistsError:
        raise
    except OSError:  # such as on a USB stick, where nothing has two names
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        temp.rename(target)


def _link(out: Path, move: Move, journal: Journal) -> None:
    source = Path(os.path.realpath(move.source))
    journal.note(_made(move, "link", source.stat()))
    try:
        os.link(source, out / move.target)
    except OSError as error:
        error.filename = move.source
        raise


def _symlink(out: Path, move: Move, journal: Journal) -> None:
    target = out / move.target
    link = os.path.relpath(os.path.realpath(move.source), os.path.realpath(target.parent))
    journal.note(_made(move, "symlink", None, link))
    target.symlink_to(link)


def _made(move: Move, way: Way, stat: os.stat_result | None, link: str = "") -> Made:
    return Made(
        source=move.source,
        source_size=move.size,
        source_time=move.time,
        target=move.target,
        way=way,
        size=stat.st_size if stat else 0,
        time=time_of(stat) if stat else 0,
        inode=stat.st_ino if stat else 0,
        link=link,
    )


_WAYS: dict[Way, Callable[[Path, Move, Journal], None]] = {"copy": _copy, "link": _link, "symlink": _symlink}
