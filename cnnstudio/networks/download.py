"""Download torchvision's weights: with resume, hash check, stall time-out and cancel; never a half file."""

import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.atomic import sha256_of, storage_error
from cnnstudio.core.control import Control
from cnnstudio.core.errors import DownloadError, StorageError
from cnnstudio.core.paths import weights_folder
from cnnstudio.networks.local_weights import expected_hash, file_name

MIRROR_VARIABLE = "CNNSTUDIO_WEIGHTS_MIRROR"
STALL_SECONDS = 15
_CHUNK = 1 << 18
_SPARE_BYTES = 50_000_000
Progress = Callable[[int, int, str], None]


def download_weights(
    url: str, *, folder: Path | None = None, control: Control | None = None, progress: Progress | None = None
) -> Path:
    """Fetch a weights file into ``folder`` (the user's weights folder) under torchvision's name.

    A cut-off download leaves ``NAME.part`` and goes on from there the next time.

    Args:
        url: torchvision's address; CNNSTUDIO_WEIGHTS_MIRROR replaces everything but the file name.
        folder: where the file goes.
        control: asked for a stop between chunks.
        progress: called with bytes done, bytes in all (0 unknown), and what is being done.

    Raises:
        DownloadError: offline, refused, stalled, cut off, or the content is not what its name promises.
        StorageError: the disk is full or may not be written to.
    """
    name = file_name(url)
    target = (folder or weights_folder()) / name
    part = target.with_name(name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(_mirrored(url, name), part, control or Control(), progress or _silent)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise _explained(name, error) from error
    except OSError as error:
        raise storage_error(target, error) from error
    if not sha256_of(part).startswith(expected_hash(name)):
        part.unlink()
        raise DownloadError(
            f"The downloaded file {name} is not the right one.",
            meaning="Its checksum is wrong: it was changed or damaged on the way. It was thrown away.",
            remedy="Try again later or on another network.",
        )
    part.replace(target)
    return target


def _fetch(url: str, part: Path, control: Control, progress: Progress) -> None:
    done = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer = urllib.request.urlopen(request, timeout=STALL_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and done:
            return  # the part is already whole; the hash decides
        raise
    with answer:
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        done = done if resumed else 0
        total = done + int(answer.headers.get("Content-Length") or 0)
        _require_space(part, total - done)
        with part.open("ab" if resumed else "wb") as file:
            done = _copy(answer, file, done, total, control, progress)
            os.fsync(file.fileno())
    if total and done < total:
        raise ConnectionError(f"cut off after {done} of {total} bytes")


def _copy(answer: BinaryIO, file: BinaryIO, done: int, total: int, control: Control, progress: Progress) -> int:
    while chunk := answer.read(_CHUNK):
        file.write(chunk)
        done += len(chunk)
        progress(done, total, "Downloading weights")
        control.check()
    return done


def _require_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < needed + _SPARE_BYTES:
        raise StorageError(
            "There is not enough space for the weights: "
            f"{needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free.",
            remedy="Free some space and try again.",
        )


def _mirrored(url: str, name: str) -> str:
    mirror = os.environ.get(MIRROR_VARIABLE)
    return f"{mirror.rstrip('/')}/{name}" if mirror else url


def _explained(name: str, error: Exception) -> DownloadError:
    if isinstance(error, urllib.error.HTTPError):
        meaning = f"The server answered: {error.code} {error.reason}."
    elif isinstance(error, TimeoutError) or "timed out" in str(error):
        meaning = f"Nothing came for {STALL_SECONDS} seconds."
    elif isinstance(error, http.client.IncompleteRead | ConnectionError):
        meaning = "The connection was cut off. What came so far is kept, and the next try goes on from there."
    else:
        meaning = "This computer seems to be offline, or the server cannot be reached."
    return DownloadError(
        f"The weights {name} are not on this computer and could not be downloaded.",
        meaning=meaning,
        remedy="Try again with internet, choose a weights file you have, or train from scratch.",
        details=repr(error),
    )


def _silent(_done: int, _total: int, _text: str) -> None:
    """Progress nobody wants."""
