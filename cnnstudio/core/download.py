"""Download a file: resumed, checked, retried, stoppable; never a half file under its real name."""

import hashlib
import http.client
import os
import re
import shutil
import ssl
import threading
import urllib.error
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from pathlib import Path

from cnnstudio.core.atomic import storage_error
from cnnstudio.core.errors import DownloadError, StorageError
from cnnstudio.core.fetching import SLOW_BYTES, SLOW_SECONDS, STALL_SECONDS, Fetching, TooSlowError, is_web_address
from cnnstudio.core.watch import StopRequested, Watch
from cnnstudio.core.words import counted, size_in_words

PART_SUFFIX = ".part"
RETRIES = 4
RETRY_SECONDS = 2.0
_CHUNK = 1 << 20
_LISTEN_S = 0.1
_SPARE_BYTES = 50_000_000
_TOLERANCE, _TOLERATED_BYTES = 1.05, 1_000_000
"""Published sizes are rounded."""
_at_work: dict[Path, threading.Lock] = {}
_guard = threading.Lock()
_REASONS = {status.value: status.phrase for status in HTTPStatus}
"""A server may write anything there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to fetch, and what to say about it."""

    url: str
    target: Path
    checksum: str
    """Such as ``sha256:f37072fd``: how the content is checked, and the first digits at least."""
    megabytes: float
    """About; a server that sends much more sends another file."""
    text: str
    """What is being done, such as ``Downloading weights``."""
    missing: str
    """One sentence for when it cannot be had."""
    remedy: str


def download(wanted: Wanted, watch: Watch) -> Path:
    """Fetch a file unless it is there and whole.

    A cut-off download leaves ``NAME.part`` and goes on from there, by itself a few times and then the next time it is
    asked for. The system's proxies and certificates are used.

    Args:
        wanted: the file.
        watch: asked for a stop all the time, and told of bytes done and in all (0 unknown).

    Raises:
        DownloadError: offline, refused, stalled, too slow, cut off, no address, or the content is not the expected one.
        StorageError: the disk is full or may not be written to.
        StopRequested: a stop was asked for.
    """
    target = wanted.target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        alone = _lock_of(target)
        while not alone.acquire(timeout=_LISTEN_S):
            watch.check()
        try:
            if not (target.is_file() and _is_whole(wanted, target, watch)):
                _fetch_whole(wanted, watch)
        finally:
            alone.release()
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise _explained(wanted, error) from error
    except OSError as error:
        raise storage_error(target, error) from error
    return target


def _fetch_whole(wanted: Wanted, watch: Watch) -> None:
    """Into ``NAME.part``, checked, and only then under its name."""
    target = wanted.target
    part = target.with_name(target.name + PART_SUFFIX)
    if not is_web_address(wanted.url):
        raise _no_address(wanted)
    for attempt in range(RETRIES + 1):
        before = _size(part)
        try:
            _fetch(wanted, part, watch)
            break
        except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
            came = _size(part) - before
            if attempt == RETRIES or came < SLOW_BYTES or isinstance(error, TooSlowError):  # it would be the same again
                raise
            watch.progress(0, 0, "Connection lost, trying again")
            _wait(RETRY_SECONDS * (attempt + 1), watch)
    watch.progress(_size(part), _size(part), "Checking", "check")
    if not _is_whole(wanted, part, watch):
        part.unlink()
        raise _another_file(wanted, "Its checksum is wrong: it was changed or damaged on the way. It was thrown away.")
    part.replace(target)


