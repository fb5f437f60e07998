"""Requests as strangers write them: what could be read in two ways is refused, and nothing breaks."""

import json
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.service.request import Refused, parsed
from tests.service.conftest import parse

GOOD = b"POST /v1/predict?top=1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Length: 3\r\n\r\n"


# Length and body ----------------------------------------------------------------------------------------------


def test_the_length_has_to_be_known_and_bounded(service):
    assert parse(service.raw(service.head())).status == 411
    for said, status in (
        ("64000001", 413), ("999999999999999999", 413), ("1" * 19, 400), ("-1", 400), ("+1", 400), ("1e3", 400),
        ("0x10", 400), ("1_0", 400), ("1, 1", 400), ("١", 400), ("", 411), ("1 1", 400),
    ):  # fmt: skip
        head = service.head(Content_Length="?").replace(b"?", said.encode("utf-8"))
        assert parse(service.raw(head)).status == status, said


def test_chunks_are_refused_before_any_is_read(service):
    chunks = b"5\r\nhello\r\n0\r\n\r\n"
    for kind in ("chunked", "Chunked", "gzip, chunked", "identity", "x"):
        assert parse(service.raw(service.head(Transfer_Encoding=kind) + chunks)).status == 411
    assert parse(service.raw(service.head(Transfer_Encoding="chunked", Content_Length="5") + chunks)).status == 400


def test_no_second_request_hides_behind_the_first(service, picture):
    """Neither pipelined nor smuggled in a body: a connection has one request."""
    second = service.head("GET /v1/labels")
    asked = len(service.answered)
    for first in (
        service.head("GET /v1/health") + second,
        service.head(Content_Length=len(picture)) + picture + second,
        service.head("GET /v1/health", Content_Length=len(second)) + second,
        service.head(Content_Length="0") + second,
        service.head(Transfer_Encoding="chunked") + b"0\r\n\r\n" + second,
        service.head("GET /v1/health", Transfer_Encoding="chunked") + b"0\r\n\r\n" + second,
    ):
        came = service.raw(first)
        assert came.count(b"HTTP/1.1 ") == 1
        assert parse(came).headers["Connection"] == "close"
        assert b"labels" not in came
    assert len(service.answered) == asked + 1


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 3\r\nContent-Length: 3", b"Content-Length: 3\r\ncontent-length: 30", b"Content-Length : 3",
        b"Content-Length:\x0b3", b" Content-Length: 3", b"X: a\r\n folded", b"X\x00Y: 1", b"X: a\x00b", b"X: a\rb",
        b"X: a\nContent-Length: 3", b": empty", b"no colon", b"X(): 1", b"\xff: 1", b"X:\x7f",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Authorization: Bearer other",
    ],
)  # fmt: skip
def test_headers_that_could_be_read_in_two_ways_are_refused(service, header):
    head = service.head().removesuffix(b"\r\n") + header + b"\r\n\r\n"
    assert parse(service.raw(head + b"abc", half_close=True)).status == 400


@pytest.mark.parametrize(
    "first",
    [
        b"", b"GET", b"GET /v1/health", b"GET  /v1/health HTTP/1.1", b"GET /v1/health HTTP/1.1 ",
        b"get /v1/health HTTP/1.1", b"GET /v1/health HTTP/0.9", b"GET /v1/health HTTP/2.0",
        b"GET /v1/health HTTP/1.10", b"GET /v1/health http/1.1", b"GET http://127.0.0.1/v1/health HTTP/1.1",
        b"GET * HTTP/1.1", b"CONNECT evil.example:443 HTTP/1.1", b"GET /v1/health\x00 HTTP/1.1",
        b"GET /v1/\xc3\xa4 HTTP/1.1", b"PRI * HTTP/2.0", b"\x16\x03\x01\x02\x00\x01\x00", b"GET\t/v1/health\tHTTP/1.1",
        b"G\xc3\x8bT / HTTP/1.1", b"GET /v1/health HTTP/1.1\nHost: evil.example", b"\r\n\r\nGET / HTTP/1.1",
    ],
)  # fmt: skip
def test_other_protocols_and_odd_request_lines_are_refused(service, first):
    host = f"\r\nHost: 127.0.0.1:{service.port}\r\n\r\n".encode()
    assert parse(service.raw(first + host, half_close=True)).status == 400


