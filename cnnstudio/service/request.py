"""One request, read strictly: what could be understood in two ways is refused, and nobody may be slow for ever.

Each connection carries one request and is closed behind its answer, so that nothing can hide behind a first one.
"""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from cnnstudio.service.contract import Limits

T = TypeVar("T")
_LINE = re.compile(r"([A-Z]{1,16}) ([!-~]+) HTTP/1\.([01])")
_HEADER = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([ -~\t\x80-\xff]*?)[ \t]*")
_END = b"\r\n\r\n"
_MOST_HEADERS = 100


class Refused(Exception):
    """The answer is an error; ``sentence`` is for whoever wrote the program that asked."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Gone(Exception):
    """There is nobody to answer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The first part of a request, up to its body."""

    method: str
    path: str
    """Without the query, as it was sent."""
    query: str
    headers: dict[str, str] = field(default_factory=dict)
    """By name in lower case; no name comes twice."""

    def header(self, name: str) -> str:
        """The value of a header, empty where it was not sent."""
        return self.headers.get(name, "")

    def body_size(self, limits: Limits) -> int:
        """Bytes of the body.

        Raises:
            Refused: it is not said, or too much.
        """
        if "transfer-encoding" in self.headers:
            raise Refused(411, "Send the picture in one piece, with a Content-Length, not in chunks.")
        said = self.header("content-length")
        if not said:
            raise Refused(411, "The request needs a Content-Length.")
        if not re.fullmatch(r"[0-9]{1,18}", said):
            raise Refused(400, "The Content-Length is not a number.")
        if int(said) > limits.body:
            raise Refused(413, f"The request is larger than {limits.body / 1e6:,.0f} MB.")
        return int(said)


async def read_request(reader: asyncio.StreamReader, limits: Limits) -> Request:
    """The next request, up to its body.

    Raises:
        Refused: it is none, too large, or too slow.
        Gone: the connection was closed before anything came.
    """
    try:
        head = await asyncio.wait_for(reader.readuntil(_END), limits.patience_s)
    except TimeoutError:
        raise Refused(408, "The request did not come in time.") from None
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            raise Gone from None
        raise Refused(400, "The request ended before its headers did.") from None
    except asyncio.LimitOverrunError:
        raise Refused(431, f"The headers are longer than {limits.head // 1024} kB.") from None
    except OSError:
        raise Gone from None
    if len(head) > limits.head:
        raise Refused(431, f"The headers are longer than {limits.head // 1024} kB.")
    return parsed(head)


def parsed(head: bytes) -> Request:
    """A request line and headers, ended by an empty line.

    Raises:
        Refused: they are not what HTTP/1.1 has, or could be read in two ways.
    """
    first, *rest = head.removesuffix(_END).decode("latin-1").split("\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise Refused(400, "This is not a request of HTTP/1.1.")
    if len(rest) > _MOST_HEADERS:
        raise Refused(431, f"There are more than {_MOST_HEADERS} headers.")
    headers: dict[str, str] = {}
    for text in rest:
        header = _HEADER.fullmatch(text)
        if header is None:
            raise Refused(400, "One of the headers is not written as HTTP/1.1 has it.")
        name, value = header[1].lower(), header[2]
        if name in headers:
            raise Refused(400, f"The header {name} comes twice.")
        headers[name] = value
    if "transfer-encoding" in headers and "content-length" in headers:
        raise Refused(400, "A request has a Content-Length or a Transfer-Encoding, never both.")
    method, target, _ = line.groups()
    if not target.startswith("/"):
        raise Refused(400, "The address of a request begins with a slash.")
    path, _, query = target.partition("?")
    return Request(method=method, path=path, query=query, headers=headers)


class Pace:
    """How long a transfer may take: some patience, and longer only as bytes move."""

    def __init__(self, limits: Limits) -> None:
        self._slowest = limits.slowest
        self._end = asyncio.get_running_loop().time() + limits.patience_s

    async def wait(self, step: Awaitable[T], moved: int) -> T:
        """The result of a step, when ``moved`` bytes have gone before it.

        Raises:
            TimeoutError: it takes too long.
        """
        left = self._end + moved / self._slowest - asyncio.get_running_loop().time()
        return await asyncio.wait_for(step, max(0.0, left))
