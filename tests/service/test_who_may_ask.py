"""The gate: this computer, the right Host, no page that nobody named, the token."""

import socket

import pytest

from cnnstudio.service.contract import ServiceError, new_token, origin_of, token_of
from tests.service.conftest import parse, running


def test_only_this_computer_is_listened_to(service):
    with pytest.raises(OSError):  # noqa: PT011 - each system has words of its own
        socket.create_connection(("127.0.0.2", service.port), timeout=5)


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LocalHost:{}", "[::1]:{}"])
def test_the_names_of_this_computer_are_answered(service, picture, host):
    assert service.ask(picture, host=host.format(service.port)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "127.0.0.1", "localhost", "127.0.0.1:{}0", "127.0.0.1:1", "evil.example:{}", "127.0.0.1.evil.example:{}",
        "evil.example", "127.0.0.1:{}, evil.example", "user@127.0.0.1:{}", "0.0.0.0:{}", "127.1:{}", "[::]:{}",
        "localhost.:{}", " ", "127.0.0.1:{}/", "2130706433:{}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("line", ["GET /v1/health", "POST /v1/predict"])
def test_a_request_for_another_name_is_refused(service, host, line):
    """A page that gives its own name our address (DNS rebinding) still sends its own name."""
    reply = service.ask(b"x", line, host=host.format(service.port))
    assert reply.status == 421
    assert str(service.port) in reply.told["error"]


def test_a_request_without_a_host_is_refused(service):
    for version in ("1.0", "1.1"):
        assert parse(service.raw(f"GET /v1/health HTTP/{version}\r\n\r\n".encode())).status == 421


def test_of_two_hosts_none_is_believed(service):
    head = service.head("GET /v1/health").replace(b"\r\n\r\n", b"\r\nhOST: evil.example\r\n\r\n")
    assert parse(service.raw(head)).status == 400


@pytest.mark.parametrize(
    "origin",
    ["null", "http://evil.example", "http://localhost:3001", "https://localhost:3000", "http://127.0.0.1:{}", "", "*",
     "http://localhost:3000.evil.example", "HTTP://LOCALHOST:3000", "http://localhost:3000/"],
)  # fmt: skip
@pytest.mark.parametrize("line", ["GET /v1/health", "POST /v1/predict", "OPTIONS /v1/predict"])
def test_pages_that_nobody_named_are_refused(service, picture, origin, line):
    reply = service.ask(picture, line, Origin=origin.format(service.port))
    assert reply.status == 403
    assert not any(name.lower().startswith("access-control") for name in reply.headers)


def test_what_a_page_sends_without_an_origin_is_refused_too(service):
    """As an <img> does."""
    assert service.ask(line="GET /v1/health", Sec_Fetch_Site="cross-site").status == 403
    assert service.ask(line="GET /v1/health", Sec_Fetch_Site="none").status == 200


def test_a_named_page_may_ask_and_read_its_answer(service, picture):
    for reply in (
        service.ask(picture, Origin="http://localhost:3000"),
        service.ask(b"x", Origin="http://localhost:3000"),
    ):
        assert reply.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert reply.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in reply.headers
    assert service.ask(picture, Origin="http://localhost:3000", token="wrong").status == 401
    asked = {"Origin": "http://localhost:3000", "Access_Control_Request_Private_Network": "true"}
    before = service.ask(line="OPTIONS /v1/predict", token="", **asked)
    assert before.status == 204
    assert before.body == b""
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    assert before.headers["Access-Control-Allow-Private-Network"] == "true"


def test_programs_get_no_cors_headers(service, picture):
    for line in ("GET /v1/health", "POST /v1/predict", "OPTIONS /v1/predict"):
        reply = service.ask(picture, line)
        assert not any(name.lower().startswith("access-control") for name in reply.headers)


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/predict/", "/v1/predict/wrong", "/v1/labels"])
def test_without_the_token_nothing_is_told(service, picture, path):
    line = f"{'GET' if path.endswith('labels') else 'POST'} {path}"
    tokens = ("", "wrong", service.token[:-1], service.token + "x", service.token.swapcase(), "\xff\xfe", "a" * 9000)
    for token in tokens:
        reply = service.ask(picture, line, token=token)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        assert service.token.encode() not in reply.body
    assert parse(service.raw(service.head(line).replace(b"Bearer", b"Basic"))).status == 401


def test_the_token_is_as_good_in_the_address_and_whatever_the_case_of_bearer(service, picture):
    assert service.ask(picture, f"POST /v1/predict/{service.token}", token="wrong").status == 401, "two are given"
    head = service.head(f"POST /v1/predict/{service.token}", Content_Length=len(picture), token="")
    assert parse(service.raw(head.replace(b"Authorization: Bearer \r\n", b"") + picture)).status == 200
    assert parse(service.raw(service.head("GET /v1/labels").replace(b"Bearer", b"bearer"))).status == 200


def test_tokens_are_compared_in_constant_time(service, monkeypatch):
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: compared.append((one, other)) or one == other)
    service.ask(line="GET /v1/labels", token="no")
    assert compared == [(b"no", service.token.encode())]


def test_a_token_has_192_bits_and_is_another_each_time(service):
    tokens = {new_token() for _ in range(50)} | {service.token}
    assert len(tokens) == 51
    assert {len(token) for token in tokens} == {32}


def test_a_persons_own_token_is_used_where_it_cannot_be_guessed(picture):
    with running(token="my-own_token-0123456789") as client:
        assert client.token == "my-own_token-0123456789"
        assert client.ask(picture).status == 200
    for text in (
        "short",
        "fifteen_letters",
        "with blanks in between",
        "ümläuts-in-a-token",
        "slashes/in/a/token/",
        "x" * 201,
    ):
        with pytest.raises(ServiceError, match="16 to 200"):
            token_of(text)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://localhost:3000", "http://localhost:3000"), ("http://localhost:3000/", "http://localhost:3000"),
        ("HTTPS://Example.org:443", "https://example.org"), ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://example.org:80", "http://example.org"),
    ],
)  # fmt: skip
def test_an_origin_is_written_as_browsers_send_it(text, origin):
    assert origin_of(text) == origin


@pytest.mark.parametrize(
    "text",
    ["*", "null", "", "localhost:3000", "http://", "file:///home", "http://a.b/page", "http://*.example.org",
     "http://user@host", "http://host:99999", "http://host?x", "http://[::1", "http://hös.de", "javascript://x"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ServiceError, match="not the address of a web page"):
        origin_of(text)
