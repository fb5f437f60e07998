"""Looking for a newer version, against a server of our own: one request that says nothing, and silence otherwise."""

import http.server
import json
import sys
import threading
import time
from pathlib import Path

import pytest

from cnnstudio import __version__
from cnnstudio.core import Control, StopRequested, Watch
from cnnstudio.jobs import run_inline, specs, updating
from cnnstudio.jobs.specs.updates import UpdatePolicy

NEWER = "99.1.2"


class Server(http.server.ThreadingHTTPServer):
    """Keeps what it was asked, and answers what a test says."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.answer, self.let_go = [], (200, json.dumps({"version": NEWER})), threading.Event()
        self.let_go.set()
        self.address = f"http://127.0.0.1:{self.server_port}/newest"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.server.let_go.wait(10)
        status, content = self.server.answer
        self.send_response(status)
        if status == 302:
            self.send_header("Location", content)
        self.send_header("Set-Cookie", "who=you")
        self.end_headers()
        self.wfile.write(content.encode() if isinstance(content, str) else content)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def one_server():
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(one_server, monkeypatch, tmp_path):
    one_server.asked, one_server.answer = [], (200, json.dumps({"version": NEWER}))
    one_server.let_go.set()
    monkeypatch.setenv(updating.MIRROR, one_server.address)
    monkeypatch.delenv(updating.OFF, raising=False)
    monkeypatch.setattr(updating, "policy_file", lambda: tmp_path / "policy.toml")
    monkeypatch.setenv("no_proxy", "*")
    return one_server


def look():
    return run_inline(specs.LookForUpdate())


def test_one_request_that_says_nothing_of_who_asks(server):
    found = look()
    assert found.version == NEWER
    assert look() == found
    paths, headers = zip(*server.asked, strict=True)
    assert paths == ("/newest", "/newest")
    assert headers[0] == headers[1], "no cookie comes back"
    assert set(headers[0]) == {"host", "user-agent", "accept-encoding", "connection"}
    assert headers[0]["user-agent"] == f"cnnstudio/{__version__}"


@pytest.mark.parametrize("content", [{"version": __version__}, {"version": "0.0.9"}, {"info": {"version": "0.1"}}])
def test_the_same_or_an_older_version_is_no_news(server, content):
    server.answer = (200, json.dumps(content))
    assert look() is None
    assert len(server.asked) == 1


def test_an_index_of_packages_is_understood(server):
    server.answer = (200, json.dumps({"info": {"version": "1.10", "author": "x"}, "releases": {}}))
    assert look().version == "1.10"


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, ""), (200, "<html>"), (200, "[]"), (200, "{}"), (200, "null"), (200, '{"version": 2}'),
        (200, '{"version": "latest; rm -rf"}'), (200, '{"version": "2.0rc1"}'), (200, b"\xff\xfe"), (200, "[" * 5000),
        (404, ""), (500, ""), (302, "file:///etc/passwd"),
    ],
)  # fmt: skip
def test_nonsense_is_silent(server, status, content):
    server.answer = (status, content)
    assert look() is None


def test_a_flood_is_not_taken(server, monkeypatch):
    monkeypatch.setattr(updating, "_MOST", 1000)
    server.answer = (200, json.dumps({"version": NEWER, "x": "y" * 2000}))
    assert look() is None


def test_nobody_there_is_silent(server, monkeypatch):
    monkeypatch.setenv(updating.MIRROR, "http://127.0.0.1:9/newest")
    assert look() is None


def test_a_server_that_is_slow_is_left_and_a_stop_is_heard(server, monkeypatch):
    server.let_go.clear()
    monkeypatch.setattr(updating, "_SECONDS", 0.3)
    since = time.monotonic()
    assert look() is None
    assert time.monotonic() - since < 3
    monkeypatch.setattr(updating, "_SECONDS", 60)
    control = Control()
    threading.Timer(0.2, control.request_stop).start()
    with pytest.raises(StopRequested):
        run_inline(specs.LookForUpdate(), Watch(control))


@pytest.mark.parametrize("how", ["environment", "policy", "damaged", "unknown", "no address"])
def test_where_it_is_switched_off_nobody_is_asked(server, monkeypatch, tmp_path, how):
    if how == "environment":
        monkeypatch.setenv(updating.OFF, "1")
    elif how == "no address":
        monkeypatch.setenv(updating.MIRROR, "newest.example")
    else:
        text = {"policy": "updates = false", "damaged": "updates = ", "unknown": "update = false"}[how]
        (tmp_path / "policy.toml").write_text(text)
    assert look() is None
    assert server.asked == []
    policy = run_inline(specs.LookAtUpdatePolicy())
    assert policy.why_not
    assert not policy.address


def test_where_versions_are_announced_nowhere_there_is_nobody_to_ask_and_nothing_to_say(server, monkeypatch):
    monkeypatch.delenv(updating.MIRROR)
    assert run_inline(specs.LookAtUpdatePolicy()) == UpdatePolicy()
    assert look() is None


def test_a_policy_names_a_server_of_the_school(server, monkeypatch, tmp_path):
    monkeypatch.delenv(updating.MIRROR)
    (tmp_path / "policy.toml").write_text(f'update_address = "{server.address}"\n')
    assert look().version == NEWER


@pytest.mark.parametrize(
    ("there", "line"),
    [
        ("uv-receipt.toml", "uv tool upgrade cnnstudio"),
        ("pipx_metadata.json", "pipx upgrade cnnstudio"),
        ("", "pip install"),
    ],
)
def test_the_line_is_that_of_this_installation(monkeypatch, tmp_path, there, line):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    if there:
        Path(tmp_path, there).touch()
    assert line in updating.how_to_update()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "new bundle" in updating.how_to_update()
