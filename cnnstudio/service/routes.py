"""What each address answers, behind the gate."""

import asyncio
import itertools
import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl

from cnnstudio.core import is_out_of_memory
from cnnstudio.service.contract import HEALTH, LABELS, OPENAPI, PREDICT, Answerer, Place
from cnnstudio.service.gate import check_host, check_origin, check_token, cors_of
from cnnstudio.service.openapi import described
from cnnstudio.service.picture import unpack
from cnnstudio.service.replies import Reply, answer_told
from cnnstudio.service.request import Pace, Refused, Request

_PIECE = 65_536
_METHODS = {PREDICT: ("POST",), HEALTH: ("GET", "HEAD"), LABELS: ("GET", "HEAD"), OPENAPI: ("GET", "HEAD")}
_MOST_FIELDS = 10
log = logging.getLogger(__name__)


class Routes:
    """Answers requests; pictures one after the other, in a thread."""

    def __init__(self, answerer: Answerer, place: Place, folder: Path) -> None:
        """``folder`` is for pictures while they are looked at: none is kept."""
        self._answerer, self._place, self._folder = answerer, place, folder
        self._worker = ThreadPoolExecutor(1, "cnnstudio-service")
        self._numbers = itertools.count(1)
        self.answered = 0
        """Pictures that got an answer."""

    def close(self) -> None:
        """Begin no prediction any more; one that was begun is left to end by itself."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def reply(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reply:
        """Whatever was asked.

        Raises:
            Refused: whoever asks may not know more than the sentence.
            OSError: the connection was lost, or is too slow.
        """
        check_host(request, self._place.port)
        headers = cors_of(request, check_origin(request, self._place.origins))
        try:
            reply = await self._reply(request, reader, writer)
        except Refused as refused:
            reply = Reply.of(refused)
        return reply.with_headers(headers)

    async def _reply(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reply:
        path = PREDICT if request.path.startswith(f"{PREDICT}/") else request.path
        methods = _METHODS.get(path)
        if methods is None:
            raise Refused(404, f"There is nothing here; {OPENAPI} says what there is.")
        if request.method == "OPTIONS" and "origin" in request.headers:
            return Reply(status=204)
        if request.method not in methods:
            raise Refused(405, f"This address takes {methods[0]} only.", Allow=", ".join(methods))
        check_token(request, self._place.token)
        if path == PREDICT:
            return await self._predict(request, reader, writer)
        return Reply(told=self._told(path))

    def _told(self, path: str) -> dict[str, object]:
        if path == LABELS:
            return {"network": self._answerer.title, "labels": list(self._answerer.labels)}
        if path == OPENAPI:
            return described(self._place, judged=self._answerer.threshold is not None)
        return {"status": "ok"}

    async def _predict(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reply:
        top, size = self._top(request.query), request.body_size(self._place.limits)
        if expected := request.header("expect").lower():
            if expected != "100-continue":
                raise Refused(417, "Only 100-continue can be expected.")
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        folder = self._folder / str(next(self._numbers))  # of its own: what is remembered goes by names
        folder.mkdir()
        try:
            await self._receive(reader, folder / "body", size)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._worker, self._answer, folder / "body", request, top)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _top(self, query: str) -> int:
        try:
            fields = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=_MOST_FIELDS)
        except ValueError:
            raise Refused(400, "What stands behind the question mark cannot be read.") from None
        if not fields:
            return len(self._answerer.labels)
        (name, value), *more = fields
        if name != "top" or more:
            raise Refused(400, "The only setting is top, the number of classes, and it is given once.")
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) > 0):
            raise Refused(400, "top has to be a whole number from 1.")
        return min(int(value), len(self._answerer.labels))

    async def _receive(self, reader: asyncio.StreamReader, body: Path, size: int) -> None:
        """Into a file as it comes, so that many large ones take no memory."""
        pace, got = Pace(self._place.limits), 0
        with body.open("xb") as file:
            while got < size:
                try:
                    piece = await pace.wait(reader.read(min(_PIECE, size - got)), got)
                except TimeoutError:
                    raise Refused(408, "The picture did not come in time.") from None
                if not piece:
                    raise Refused(400, "The request ended before its Content-Length.")
                file.write(piece)
                got += len(piece)

    def _answer(self, body: Path, request: Request, top: int) -> Reply:
        """In the thread that predicts."""
        try:
            found = self._answerer.predict(unpack(body, request), top)
        except Refused:
            raise
        except Exception as error:
            log.info("A picture was not answered", exc_info=error)
            if is_out_of_memory(error):
                raise Refused(503, "There is not enough memory for this picture now.") from error
            raise Refused(500, "This picture cannot be answered: something went wrong in CNN Studio.") from error
        if found.error is not None:
            raise Refused(422, found.error)
        self.answered += 1
        return Reply(told=answer_told(found, self._answerer))
