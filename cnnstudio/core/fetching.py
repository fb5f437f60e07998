"""What a server sends, read in a thread that can be left behind, and not waited for longer than it is worth.

Looking a name up, connecting and reading each wait for as long as the system likes, and none of it can be broken off
from outside. So another thread waits; whoever asked for a stop has it at once, and that thread ends when the system
lets it go.
"""

import http.client
import math
import queue
import re
import ssl
import threading
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import truststore
from typing_extensions import override

from cnnstudio.core.watch import Control

STALL_SECONDS = 15
SLOW_SECONDS, SLOW_BYTES = 60, 60_000
"""A server that sends less in that time would take hours for the smallest file."""
_CHUNK = 1 << 18
_AHEAD = 8
"""Chunks that are read before they are wanted."""
_LISTEN_S = 0.1
"""Between two looks whether a stop was asked for."""


class TooSlowError(TimeoutError):
    """The server sends less than ``SLOW_BYTES`` in ``SLOW_SECONDS``."""


class Fetching:
    """One request and its answer, as a context manager: ``status`` and ``headers``, then ``chunks``.

    Args:
        url: an address of the web.
        start: the byte to begin with.
        control: asked for a stop ten times a second.
        agent: who asks, in place of urllib's own words.
        seconds: longer than that it is not waited, whatever comes.

    Raises:
        StopRequested: a stop was asked for; here and while reading.
        ValueError: it is no address of the web.
        OSError, http.client.HTTPException: what urllib raises.
    """

    def __init__(self, url: str, start: int, control: Control, *, agent: str = "", seconds: float = math.inf) -> None:
        headers = {"Range": f"bytes={start}-"} if start else {}
        self._request = urllib.request.Request(url, headers=headers | ({"User-Agent": agent} if agent else {}))
        self._control = control
        self._until = time.monotonic() + seconds
        self._came = queue.Queue[http.client.HTTPResponse | bytes | BaseException](_AHEAD)
        self._left = threading.Event()
        self._since, self._bytes = time.monotonic(), 0
        threading.Thread(target=self._read, name="cnnstudio-fetching", daemon=True).start()

    def __enter__(self) -> Self:
        answer = self._next()
        assert isinstance(answer, http.client.HTTPResponse)
        self.status, self.headers = answer.status, answer.headers
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()

    def chunks(self) -> Iterator[bytes]:
        """The content, as it comes."""
        while chunk := self._next():
            assert isinstance(chunk, bytes)
            yield chunk

    def _next(self) -> http.client.HTTPResponse | bytes:
        while True:
            if self._control.stop_requested:
                self._left.set()
            self._control.check()
            self._check_speed()
            with suppress(queue.Empty):
                came = self._came.get(timeout=_LISTEN_S)
                if isinstance(came, BaseException):
                    try:
                        raise came
                    finally:
                        del came  # its traceback holds this frame
                self._bytes += len(came) if isinstance(came, bytes) else 0
                return came

    def _check_speed(self) -> None:
        now = time.monotonic()
        if now > self._until:
            self._left.set()
            raise TooSlowError("not within the time that it is worth")
        if now - self._since < SLOW_SECONDS:
            return
        if self._bytes < SLOW_BYTES:
            self._left.set()
            raise TooSlowError(f"{self._bytes} bytes in {SLOW_SECONDS} s")
        self._since, self._bytes = now, 0

    def _read(self) -> None:
        """The other thread's part."""
        try:
            with closing(_opener(self._request.full_url).open(self._request, timeout=STALL_SECONDS)) as answer:
                self._hand_over(answer)
                while not self._left.is_set():
                    chunk = answer.read1(_CHUNK)  # what is there; read() would wait until so much is
                    self._hand_over(chunk)
                    if not chunk:
                        return
        except BaseException as error:  # noqa: BLE001 - whoever asked is in another thread, and it is raised there
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            traceback.clear_frames(error.__traceback__)  # they hold the connection
            self._hand_over(error)

    def _hand_over(self, what: http.client.HTTPResponse | bytes | BaseException) -> None:
        while not self._left.is_set():
            with suppress(queue.Full):
                self._came.put(what, timeout=_LISTEN_S)
                return


def fetch_briefly(url: str, control: Control, *, agent: str, seconds: float, most: int) -> bytes:
    """A small answer, or none.

    Args:
        url: an address of the web.
        control: asked for a stop ten times a second.
        agent: who asks; nothing else is told.
        seconds: for all of it.
        most: bytes that are taken.

    Raises:
        StopRequested: a stop was asked for.
        ValueError: it is no address of the web, or the answer is larger.
        OSError, http.client.HTTPException: what urllib raises.
    """
    content = b""
    with Fetching(url, 0, control, agent=agent, seconds=seconds) as answer:
        for chunk in answer.chunks():
            content += chunk
            if len(content) > most:
                raise ValueError(f"more than {most} bytes")
    return content


def is_web_address(url: str) -> bool:
    """Whether it can be asked for: ``http`` or ``https``, a computer, and nothing that addresses do not have."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and re.fullmatch("[!-~]+", url) is not None


class _Redirects(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, req: urllib.request.Request, *answer: Any) -> urllib.request.Request | None:
        """Only to the web, and never from https to http: whoever sits in between would choose the content."""
        address = str(answer[-1])
        if not is_web_address(address) or (req.full_url.startswith("https:") and not address.startswith("https:")):
            return None  # the redirection itself is the answer then, an HTTPError
        return super().redirect_request(req, *answer)


def _opener(url: str) -> urllib.request.OpenerDirector:
    """With the system's proxies as they are now, and the certificates it trusts, which in companies are their own."""
    certificates = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return urllib.request.build_opener(_Redirects, urllib.request.HTTPSHandler(context=certificates))
