"""Slow, silent and many: nobody holds up the others, and a stop ends it all."""

import socket
import threading
import time
from contextlib import ExitStack

import pytest

from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.service.contract import Limits, Place, Served, ServiceError
from cnnstudio.service.server import listen, serve
from tests.service.conftest import HASTY, parse, received, running


@pytest.fixture(scope="module")
def hasty():
    """With little patience."""
    with running(HASTY) as client:
        yield client


def test_the_limits_are_those_that_were_promised():
    limits = Limits()
    assert (limits.body, limits.patience_s, limits.at_once) == (64_000_000, 10.0, 16)


def test_two_hundred_silent_connections_hold_up_nobody(service, picture):
    with ExitStack() as opened:
        for _ in range(200):
            opened.enter_context(service.connect())
        start = time.monotonic()
        assert service.ask(picture).status == 200
        assert time.monotonic() - start < 5, "10 s are promised"
        for number in range(70):
            connection = opened.enter_context(service.connect())
            connection.sendall(b"POST /v1/predict HT" if number % 2 else b"P")
        assert service.ask(picture).status == 200


def test_headers_have_to_come_in_time_however_small_the_pieces(hasty):
    start = time.monotonic()
    with hasty.connect() as connection:
        connection.settimeout(0.05)
        came = b""
        for byte in hasty.head("GET /v1/health", X="a" * 500):
            try:
                connection.sendall(bytes([byte]))
                came += connection.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                break
            if came:
                break
    assert parse(came).status == 408
    assert time.monotonic() - start < 5


def test_silence_is_answered_with_the_end(hasty):
    assert parse(hasty.raw(b"")).status == 408
    assert parse(hasty.raw(b"GET /v1/health HTTP/1.1\r\n")).status == 408


def test_a_body_has_to_come_in_time(hasty):
    start = time.monotonic()
    assert parse(hasty.raw(hasty.head(Content_Length="1000"))).status == 408
    with hasty.connect() as connection:
        connection.sendall(hasty.head(Content_Length="60000000"))
        connection.settimeout(0.01)
        came = b""
        while not came:
            connection.sendall(b"x" * 10)
            try:
                came = connection.recv(1000)
            except TimeoutError:
                continue
    assert parse(came).status == 408
    assert time.monotonic() - start < 5


def test_a_slow_but_steady_picture_is_taken(hasty, picture):
    """Longer than the patience, faster than the slowest."""
    with hasty.connect() as connection:
        whole = picture + bytes(30_000)
        connection.sendall(hasty.head(Content_Length=len(whole)))
        for start in range(0, len(whole), 3000):
            connection.sendall(whole[start : start + 3000])
            threading.Event().wait(0.02)
        assert parse(received(connection)).status == 200


def test_who_does_not_take_the_answer_is_left():
    labels = [ClassScore("x" * 1000, 0.0)] * 10_000
    limits = Limits(patience_s=0.1, slowest=10**9)
    with running(limits, predict=lambda path, _: Prediction(path=path, top=tuple(labels))) as client:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", client.port))
            connection.sendall(client.head(Content_Length="1") + b"x")
            connection.settimeout(5)
            connection.recv(1)  # the answer has begun
            threading.Event().wait(0.4)
            assert len(received(connection)) < 10_000_000
        assert client.ask(line="GET /v1/health").status == 200


def test_one_prediction_at_a_time_and_sixteen_requests(picture):
    at_once, most, go = [], [], threading.Event()

    def predict(path, _top):
        at_once.append(path)
        most.append(len(at_once))
        assert go.wait(20)
        at_once.remove(path)
        return Prediction(path=path, top=(ClassScore("a", 1.0),))

    with running(predict=predict) as client, ExitStack() as opened:
        waiting = []
        for _ in range(16):
            connection = opened.enter_context(client.connect())
            connection.sendall(client.head(Content_Length=len(picture)) + picture)
            waiting.append(connection)
        deadline = time.monotonic() + 10
        while (reply := client.ask(line="GET /v1/health")).status == 200 and time.monotonic() < deadline:
            continue  # until all sixteen were heard
        assert reply.status == 503
        assert reply.headers["Retry-After"] == "1"
        assert "in a moment" in reply.told["error"]
        go.set()
        assert [parse(received(connection)).status for connection in waiting] == [200] * 16
        assert client.ask(picture).status == 200
        assert set(most) == {1}
    assert client.served.answered == 17


def test_who_asks_hears_of_what_was_served(picture):
    with running() as client:
        client.ask(picture)
        client.ask(picture, token="no")
        deadline = time.monotonic() + 5
        while client.events[-1] != Served(answered=1, refused=1) and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        assert client.events[-1] == Served(answered=1, refused=1)
    assert client.served == Served(answered=1, refused=1)


def test_a_stop_ends_whoever_is_there_and_frees_the_port(picture):
    go = threading.Event()

    def predict(path, _top):
        go.wait(20)
        return Prediction(path=path, top=())

    with running(predict=predict) as client, ExitStack() as opened:
        silent = [opened.enter_context(client.connect()) for _ in range(20)]
        for _ in range(3):
            asking = opened.enter_context(client.connect())
            asking.sendall(client.head(Content_Length=len(picture)) + picture)
        half = opened.enter_context(client.connect())
        half.sendall(client.head(Content_Length="1000") + b"abc")
        client.watch.control.request_stop()
        for connection in (*silent, asking, half):
            assert received(connection) == b""
    go.set()
    with listen(client.port):
        pass


def test_a_port_in_use_is_a_sentence(service):
    place = Place(port=service.port)
    with pytest.raises(ServiceError, match=rf"Port {service.port} is in use\. .*choose another port"):
        serve(None, place, None)
    with pytest.raises(ServiceError, match="no port 70000"):
        listen(70_000)
