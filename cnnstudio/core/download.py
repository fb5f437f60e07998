"""Download a file: resumed, checked, retried, stoppable; never a half file under its real name."""

import http.client
import os
import re
import shutil
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import truststore

from cnnstudio.core.atomic import storage_error
from cnnstudio.core.errors import DownloadError, StorageError
from cnnstudio.core.watch import StopRequested, Watch
from cnnstudio.core.words import counted

PART_SUFFIX = ".part"
STALL_SECONDS = 15
RETRIES = 4
RETRY_SECONDS = 2.0
_CHUNK = 1 << 18
_SPARE_BYTES = 50_000_000
_at_work: dict[Path, threading.Lock] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to fetch, and what to say about it."""

    url: str
    target: Path
    is_whole: Callable[[Path], bool]
    """Whether a file has the right content."""
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
        watch: asked for a stop between chunks, and told of bytes done and in all (0 unknown).

    Raises:
        DownloadError: offline, refused, stalled, cut off, or the content is not the expected one.
        StorageError: the disk is full or may not be written to.
    """
    target = wanted.target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not (target.is_file() and wanted.is_whole(target)):
                _fetch_whole(wanted, watch)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise _explained(wanted, error) from error
    except OSError as error:
        raise storage_error(target, error) from error
    return target


def _fetch_whole(wanted: Wanted, watch: Watch) -> None:
    """Into ``NAME.part``, checked, and only then under its name."""
    target = wanted.target
    part = target.with_name(target.name + PART_SUFFIX)
    for attempt in range(RETRIES + 1):
        before = part.stat().st_size if part.is_file() else 0
        try:
            _fetch(wanted, part, watch)
            break
        except (http.client.HTTPException, TimeoutError, ConnectionError):
            came = (part.stat().st_size if part.is_file() else 0) - before
            if attempt == RETRIES or came <= 0:  # nothing new came: trying at once again would not help
                raise
            watch.progress(0, 0, "Connection lost, trying again")
            _wait(RETRY_SECONDS * (attempt + 1), watch)
    watch.progress(part.stat().st_size, part.stat().st_size, "Checking", "check")
    if not wanted.is_whole(part):
        part.unlink()
        raise DownloadError(
            f"The downloaded file {target.name} is not the right one.",
            meaning="Its checksum is wrong: it was changed or damaged on the way. It was thrown away.",
            remedy="Try again later or on another network.",
        )
    part.replace(target)


def _fetch(wanted: Wanted, part: Path, watch: Watch) -> None:
    done = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(wanted.url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer = _opener(wanted.url).open(request, timeout=STALL_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and done:
            return  # the part is already whole; the hash decides
        raise
    with answer:
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT and _starts_at(answer, done)
        done = done if resumed else 0
        total = done + int(answer.headers.get("Content-Length") or 0)
        _require_space(part, total - done)
        with part.open("ab" if resumed else "wb") as file:
            try:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    watch.progress(done, total, wanted.text, "download")
                    watch.check()
            finally:
                file.flush()
                os.fsync(file.fileno())
    if total and done < total:
        raise ConnectionError(f"cut off after {done} of {total} bytes")


def _starts_at(answer: http.client.HTTPResponse, start: int) -> bool:
    """Whether a partial answer begins where the part ends; some proxies send another piece."""
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range") or "")
    return found is None or int(found[1]) == start


def _opener(url: str) -> urllib.request.OpenerDirector:
    """With the system's proxies as they are now, and the certificates it trusts, which in companies are their own."""
    if not url.startswith("https:"):
        return urllib.request.build_opener()
    certificates = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=certificates))


def _alone(target: Path) -> threading.Lock:
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
            f"{needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free.",
            remedy="Free some space and try again.",
        )


def _explained(wanted: Wanted, error: Exception) -> DownloadError:
    remedy = f"Try again with internet. {wanted.remedy}"
    if isinstance(error, urllib.error.HTTPError):
        meaning = f"The server answered: {error.code} {error.reason}."
        if error.code in (http.HTTPStatus.FORBIDDEN, http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
            meaning += " A company or school network may be blocking it."
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
