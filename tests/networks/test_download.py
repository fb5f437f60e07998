import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import DownloadError
from cnnstudio.networks import download
from cnnstudio.networks.download import download_weights

CONTENT = bytes(range(256)) * 4000
NAME = f"net-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


class Server(ThreadingHTTPServer):
    """Plays a weights server in several moods."""

    def __init__(self, mood):
        self.mood = mood
        self.ranges = []
        super().__init__(("127.0.0.1", 0), Handler)


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
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and mood != "no-range" else 0
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if mood == "wrong":
            body = b"x" * len(body)
        if mood == "cut":
            body = body[: len(body) // 2]
            self.server.mood = "good"
        if mood == "stall":
            self.wfile.write(body[:1000])
            self.wfile.flush()
            self.server.released.wait(20)
            return
        self.wfile.write(body)
        if mood == "cut":
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
    path = download_weights(
        serve("good")[1], folder=tmp_path, progress=lambda done, total, _: seen.append((done, total))
    )
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [p.name for p in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("then", ["good", "no-range"])
def test_a_cut_off_download_goes_on_from_there(serve, tmp_path, then):
    server, url = serve("cut")
    with pytest.raises(DownloadError, match="cut off"):
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
    monkeypatch.setattr(download, "STALL_SECONDS", 0.3)
    with pytest.raises(DownloadError, match="Nothing came"):
        download_weights(serve("stall")[1], folder=tmp_path)


def test_offline_is_one_clear_sentence(tmp_path):
    with pytest.raises(DownloadError, match="not on this computer and could not be downloaded") as caught:
        download_weights(f"http://127.0.0.1:9/{NAME}", folder=tmp_path)
    assert "weights file you have" in caught.value.problem.remedy


def test_a_stop_keeps_the_part(serve, tmp_path):
    control = Control()
    with pytest.raises(StopRequested):
        download_weights(serve("good")[1], folder=tmp_path, control=control, progress=lambda *_: control.request_stop())
    assert [p.name for p in tmp_path.iterdir()] == [f"{NAME}.part"]


def test_a_mirror_replaces_the_address(serve, tmp_path, monkeypatch):
    _, url = serve("good")
    monkeypatch.setenv("CNNSTUDIO_WEIGHTS_MIRROR", url.rpartition("/")[0])
    assert download_weights(f"https://nowhere.invalid/{NAME}", folder=tmp_path).is_file()