def _fetch(wanted: Wanted, part: Path, watch: Watch) -> None:
    done, most = _size(part), int(wanted.megabytes * 1e6 * _TOLERANCE + _TOLERATED_BYTES)
    try:
        with Fetching(wanted.url, done, watch.control) as answer:
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT and _starts_at(answer.headers, done)
            done = done if resumed else 0
            announced = _length(answer.headers)
            total = done + announced if announced else 0
            _require_space(part, min(total, most) - done)
            with part.open("ab" if resumed else "wb") as file:
                try:
                    for chunk in answer.chunks() if total <= most else ():
                        file.write(chunk)
                        done += len(chunk)
                        if done > most:
                            break
                        watch.progress(done, total, wanted.text, "download")
                finally:
                    file.flush()
                    os.fsync(file.fileno())
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and done:
            return  # the part is already whole; the hash decides
        raise
    except (
        ValueError,
        http.client.InvalidURL,
    ) as error:  # an address that urllib cannot send, such as one with letters from other scripts
        raise _no_address(wanted) from error
    if max(done, total) > most:
        part.unlink()
        raise _another_file(
            wanted, f"It should have about {wanted.megabytes:,.1f} MB, and the server sends more. It was thrown away."
        )
    if done < total:
        raise ConnectionError(f"cut off after {done} of {total} bytes")


def _is_whole(wanted: Wanted, path: Path, watch: Watch) -> bool:
    """Whether a file has the right content."""
    kind, _, digits = wanted.checksum.partition(":")
    digest = hashlib.new(kind, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            watch.check()
    return digest.hexdigest().startswith(digits)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _length(headers: Message) -> int:
    """Bytes that were announced; 0 where none were, or something that is no number."""
    found = re.fullmatch(r"\d{1,15}", headers.get("Content-Length") or "")
    return int(found[0]) if found else 0


def _starts_at(headers: Message, start: int) -> bool:
    """Whether a partial answer begins where the part ends; some proxies send another piece."""
    found = re.match(r"bytes (\d{1,15})-", headers.get("Content-Range") or "")
    return found is None or int(found[1]) == start


def _lock_of(target: Path) -> threading.Lock:
    """One download of a file at a time: a training may want what the window is already fetching."""
    with _guard:
        return _at_work.setdefault(target, threading.Lock())


def _wait(seconds: float, watch: Watch) -> None:
    """Raises StopRequested as soon as a stop is asked for."""
    if watch.control.wait_for_stop(seconds):
        raise StopRequested


def _require_space(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < needed + _SPARE_BYTES:
        raise StorageError(
            "There is not enough space for the download: "
            f"{size_in_words(needed)} are needed, {size_in_words(free)} are free.",
            remedy="Free some space and try again.",
        )


def _explained(wanted: Wanted, error: Exception) -> DownloadError:
    remedy = f"Try again with internet. {wanted.remedy}"
    if isinstance(error, urllib.error.HTTPError):
        meaning = f"The server answered: {error.code} {_REASONS.get(error.code, '')}".rstrip() + "."
        if error.code in (HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
            meaning += " A company or school network may be blocking it."
        if 300 <= error.code < 400:
            meaning = "The server only points to other addresses, and none of them can be used."
    elif isinstance(error, TooSlowError):
        meaning = f"The server sent almost nothing for {counted(SLOW_SECONDS, 'second')}. What came so far is kept."
    elif isinstance(error, TimeoutError) or "timed out" in str(error):
        meaning = f"Nothing came for {counted(STALL_SECONDS, 'second')}. What came so far is kept."
    elif isinstance(error, http.client.IncompleteRead | ConnectionError):
        meaning = "The connection was lost. What came so far is kept, and the next try continues from there."
    elif isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
        meaning = "The server's certificate is not one that this computer trusts."
        remedy = f"Ask whoever runs your computer network. {wanted.remedy}"
    else:
        meaning = "This computer seems to be offline, or the server cannot be reached."
    return DownloadError(
        wanted.missing,
        meaning=meaning,
        remedy=remedy,
        details=repr(error),
    )


def _no_address(wanted: Wanted) -> DownloadError:
    return DownloadError(
        wanted.missing,
        meaning=f"{wanted.url!r} is not a web address.",
        remedy="A web address begins with https:// or http://. Correct the mirror in the weights settings or in the "
        "environment variable.",
    )


def _another_file(wanted: Wanted, meaning: str) -> DownloadError:
    return DownloadError(
        f"The downloaded file {wanted.target.name} is not the right one.",
        meaning=meaning,
        remedy="Try again later or on another network.",
    )
