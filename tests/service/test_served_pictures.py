"""Pictures as they come: files, JSON, and what pretends to be one."""

import base64
import io
import json
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.service.contract import Place
from cnnstudio.service.openapi import described
from tests.service.conftest import LABELS, parse, running


def encoded(picture):
    return base64.b64encode(picture).decode()


def test_a_picture_is_answered_best_first_with_what_to_think_of_it(service, picture):
    reply = service.ask(picture)
    assert reply.status == 200
    assert reply.told == {
        "predictions": [
            {"label": label, "confidence": share} for label, share in zip(LABELS, (0.7, 0.2, 0.1), strict=True)
        ],
        "verdict": "unlike",
        "rank": 0.01,
        "threshold": 0.05,
    }
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert service.answered[-1] == ("The picture", len(picture))


def test_programs_written_for_lobe_are_answered(service, picture):
    """POST, JSON with the picture in base64, the project's identifier in the address; a sorted list comes back."""
    head = f"POST /v1/predict/{service.token} HTTP/1.1\r\nHost: localhost:{service.port}\r\n"
    body = json.dumps({"image": encoded(picture)}).encode()
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    told = parse(service.raw(head.encode() + body)).told
    shares = [each["confidence"] for each in told["predictions"]]
    assert shares == sorted(shares, reverse=True)
    assert told["predictions"][0]["label"] == "cat"


@pytest.mark.parametrize(
    "kind",
    ["image/png", "image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain", None],
)
def test_what_a_body_is_says_its_content(service, picture, kind):
    """curl --data-binary calls everything a form."""
    assert service.ask(picture, Content_Type=kind).status == 200
    assert service.ask(json.dumps({"image": encoded(picture)}).encode(), Content_Type=kind).status == 200


def test_base64_is_taken_as_people_write_it(service, picture):
    text = encoded(picture)
    lines = "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    for image in (text, f"data:image/png;base64,{text}", f"DATA:;BASE64,{text}", lines, f" {text}\n"):
        assert service.json({"image": image, "more": [1, 2.5, None, {"a": True}]}).status == 200
    assert service.json(f'{{\n  "image": "{lines}"\n}}'.encode()).status == 200, "as a shell puts it together"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"1", b'"text"', b"{}", b'{"image": 1}', b'{"image": null}', b'{"image": []}',
        b'{"image": ""}', b'{"image": "!!!"}', b'{"image": "abc"}', b'{"image": "/etc/passwd"}',
        b'{"path": "/etc/passwd"}', b'{"image": "http://example.org/a.png"}', b'{"image": "file:///etc/passwd"}',
        b'{"image": "data:image/png,abcd"}', b'{"image": "data:image/png;base64"}',
        b'{"image": "data:image/png;base64,"}', b'{"image": "\xff\xfe"}', b'{"image": "a\x00b="}',
        b'{"image": "\\u0000"}', b'{"image": "\\ud800"}', b"\x00", b"\xff\xfe{\x00}\x00",
        '{"image": "ａｂｃｄ"}'.encode(),
        b'{"image": "QUJD", "image": 1}', b'{"image": NaN}', b"\xef\xbb\xbf{}", b'{"image": "QUJD"} {"image": "QUJD"}',
        b'{"image": "QUJD"', b"{'image': 'QUJD'}", b"[" * 100_000, b'{"a":' * 100_000,
        b'{"image": ' + b"9" * 1_000_000 + b"}", b'{"image": 0.' + b"9" * 1_000_000 + b"}",
        b'{"image": [' + b"[]," * 300_000 + b"[]]}", b'{"image": {' + b'"a":1,' * 300_000 + b'"b":1}}',
        b'{"image": "' + b"\\u0041" * 100_001 + b'"}',
    ],
)  # fmt: skip
def test_json_that_holds_no_picture_is_refused(service, body):
    asked = len(service.answered)
    reply = service.json(body)
    assert reply.status == 400
    assert reply.told["error"].endswith((".", "URI."))
    assert len(service.answered) == asked


def test_nothing_is_400_and_a_form_is_415(service, picture):
    assert service.ask(b"").status == 400
    assert service.ask(b" \n\t ").status == 400
    form = b"--x\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\n" + picture + b"\r\n--x--\r\n"
    reply = service.ask(form, Content_Type="multipart/form-data; boundary=x")
    assert reply.status == 415
    assert "form" in reply.told["error"]


