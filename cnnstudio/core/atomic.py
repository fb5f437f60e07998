"""The one way files are written: temp file beside the target, flush, fsync, verify, replace, fsync the folder.

A plain save that is killed leaves an unreadable file behind, and on a full disk it destroys the old one first.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, cast

from cnnstudio.core.errors import CheckpointDamaged, StorageError
from cnnstudio.core.names import printable
from cnnstudio.core.paths import LONGEST_NAME, safe_file_name
from cnnstudio.core.processes import this_computer

TEMP_PREFIX = ".~cnnstudio-"
_CHUNK = 1 << 20
_SHOWN = 40
"""Letters of a name that is too long."""
_MOST_DIGESTS = 16
_DIGEST = re.compile("[0-9a-f]{64}$")
_SIDECAR = 1 << 12
"""Bytes; more than so many digests take."""


def write_atomically(
    path: Path,
    write: bytes | Callable[[BinaryIO], object],
    *,
    verify: Callable[[Path], None] | None = None,
    folders: bool = True,
) -> int:
    """Write ``path`` so that at every moment either the old or the new content is there, whole.

    Args:
        path: the file to create or replace.
        write: the bytes, or a function that writes them to an open binary file.
        verify: reads the finished temp file and raises if it is not good; then the old file stays.
        folders: create its folder when missing; False where a missing one means that somebody moved it.

    Returns:
        The size in bytes.

    Raises:
        StorageError: the disk is full, read-only, or the place may not be written to.
    """
    temp = hidden_beside(path)
    try:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        with temp.open("xb") as file:
            if isinstance(write, bytes):
                file.write(write)
            else:
                _write_by(write, file)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        if verify is not None:
            verify(temp)
        temp.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)
    return size


class _Remembering:
    """A file that remembers what the system refused: torch's writer reports it as an error of its own."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.refused: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.refused = error
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _write_by(write: Callable[[BinaryIO], object], file: BinaryIO) -> None:
    remembering = _Remembering(file)
    try:
        write(cast("BinaryIO", remembering))
    except Exception as error:
        if remembering.refused is not None:
            raise remembering.refused from error
        raise


def hidden_beside(path: Path, role: str = "") -> Path:
    """A new hidden name beside ``path``, for what is to take its place; it tells which process of which computer.

    Raises:
        StorageError: nothing can take its place, such as of a whole disk.
    """
    if not path.name:
        raise StorageError(f"{path} cannot be written to.", remedy="Give a name in a folder of yours.")
    digest = hashlib.blake2b(os.fsencode(path.name), digest_size=4).hexdigest()
    owner = f"{this_computer()}-{os.getpid()}"
    return path.with_name(
        f"{TEMP_PREFIX}{role}{safe_file_name(path.name)[:40]}-{digest}-{owner}-{secrets.token_hex(4)}"
    )


def write_text_atomically(path: Path, text: str) -> int:
    """Write UTF-8 text with Unix line ends; see write_atomically."""
    return write_atomically(path, text.encode())


def write_with_checksum(path: Path, write: bytes | Callable[[BinaryIO], object]) -> int:
    """Write ``path``, in a folder that is there, and beside it ``path.sha256``, the digest of what was read back.

    The checksum file is written first and names the old digests too, so that a kill between the two renames leaves a
    file that still verifies, also when that happens several times in a row.
    """
    try:
        old = announced(path)
    except OSError as error:
        raise storage_error(path.parent, error) from error
    return write_atomically(path, write, verify=lambda temp: announce(path, [sha256_of(temp), *old]), folders=False)


def announced(path: Path) -> list[str]:
    """The digests that ``path`` may have, the newest first; none where there is no checksum file, or one of garbage."""
    sidecar = checksum_path(path)
    if not sidecar.is_file():
        return []
    return [word for word in sidecar.read_bytes()[:_SIDECAR].decode("ascii", "replace").split() if _DIGEST.match(word)]


def announce(path: Path, digests: Iterable[str]) -> None:
    """Write beside ``path`` which digests it may have, the newest first; the oldest are forgotten."""
    text = " ".join(list(dict.fromkeys(digests))[:_MOST_DIGESTS]) + "\n"
    write_atomically(checksum_path(path), text.encode(), folders=False)


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


def storage_error(path: Path, error: OSError) -> StorageError:
    """An OSError while writing ``path``, in plain words."""
    if error.errno == errno.ENAMETOOLONG:
        return name_too_long(path, error)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full:
        what, remedy = "The disk is full", "Free some space, or choose a folder on another disk, and try again."
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        what, remedy = "This folder may not be written to", "Choose a folder you own, such as one in your documents."
    else:
        what, remedy = (
            f"The file could not be written ({error.strerror or error})",
            "Choose another folder and try again.",
        )
    found = StorageError(
        f"{what}: {path}.", meaning="What was there before is untouched.", remedy=remedy, details=repr(error)
    )
    found.may_pass = full
    return found


def name_too_long(path: Path, error: OSError) -> StorageError:
    """What the system says of ``path`` where a name in it, or all of it, is longer than the disk takes."""
    longest = max(path.parts, key=_bytes_of, default="")
    if _bytes_of(longest) > LONGEST_NAME:
        what, remedy = f"The name {_begin_of(longest)} is too long", "Give a shorter name."
        why = f"It takes {_bytes_of(longest)} bytes, and disks allow {LONGEST_NAME}; some letters take two to four."
    else:
        what, remedy = f"The path {_begin_of(str(path))} is too long", "Give shorter names, or choose another folder."
        why = f"It takes {_bytes_of(str(path))} bytes, more than this disk or this system allows."
    return StorageError(f"{what}.", meaning=why, remedy=remedy, details=repr(error))


def _bytes_of(name: str) -> int:
    return len(os.fsencode(name))


def _begin_of(name: str) -> str:
    name = printable(name)
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"


def fsync_folder(folder: Path) -> None:
    """Bring to disk what was renamed in a folder."""
    if os.name == "nt":  # Windows cannot open folders for fsync; its replace is durable enough
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
