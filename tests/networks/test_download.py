import hashlib
import shutil
import socket
import ssl
import threading
import time
import urllib.error
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cnnstudio.core import Control, DownloadError, StopRequested, StorageError, Watch, download, fetching
from cnnstudio.networks import WeightsSources, delete_download, save_sources
from cnnstudio.networks import download_weights as download_published
from tests.conftest import watch_of

CONTENT = bytes(range(256)) * 4000
NAME = f"net-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


def download_weights(url, watch=None, *, folder=None):
    return download_published(url, len(CONTENT) / 2**20, watch, folder=folder)


class Server(ThreadingHTTPServer):
    """Plays a weights server in several moods."""

    def __init__(self, mood):
        self.mood = mood
        self.ranges = []
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_args):
        """Whoever asked has left."""


def _drip(handler, header=False):
    """A byte now and then, for ever."""
    if not header:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
    else:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    while not handler.server.released.wait(0.02):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def _announce(handler, length, content_range=None):
    handler.send_response(206 if content_range else 200)
    if length is not None:
        handler.send_header("Content-Length", length)
    if content_range:
        handler.send_header("Content-Range", content_range)
    handler.end_headers()
    while not handler.server.released.is_set():
        handler.wfile.write(bytes(1 << 20))


def _point_to(handler, address):
    handler.send_response(302)
    handler.send_header("Location", address)
    handler.end_headers()


