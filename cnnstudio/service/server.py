"""Listens on this computer alone, hands requests to the routes, and ends when a stop is asked for.

One event loop keeps all connections, so that one that waits costs a few kilobytes and no thread.
"""

import asyncio
import errno
import logging
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnstudio.core import Watch
from cnnstudio.service.contract import HOST, Answerer, Place, Served, ServiceError, Serving, new_token, token_of
from cnnstudio.service.replies import Reply
from cnnstudio.service.request import Gone, Pace, Refused, read_request
from cnnstudio.service.routes import Routes

_TICK_S = 0.1
"""Between two looks at whether a stop was asked for, and between two Served."""
_FAREWELL_S = 1.0
"""In which the other side may finish talking and take its answer, which closing at once could destroy."""
_PIECE = 65_536
log = logging.getLogger(__name__)


def serve(answerer: Answerer, place: Place, watch: Watch) -> Served:
    """Answer until a stop is asked for; what was served until then.

    Args:
        answerer: what predicts; asked by a thread of its own.
        place: where to listen, and to whom.
        watch: handed a Serving once it listens, and a Served when there is more to tell; asked for a stop.

    Raises:
        ServiceError: the port is in use or may not be used, or the token cannot be one.
    """
    token = token_of(place.token) if place.token else new_token()
    with (
        listen(place.port) as listening,
        tempfile.TemporaryDirectory("", "cnnstudio-serving-", ignore_cleanup_errors=True) as at,
    ):
        serving = Serving(title=answerer.title, port=listening.getsockname()[1], token=token)
        place = replace(place, port=serving.port, token=token)
        connections = _Connections(Routes(answerer, place, Path(at)), place)
        watch.partial(serving)
        # Of Windows' two loops, the other one would take Ctrl-C for itself.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            return runner.run(connections.keep(listening, watch))


def listen(port: int) -> socket.socket:
    """A socket that only programs on this computer can connect to.

    Raises:
        ServiceError: the port cannot be had.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # where another program could take part of the connections otherwise
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # where a service that just ended would be an obstacle otherwise
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(128)
    except OverflowError:
        listening.close()
        raise ServiceError(f"There is no port {port}.", remedy="Choose one from 1024 to 65535.") from None
    except OSError as error:
        listening.close()
        if error.errno in (errno.EACCES, errno.EPERM):
            raise ServiceError(
                f"This system lets no program of yours listen on port {port}.",
                remedy="Choose another port, from 1024 to 65535.",
            ) from error
        raise ServiceError(
            f"Port {port} is in use.",
            meaning="Another program listens there, or CNN Studio in another window or terminal.",
            remedy="Stop that one, or choose another port.",
            details=repr(error),
        ) from error
    return listening


class _Connections:
    """Who is silent, who is answered, and who takes leave. Each connection has one request."""

    def __init__(self, routes: Routes, place: Place) -> None:
        self._routes, self._limits = routes, place.limits
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._idle: dict[asyncio.StreamWriter, None] = {}
        """Those that nothing is done for: their headers are not whole, or they have their answer. Oldest first."""
        self._under_way = self._refused = 0

    @property
    def served(self) -> Served:
        """Up to now."""
        return Served(answered=self._routes.answered, refused=self._refused)

    async def keep(self, listening: socket.socket, watch: Watch) -> Served:
        """Until a stop is asked for."""
        asyncio.get_running_loop().set_exception_handler(_note)
        server = await asyncio.start_server(self._connected, sock=listening, limit=self._limits.head)
        told = self.served
        try:
            while not watch.control.stop_requested:
                await asyncio.sleep(_TICK_S)
                if told != self.served:
                    told = self.served
                    watch.partial(told)
        finally:
            server.close()
            self._routes.close()
            for writer, task in self._open.items():
                writer.transport.abort()
                task.cancel()
            await asyncio.gather(*self._open.values(), return_exceptions=True)
        return self.served

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._open[writer] = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        task.add_done_callback(lambda _: self._forget(writer))
        self._rests(writer)

    def _rests(self, writer: asyncio.StreamWriter) -> None:
        self._idle[writer] = None
        if len(self._idle) > self._limits.silent:
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            oldest.transport.abort()  # its task ends by that; one that is cancelled may never have begun

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        task = self._open.pop(writer)
        self._idle.pop(writer, None)
        writer.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("A connection failed", exc_info=error)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(0)  # so that drain waits until all is on its way
        try:
            reply = await self._reply(reader, writer)
            await _send(writer, reply, Pace(self._limits))
            self._rests(writer)
            writer.write_eof()
            with suppress(TimeoutError):
                await asyncio.wait_for(_listen_to_end(reader), _FAREWELL_S)
        except (Gone, OSError):  # nobody is there, or nothing is taken
            writer.transport.abort()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reply:
        method = ""
        try:
            request = await read_request(reader, self._limits)
            method = request.method
            self._idle.pop(writer, None)
            if self._under_way >= self._limits.at_once:
                raise Refused(503, "Too many requests are under way; try again in a moment.", Retry_After="1")
            self._under_way += 1
            try:
                reply = await self._routes.reply(request, reader, writer)
            finally:
                self._under_way -= 1
        except Refused as refused:
            reply = Reply.of(refused)
        self._refused += reply.status >= 400
        return replace(reply, without_body=method == "HEAD")


async def _send(writer: asyncio.StreamWriter, reply: Reply, pace: Pace) -> None:
    content = reply.content()
    for start in range(0, len(content), _PIECE):
        writer.write(content[start : start + _PIECE])
        await pace.wait(writer.drain(), start)


async def _listen_to_end(reader: asyncio.StreamReader) -> None:
    while await reader.read(_PIECE):
        pass


def _note(_loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    log.info("%s", told.get("message"), exc_info=told.get("exception"))
