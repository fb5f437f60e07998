"""A folder that is made aside, under a hidden name, and takes the place of another in one step.

Hidden names tell whose they are (``atomic.hidden_beside``). What a kill left is put in order the next time: an old
folder that has lost its name gets it back, and what nobody works on any more is removed.
"""

import ctypes
import hashlib
import os
import re
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

from cnnstudio.core.atomic import TEMP_PREFIX, fsync_folder, hidden_beside
from cnnstudio.core.processes import process_lives, this_computer

_OLD = "~old-"
_HIDDEN = re.compile(
    re.escape(TEMP_PREFIX)
    + r"(?P<old>~old-)?.*-(?P<name>[0-9a-f]{8})-(?P<computer>[0-9a-f]{8})-(?P<pid>\d+)-[0-9a-f]{8}"
)
_STALE_S = 24 * 3600
_LINUX_HERE, _LINUX_EXCHANGE, _MAC_SWAP = -100, 2, 2


def place_aside(target: Path) -> Path:
    """A new hidden name for a folder that ``replace_folder`` is to move to ``target``; a kill's leavings go."""
    place = real_place(target)
    restore_folder(place)
    if place.parent.is_dir():
        sweep_stale_folders(place.parent)
    return hidden_beside(place)


def real_place(target: Path) -> Path:
    """Where a link leads, so that what is written to it gets there and the link stays."""
    return target.resolve() if target.is_symlink() else target


def replace_folder(aside: Path, target: Path) -> None:
    """Move a finished folder of ``place_aside`` to ``target``; at every moment the old or the new one is there.

    Where the system cannot exchange two names at once, the old folder is without its name for a moment; after a kill
    in that moment ``restore_folder`` gives it back.

    Raises:
        OSError: it cannot be moved; then the old folder is where it was.
    """
    place, old = real_place(target), aside
    if not os.path.lexists(place):
        aside.replace(place)
    elif not exchange(aside, place):
        old = hidden_beside(place, _OLD)
        place.replace(old)
        try:
            aside.replace(place)
        except OSError:
            old.replace(place)
            raise
    fsync_folder(place.parent)
    remove(old)


def restore_folder(target: Path) -> None:
    """Give the old folder its name back, where a kill came between the two renames that were to replace it."""
    if os.path.lexists(target) or not target.parent.is_dir():
        return
    digest = _digest(target.name)
    lost = [
        path
        for path in target.parent.glob(f"{TEMP_PREFIX}{_OLD}*")
        if (found := _HIDDEN.fullmatch(path.name)) and found["name"] == digest and not _is_at_work(found)
    ]
    if lost:
        with suppress(OSError):
            max(lost, key=lambda path: path.stat().st_mtime).replace(target)


def sweep_stale_folders(folder: Path) -> None:
    """Remove what killed processes left half made in ``folder``.

    That is what a process of this computer made that is no more, or, where nobody can know, what is a day old. An old
    folder without its name is kept.
    """
    hidden_ones = list(folder.glob(f"{TEMP_PREFIX}*"))
    names = {_digest(path.name) for path in folder.iterdir()} if hidden_ones else set()
    for hidden in hidden_ones:
        found = _HIDDEN.fullmatch(hidden.name)
        if found and found["old"] and found["name"] not in names:
            continue
        with suppress(OSError):
            is_ours = found is not None and found["computer"] == this_computer()
            if (is_ours and not _is_at_work(found)) or time.time() - hidden.lstat().st_mtime > _STALE_S:
                remove(hidden)


def exchange(one: Path, other: Path) -> bool:
    """Give two folders each other's names in one step; False where the system or the drive cannot, or refuses."""
    here, there = os.fsencode(one), os.fsencode(other)
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        if sys.platform == "linux":
            return bool(libc.renameat2(_LINUX_HERE, here, _LINUX_HERE, there, _LINUX_EXCHANGE) == 0)
        if sys.platform == "darwin":
            return bool(libc.renamex_np(here, there, _MAC_SWAP) == 0)
    return False


def remove(path: Path) -> None:
    """Remove a file or a folder, as far as it lets itself be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _is_at_work(hidden: re.Match[str] | None) -> bool:
    """Whether the process that made a hidden name may still need it."""
    return hidden is not None and (hidden["computer"] != this_computer() or process_lives(int(hidden["pid"])))


def _digest(name: str) -> str:
    return hashlib.blake2b(os.fsencode(name), digest_size=4).hexdigest()