def bomb(side=30_000):
    """A PNG of 900 megapixels, without most of its rows, since nobody is to unpack them."""
    rows = zlib.compress(bytes(((side + 7) // 8 + 1) * 100))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_size(service):
    content = bomb()
    for reply in (service.ask(content), service.json({"image": encoded(content)})):
        assert reply.status == 422
        assert "900 megapixels" in reply.told["error"]


def test_what_is_no_picture_is_said_in_a_sentence_without_a_path(service, picture):
    thin = io.BytesIO()
    Image.fromarray(np.zeros((1, 4000, 3), np.uint8)).save(thin, "PNG")
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    for content in (
        b"hello",
        picture[:-200],
        picture[:60],
        thin.getvalue(),
        eps,
        b"%PDF-1.7 x",
        b"\0" * 5000,
        b"GIF89a",
    ):
        reply = service.ask(content)
        assert reply.status == 422
        assert reply.told["error"].startswith("The picture could not be read: ")
        assert "/" not in reply.told["error"].replace("JPEG/PNG", "")


def test_top_is_a_number_of_classes(service, picture):
    for top, expected in (("1", 1), ("2", 2), ("999", 3)):
        assert len(service.ask(picture, f"POST /v1/predict?top={top}").told["predictions"]) == expected
    for query in (
        "top=0", "top=-1", "top=x", "top=", "top", "top=1&top=2", "k=1", "top=1&k=2", "=", "&", "top=1.5", "top=%00",
        "top=%D9%A1", "top=" + "9" * 50, "&".join(f"a{n}=1" for n in range(50)), "%ff=1",
    ):  # fmt: skip
        assert service.ask(picture, f"POST /v1/predict?{query}").status == 400, query
    assert service.ask(picture, "POST /v1/predict?").status == 200
    assert service.ask(line="GET /v1/health?t=17").status == 200


def test_labels_health_and_the_document(service):
    assert service.ask(line="GET /v1/health", token="").told == {"status": "ok"}
    assert service.ask(line="GET /v1/labels").told == {"network": "a run", "labels": list(LABELS)}
    document = service.ask(line="GET /v1/openapi.json", token="").told
    assert document["servers"] == [{"url": f"http://127.0.0.1:{service.port}"}]
    assert set(document["paths"]) == {
        "/v1/predict", "/v1/predict/{token}", "/v1/health", "/v1/labels", "/v1/openapi.json",
    }  # fmt: skip
    assert service.token not in json.dumps(document)
    assert "verdict" in document["components"]["schemas"]["Answer"]["properties"]


def test_a_network_that_does_not_judge_says_nothing_of_it(picture):
    with running(predict=lambda path, top: Prediction(path=path, top=(ClassScore("a", 1.0),))) as client:
        assert client.ask(picture).told == {"predictions": [{"label": "a", "confidence": 1.0}]}
    assert "verdict" not in described(Place(), judged=False)["components"]["schemas"]["Answer"]["properties"]


def test_no_picture_is_kept_and_none_is_logged(picture, caplog, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail(path, top):
        raise RuntimeError(f"oops at {path}")

    with caplog.at_level("DEBUG"), running(predict=fail) as client:
        (folder,) = tmp_path.iterdir()
        assert sys.platform == "win32" or folder.stat().st_mode & 0o077 == 0
        reply = client.ask(picture)
        assert list(folder.iterdir()) == []
    assert reply.status == 500
    assert "oops" not in reply.told["error"]
    assert str(tmp_path) not in reply.told["error"]
    assert list(tmp_path.iterdir()) == []
    assert encoded(picture)[:20] not in caplog.text
    assert client.token not in caplog.text


def test_too_little_memory_is_a_sentence_and_the_next_picture_is_answered(picture):
    answers = iter([MemoryError(), Prediction(path=None, top=())])

    def predict(_path, _top):
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    with running(predict=predict) as client:
        assert client.ask(picture).status == 503
        assert client.ask(picture).status == 200
    assert (client.served.answered, client.served.refused) == (1, 1)
