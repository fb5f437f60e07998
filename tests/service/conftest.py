"""A service with an answerer that reads pictures as the app does, and a way to send it any bytes."""

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from cnnstudio.core import Control, ImageError, Watch
from cnnstudio.data.reading import read_image
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.service.contract import Answerer, Limits, Place, Serving
from cnnstudio.service.server import serve

LABELS = ("cat", 'd"o\u202eg', "\N{GREEK SMALL LETTER LAMDA}x")
HASTY = Limits(patience_s=0.15, slowest=5_000, at_once=4, silent=8)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes = b""

    @property
    def told(self):
        return json.loads(self.body)


def parse(received):
    """The first reply of what came, and what came behind it."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    assert first.startswith("HTTP/1.1 "), received[:200]
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines), "no header comes twice"
    size = int(headers.get("Content-Length", 0))
    return Reply(int(first.split()[1]), headers, body[:size], body[size:])


class Client:
    """Whoever asks."""

    def __init__(self, serving, events, watch):
        self.port, self.token, self.events, self.watch = serving.port, serving.token, events, watch
        self.answered = []
        """Pictures that the network was asked about: their names and sizes."""

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, *pieces, half_close=False):
        """What comes back for these bytes until the connection is closed."""
        with self.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            return received(connection)

    def head(self, line="POST /v1/predict", host=None, token=None, version="1.1", **headers):
        """A request line and headers that are as they should be but for what is given; None leaves one out."""
        told = {
            "Host": f"127.0.0.1:{self.port}" if host is None else host,
            "Authorization": f"Bearer {self.token if token is None else token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [f"{line} HTTP/{version}", *(f"{name}: {value}" for name, value in told.items() if value is not None)]
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def ask(self, body=b"", line="POST /v1/predict", **headers):
        if line.startswith("POST"):
            headers = {"Content_Length": str(len(body)), **headers}
        return parse(self.raw(self.head(line, **headers) + body))

    def json(self, told, line="POST /v1/predict", **headers):
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self.ask(body, line, Content_Type="application/json", **headers)


def received(connection):
    got = b""
    try:
        while piece := connection.recv(65_536):
            got += piece
    except ConnectionResetError:
        pass
    return got


@contextmanager
def running(limits=None, origins=(), predict=None, token=""):
    """A service until the block ends, which ends it within two seconds."""
    control, events, opened = Control(), [], threading.Event()

    def emit(event):
        events.append(event.result)
        opened.set()

    watch = Watch(control, emit)
    clients = []

    def answer(path, top):
        client = clients[0]
        client.answered.append((path.name, path.stat().st_size))
        if predict is not None:
            return predict(path, top)
        try:
            read_image(path)
        except ImageError as error:
            return Prediction(path=path, top=(), error=str(error))
        scores = tuple(ClassScore(label, share) for label, share in zip(LABELS, (0.7, 0.2, 0.1), strict=True))
        return Prediction(path=path, top=scores[:top], verdict="unlike", rank=0.01, nearest=path)

    place = Place(port=0, origins=origins, token=token, limits=limits or Limits())
    answerer = Answerer(title="a run", labels=LABELS, predict=answer, threshold=0.05)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(serve(answerer, place, watch)))
    thread.start()
    assert opened.wait(20)
    assert isinstance(events[0], Serving)
    clients.append(client := Client(events[0], events, watch))
    try:
        yield client
    finally:
        control.request_stop()
        thread.join(2)
        assert not thread.is_alive(), "a stop takes two seconds at most"
        client.served = ended[0]


@pytest.fixture(scope="module")
def service():
    with running(origins=("http://localhost:3000",)) as client:
        yield client


@pytest.fixture
def picture(tiny_folder):
    return (tiny_folder / "red" / "00.png").read_bytes()
