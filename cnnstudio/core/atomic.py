"""The one way files are written: temp file beside the target, flush, fsync, verify, replace, fsync the folder.

A plain save that is killed leaves an unreadable file behind, and on a full disk it destroys the old one first.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.errors import CheckpointDamaged, StorageError

TEMP_PREFIX = ".~cnnstudio-"
_CHUNK = 1 << 20
_MOST_DIGESTS = 16
_STALE_S = 24 * 3600


def write_atomically(
    path: Path, write: bytes | Callable[[BinaryIO], object], *, verify: Callable[[Path], None] | None = None
) -> int:
    """Write ``path`` so that at every moment either the old or the new content is there, whole.

    Args:
        path: the file to create or replace; its folder is created when missing.
        write: the bytes, or a function that writes them to an open binary file.
        verify: reads the finished temp file and raises if it is not good; then the old file stays.

    Returns:
        The size in bytes.

    Raises:
        StorageError: the disk is full, read-only, or the place may not be written to.
    """
    temp = path.parent / f"{TEMP_PREFIX}{path.name[:100]}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temp.open("xb") as file:
            if isinstance(write, bytes):
                file.write(write)
            else:
                write(file)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if verify is not None:
            verify(temp)
        temp.replace(path)
        _fsync_folder(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)
    return size


def write_text_atomically(path: Path, text: str) -> int:
    """Write UTF-8 text with Unix line ends; see write_atomically."""
    return write_atomically(path, text.encode())


def replace_folder(aside: Path, target: Path) -> None:
    """Move a finished folder to ``target``; where one is there already, it is only removed once the new one stands.

    Raises:
        OSError: it cannot be moved; then the old folder is where it was.
    """
    old = target.with_name(f"{TEMP_PREFIX}old-{target.name[:80]}-{secrets.token_hex(4)}")
    replaces = target.exists()
    if replaces:
        target.replace(old)
    try:
        aside.replace(target)
    except OSError:
        if replaces:
            old.replace(target)
        raise
    _fsync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def write_with_checksum(path: Path, write: bytes | Callable[[BinaryIO], object]) -> int:
    """Write ``path`` and beside it ``path.sha256``, the digest of what was read back.

    The checksum file is written first and names the old digests too, so that a kill between the two renames leaves a
    file that still verifies, also when that happens several times in a row.
    """
    try:
        old = announced(path)
    except OSError as error:
        raise storage_error(path.parent, error) from error
    return write_atomically(path, write, verify=lambda temp: announce(path, [sha256_of(temp), *old]))


def announced(path: Path) -> list[str]:
    """The digests that ``path`` may have, the newest first; none where there is no checksum file."""
    sidecar = checksum_path(path)
    return sidecar.read_text().split() if sidecar.is_file() else []


def announce(path: Path, digests: Iterable[str]) -> None:
    """Write beside ``path`` which digests it may have, the newest first; the oldest are forgotten."""
    write_text_atomically(checksum_path(path), " ".join(list(dict.fromkeys(digests))[:_MOST_DIGESTS]) + "\n")


def verify_checksum(path: Path) -> None:
    """Raise CheckpointDamaged unless ``path`` matches the digest beside it."""
    digests = announced(path)
    if not digests or sha256_of(path) not in digests:
        raise CheckpointDamaged(
            f"The file {path.name} is damaged.",
            meaning="Its content no longer matches the checksum that was stored with it.",
            remedy="Use another checkpoint of the run, or train again.",
            details=str(path),
        )


def checksum_path(path: Path) -> Path:
    """Where the digest of ``path`` is kept."""
    return path.with_name(path.name + ".sha256")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sweep_stale_temps(folder: Path) -> int:
    """Remove temp files that killed processes left in ``folder`` and below; returns how many."""
    removed = 0
    for temp in folder.rglob(f"{TEMP_PREFIX}*"):
        with contextlib.suppress(OSError):
            temp.unlink()
            removed += 1
    return removed


def sweep_stale_folders(folder: Path) -> None:
    """Remove half-made folders that killed processes left in ``folder``, once they are a day old."""
    for aside in folder.glob(f"{TEMP_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - aside.stat().st_mtime > _STALE_S:
                shutil.rmtree(aside, ignore_errors=True)


def storage_error(path: Path, error: OSError) -> StorageError:
    """An OSError while writing ``path``, in plain words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what, remedy = "The disk is full", "Free some space, or choose a folder on another disk, and try again."
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        what, remedy = "This folder may not be written to", "Choose a folder you own, such as one in your documents."
    else:
        what, remedy = (
            f"The file could not be written ({error.strerror or error})",
            "Choose another folder and try again.",
        )
    return StorageError(
        f"{what}: {path}.", meaning="What was there before is untouched.", remedy=remedy, details=repr(error)
    )


def _fsync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders for fsync; its replace is durable enough
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
