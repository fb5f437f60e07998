"""Thousands of damaged requests, and the service's own document held against it; neither ends it or makes it wait."""

import random
import shutil
import socket
import struct
import subprocess
import time

import pytest

from tests.service.conftest import received, running

PIECES = (
    b"\r\n", b"\0", b"\n", b"\r", b" ", b":", b"\xff\xfe", b"A" * 2000, b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n",
)  # fmt: skip


def damaged(whole, rng):
    """Most of it in the headers."""
    content = bytearray(whole)
    for _ in range(rng.choice((0, 1, 1, 2, 5, 20))):
        place = rng.randrange(max(1, content.find(b"\r\n\r\n") + 4 if rng.random() < 0.7 else len(content)))
        kind = rng.random()
        if kind < 0.4:
            content[place : place + 1] = bytes([rng.randrange(256)])
        elif kind < 0.6:
            del content[place : place + rng.randrange(1, 20)]
        elif kind < 0.8:
            content[place:place] = rng.choice(PIECES)
        else:
            del content[place:]
    return bytes(content)


@pytest.mark.parametrize("count", [200, pytest.param(5000, marks=pytest.mark.slow)])
def test_damaged_requests_get_one_answer_at_most_and_none_is_an_error_of_ours(service, picture, count):
    rng, slowest = random.Random(count), 0.0
    whole = (service.head("GET /v1/labels"), service.head(Content_Length=len(picture)) + picture)
    for _ in range(count):
        start = time.monotonic()
        with service.connect() as connection:
            content = damaged(rng.choice(whole), rng)
            if rng.random() < 0.1:  # hangs up at once
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(content)
            if rng.random() < 0.2:
                continue
            connection.shutdown(socket.SHUT_WR)
            came = received(connection)
        statuses = [part[:3] for part in came.split(b"\r\n\r\n") for part in [part.partition(b"HTTP/1.1 ")[2]] if part]
        assert [status for status in statuses if status.isdigit() and status != b"100"][1:] == [], content
        assert not any(status.startswith(b"5") for status in statuses), content
        slowest = max(slowest, time.monotonic() - start)
    assert slowest < 5
    assert service.ask(picture).status == 200


@pytest.mark.slow
def test_its_own_document_is_true(tmp_path):
    """schemathesis asks for whatever the document allows and forbids, for a minute."""
    program = shutil.which("schemathesis")
    if program is None:
        pytest.skip("needs schemathesis: pip install schemathesis")
    with running(token="schemathesis-0123") as client:
        done = subprocess.run(
            [
                program, "run", f"http://127.0.0.1:{client.port}/v1/openapi.json", "--max-time", "60",
                "--request-timeout", "15", "-H", "Authorization: Bearer schemathesis-0123",
                "--exclude-checks", "positive_data_acceptance",  # no schema says which bytes are a picture
            ],
            capture_output=True, text=True, timeout=200, cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