HOSTILE = {
    "drip": _drip,
    "drip a header": partial(_drip, header=True),
    "endless": partial(_announce, length=None),
    "many": partial(_announce, length="many"),
    "negative": partial(_announce, length="-5"),
    "5,000 digits": partial(_announce, length="9" * 5000),
    "a terabyte": partial(_announce, length=str(10**12)),
    "a range of 5,000 digits": partial(_announce, length=None, content_range=f"bytes {'9' * 5000}-"),
    "to itself": lambda handler: _point_to(handler, handler.path),
    "to a file": partial(_point_to, address="file:///etc/passwd"),
    "to ftp": partial(_point_to, address="ftp://127.0.0.1/x"),
    "to nowhere": partial(_point_to, address="http://"),
    "to no address": partial(_point_to, address="http://[::1"),
    "no HTTP": lambda handler: handler.wfile.write(b"\x00\xff" * 100),
    "a reason that is obeyed": lambda handler: handler.wfile.write(b"HTTP/1.1 500 \x1b[2J\r\n\r\n"),
    "100,000 headers": lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000),
}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_args):
        pass

    def do_GET(self):
        mood, wanted = self.server.mood, self.headers.get("Range")
        self.server.ranges.append(wanted)
        if mood == "forbidden":
            self.send_error(403)
            return
        if mood in HOSTILE:
            HOSTILE[mood](self)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and mood != "no-range" else 0
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            shown = start + 1 if mood == "other-range" else start
            self.send_header("Content-Range", f"bytes {shown}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        if mood == "wrong":
            body = b"x" * len(body)
        if mood in ("cut", "always-cut"):
            body = body[: len(body) // 2]
        if mood == "cut":
            self.server.mood = "good"
        if mood == "stall":
            self.wfile.write(body[:1000])
            self.wfile.flush()
            self.server.released.wait(20)
            return
        self.wfile.write(body)
        if mood in ("cut", "always-cut"):
            self.wfile.flush()
            self.connection.close()


@pytest.fixture
def serve():
    servers = []

    def start(mood):
        server = Server(mood)
        server.released = threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return server, f"http://127.0.0.1:{server.server_port}/models/{NAME}"

    yield start
    for server, thread in servers:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_download_is_whole_and_reports_progress(serve, tmp_path):
    seen = []
    path = download_weights(serve("good")[1], Watch(emit=seen.append), folder=tmp_path)
    assert path.read_bytes() == CONTENT
    assert [(event.done, event.total, event.kind) for event in seen[-2:]] == [
        (len(CONTENT), len(CONTENT), "download"), (len(CONTENT), len(CONTENT), "check"),
    ]  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("then", ["good", "no-range"])
def test_a_cut_off_download_goes_on_from_there(serve, tmp_path, monkeypatch, then):
    monkeypatch.setattr(download, "RETRIES", 0)
    server, url = serve("cut")
    with pytest.raises(DownloadError, match="connection was lost"):
        download_weights(url, folder=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [f"{NAME}.part"]
    server.mood = then
    assert download_weights(url, folder=tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={len(CONTENT) // 2}-"]


def test_a_wrong_hash_is_thrown_away(serve, tmp_path):
    with pytest.raises(DownloadError, match="not the right one"):
        download_weights(serve("wrong")[1], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_told(serve, tmp_path):
    with pytest.raises(DownloadError, match="403"):
        download_weights(serve("forbidden")[1], folder=tmp_path)


def test_a_stall_ends(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "STALL_SECONDS", 0.3)
    with pytest.raises(DownloadError, match="Nothing came"):
        download_weights(serve("stall")[1], folder=tmp_path)


def test_offline_is_one_clear_sentence(tmp_path):
    with pytest.raises(DownloadError, match="not on this computer and could not be downloaded") as caught:
        download_weights(f"http://127.0.0.1:9/{NAME}", folder=tmp_path)
    assert "weights file you have" in caught.value.problem.remedy


def test_a_stop_keeps_the_part(serve, tmp_path):
    control = Control()
    with pytest.raises(StopRequested):
        download_weights(serve("good")[1], watch_of(lambda *_: control.request_stop(), control), folder=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [f"{NAME}.part"]


def test_a_mirror_replaces_the_address(serve, tmp_path, monkeypatch):
    _, url = serve("good")
    monkeypatch.setenv("CNNSTUDIO_WEIGHTS_MIRROR", url.rpartition("/")[0])
    assert download_weights(f"https://nowhere.invalid/{NAME}", folder=tmp_path).is_file()


def test_a_mirror_in_the_settings_does_too_and_the_environment_wins(serve, tmp_path, monkeypatch):
    _, url = serve("good")
    save_sources(WeightsSources(mirror=url.rpartition("/")[0] + "/"))
    assert download_weights(f"https://nowhere.invalid/{NAME}", folder=tmp_path).is_file()
    monkeypatch.setenv("CNNSTUDIO_WEIGHTS_MIRROR", "http://127.0.0.1:9")
    with pytest.raises(DownloadError):
        download_weights(f"https://nowhere.invalid/{NAME}", folder=tmp_path / "other")


def test_a_lost_connection_is_tried_again_by_itself(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "RETRY_SECONDS", 0.01)
    server, url = serve("cut")
    said = []
    path = download_weights(url, watch_of(lambda _done, _total, text: said.append(text)), folder=tmp_path)
    assert path.read_bytes() == CONTENT
    assert "Connection lost, trying again" in said
    assert server.ranges == [None, f"bytes={len(CONTENT) // 2}-"]


def test_but_not_for_ever(serve, tmp_path, monkeypatch):
    """Half comes, then half of the rest, and so on."""
    monkeypatch.setattr(download, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(download, "RETRIES", 2)
    with pytest.raises(DownloadError, match="continues from there"):
        download_weights(serve("always-cut")[1], folder=tmp_path)
    assert (tmp_path / f"{NAME}.part").stat().st_size == len(CONTENT) * 7 // 8


def test_a_stop_is_heard_while_waiting_to_try_again(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "RETRY_SECONDS", 600)
    control = Control()

    def lose_patience(_done, _total, text):
        if text.startswith("Connection lost"):
            control.request_stop()

    with pytest.raises(StopRequested):
        download_weights(serve("cut")[1], watch_of(lose_patience, control), folder=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [f"{NAME}.part"]


def test_another_piece_than_asked_for_is_not_glued_on(serve, tmp_path):
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:1000])
    with pytest.raises(DownloadError, match="not the right one"):  # what came alone is not the file
        download_weights(serve("other-range")[1], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_who_want_the_same_file_fetch_it_once(serve, tmp_path):
    server, url = serve("good")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: download_weights(url, folder=tmp_path), range(2))
    assert first == second
    assert len(server.ranges) == 1


def test_a_whole_file_is_not_fetched_again_and_a_damaged_one_is(serve, tmp_path):
    server, url = serve("good")
    (tmp_path / NAME).write_bytes(CONTENT)
    download_weights(url, folder=tmp_path)
    assert server.ranges == []
    (tmp_path / NAME).write_bytes(b"x" + CONTENT[1:])
    assert download_weights(url, folder=tmp_path).read_bytes() == CONTENT


def test_the_space_is_looked_at_before(serve, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(StorageError, match="not enough space"):
        download_weights(serve("good")[1], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_systems_proxy_is_used(serve, tmp_path, monkeypatch):
    server, url = serve("good")
    monkeypatch.setenv("http_proxy", url.rpartition("/models/")[0])
    monkeypatch.delenv("no_proxy", raising=False)
    assert download_weights(f"http://nowhere.invalid/{NAME}", folder=tmp_path).is_file()
    assert len(server.ranges) == 1


def test_a_certificate_that_is_not_trusted_is_explained(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise urllib.error.URLError(ssl.SSLCertVerificationError("self-signed certificate"))

    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)
    with pytest.raises(DownloadError, match="certificate") as caught:
        download_weights(f"https://nowhere.invalid/{NAME}", folder=tmp_path)
    assert "mirror" in caught.value.problem.remedy


def test_a_download_is_deleted_whole_or_part(serve):
    path = download_weights(serve("good")[1])
    (path.parent / "other-00000000.pth.part").write_bytes(b"123")
    assert delete_download(NAME)
    assert delete_download("other-00000000.pth")
    assert not delete_download(NAME)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("mood", HOSTILE)
def test_whatever_a_server_does_is_one_sentence_and_nothing_is_kept_as_weights(serve, tmp_path, monkeypatch, mood):
    monkeypatch.setattr(fetching, "SLOW_SECONDS", 0.3)
    monkeypatch.setattr(download, "RETRY_SECONDS", 0.01)
    with pytest.raises(DownloadError) as caught:
        download_weights(serve(mood)[1], folder=tmp_path)
    assert caught.value.problem.meaning
    assert caught.value.problem.sentence().isprintable()
    assert not (tmp_path / NAME).exists()
    part = tmp_path / f"{NAME}.part"
    assert not part.exists() or part.stat().st_size < 100_000, "what is no part of the file is thrown away"


@pytest.mark.parametrize("mood", ["drip", "drip a header", "stall", "deaf"])
def test_a_stop_is_heard_while_a_server_keeps_one_waiting(serve, tmp_path, mood):
    _, url = serve(mood)
    if mood == "deaf":  # connects, as far as the system is concerned, and never says anything
        deaf = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/{NAME}"
    control = Control()
    stop = threading.Timer(0.2, control.request_stop)
    stop.start()
    start = time.monotonic()
    with pytest.raises(StopRequested):
        download_weights(url, Watch(control), folder=tmp_path)
    assert time.monotonic() - start < 1.5
    stop.join()
    if mood == "deaf":
        deaf.close()


def test_a_stop_is_heard_while_another_fetches_the_same_file(serve, tmp_path):
    _, url = serve("drip")
    first, second, begun = Control(), Control(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(download_weights, url, watch_of(lambda *_: begun.set(), first), folder=tmp_path)
        begun.wait()
        waiting = pool.submit(download_weights, url, Watch(second), folder=tmp_path)
        second.request_stop()
        assert isinstance(waiting.exception(), StopRequested)
        first.request_stop()
        assert isinstance(slow.exception(), StopRequested)


@pytest.mark.parametrize(
    "mirror",
    ["school.example/weights", "file:///etc", "ftp://127.0.0.1", "//127.0.0.1", "http://", "http://[::1", "/mnt",
     "http://127.0.0.1:many", "http://127.0.0.1:99999999", "http://127.0.0.1/a b", "http://127.0.0.1/\x00",
     "javascript:x", "http://127.0.0.1/Gewichte-für-alle", "http://\u2028\n"],
)  # fmt: skip
def test_a_mirror_that_is_no_address_is_one_sentence(tmp_path, monkeypatch, mirror):
    monkeypatch.setattr("cnnstudio.networks.weights.store.mirror", lambda: mirror)
    with pytest.raises(DownloadError, match="not a web address"):
        download_weights(f"https://nowhere.invalid/{NAME}", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