def test_http_1_0_is_answered(service, picture):
    assert service.ask(picture, version="1.0").status == 200
    assert service.ask(line="GET /v1/health", version="1.0").status == 200


def test_long_headers_are_refused(service):
    assert service.ask(line="GET /v1/health", X="a" * 9000).status == 200
    assert service.ask(line="GET /v1/health", X="a" * 20_000).status == 431
    assert service.ask(line=f"GET /v1/{'a' * 20_000}").status == 431
    assert service.ask(line="GET /v1/health", **{f"X{number}": "1" for number in range(200)}).status == 431
    assert parse(service.raw(b"a" * 3_000_000)).status == 431


def test_who_stops_talking_in_the_middle_is_told_so(service, picture):
    for whole in (service.head(), service.head(Content_Length=len(picture)) + picture):
        for part in (10, len(whole) - 1):
            reply = parse(service.raw(whole[:part], half_close=True))
            assert reply.status == 400
            assert "ended" in reply.told["error"]
    assert service.raw(b"", half_close=True) == b""


def test_half_closed_connections_get_their_answer(service, picture):
    head = service.head(Content_Length=len(picture))
    assert parse(service.raw(head + picture, half_close=True)).status == 200


def test_a_request_in_pieces_is_one(service, picture):
    whole = service.head(Content_Length=len(picture)) + picture
    pieces = [whole[start : start + 97] for start in range(0, len(whole), 97)]
    assert parse(service.raw(*pieces)).status == 200


def test_the_body_is_waited_for_only_where_it_would_be_taken(service, picture):
    with service.connect() as connection:
        connection.sendall(service.head(Content_Length=len(picture), Expect="100-Continue"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(picture)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    for asked, status in (
        ({"Content_Length": "99999999"}, 413), ({"Content_Length": "9", "token": "no"}, 401), ({}, 411),
        ({"Content_Length": "9", "host": "evil"}, 421), ({"Content_Length": "9", "Origin": "null"}, 403),
    ):  # fmt: skip
        came = service.raw(service.head(Expect="100-continue", **asked))
        assert parse(came).status == status, "and not first 100"
    assert service.ask(picture, Expect="a miracle").status == 417


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/", "/v1/health/", "/v1//health", "/v1/../v1/health", "/etc/passwd", "/../../etc/passwd", "//",
     "/v1/%68ealth", "/v1/predict%00", "/favicon.ico", "/.git/config", "/v1/health;x", "/v2/predict"],
)  # fmt: skip
def test_there_is_nothing_else(service, path):
    for method in ("GET", "POST", "DELETE"):
        assert service.ask(b"x", f"{method} {path}").status in (404, 401 if "predict" in path else 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "HEAD", "CONNECT", "OPTIONS", "BREW"])
def test_other_methods_are_refused(service, picture, method):
    reply = service.ask(b"", f"{method} /v1/predict")
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    if method not in ("GET", "HEAD"):
        assert service.ask(b"", f"{method} /v1/health").headers["Allow"] == "GET, HEAD"


def test_head_gives_headers_only(service):
    for path, status in (("/v1/health", 200), ("/v1/labels", 200), ("/v1/nothing", 404), ("/v1/predict", 405)):
        came = service.raw(service.head(f"HEAD {path}"))
        assert came.startswith(f"HTTP/1.1 {status} ".encode())
        assert came.endswith(b"\r\n\r\n")
        assert re.search(rb"Content-Length: [1-9]", came)


# The parser alone ---------------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(content):
    with pytest.raises(Refused):
        parsed(content + b"\r\n\r\n")


@given(st.integers(0, len(GOOD) - 5), st.binary(min_size=1, max_size=3))
def test_a_damaged_request_is_refused_or_says_what_it_said(place, content):
    damaged = GOOD[:place] + content + GOOD[place + 1 : -4] + b"\r\n\r\n"
    try:
        request = parsed(damaged)
    except Refused:
        return
    assert set(request.method) <= set(string.ascii_uppercase)
    said = request.path + request.query + "".join(request.headers) + "".join(request.headers.values())
    assert not re.search(r"[\r\n\0]", said)
    json.dumps(said)
