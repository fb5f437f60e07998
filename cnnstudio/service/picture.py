"""The picture in a request's body: the file itself, or JSON that holds it."""

import base64
import binascii
import json
from pathlib import Path

from cnnstudio.service.request import Refused, Request

NAME = "The picture"
"""Of the file, since sentences about it name it."""
_MOST_PARTS = 1000
"""Of JSON that holds a picture: millions would take far more memory than the text has."""
_NO_IMAGE = 'JSON has to be an object whose "image" is the picture in base64, or a data URI.'


def unpack(body: Path, request: Request) -> Path:
    """The file of the picture, beside ``body``, which is gone.

    What a body is says its beginning, whatever its Content-Type: many programs send one that is not true.

    Raises:
        Refused: there is none in it.
    """
    if request.header("content-type").lower().startswith("multipart/"):
        raise Refused(415, "Send the picture itself as the body of the request, not as part of a form.")
    picture = body.with_name(NAME)
    with body.open("rb") as file:
        start = file.read(64).lstrip(b" \t\r\n")
    is_json = request.header("content-type").partition(";")[0].strip().lower() == "application/json"
    if not is_json and not start.startswith(b"{"):
        if not start:
            raise Refused(400, "The request holds no picture.")
        return body.rename(picture)
    content = _from_json(body.read_bytes())
    body.unlink()
    picture.write_bytes(content)
    return picture


def _from_json(body: bytes) -> bytes:
    if sum(body.count(mark) for mark in (b",", b"[", b"{", b":")) > _MOST_PARTS:
        raise Refused(400, f"JSON holds more than a picture. {_NO_IMAGE}")
    try:
        # Not strict: shells put base64 into JSON with its line breaks.
        told = json.loads(body, strict=False, parse_int=_nothing, parse_float=_nothing, parse_constant=_nothing)
    except (ValueError, RecursionError):  # not UTF-8 is a ValueError, too
        raise Refused(400, f"The body is not JSON. {_NO_IMAGE}") from None
    del body
    image = told.get("image") if isinstance(told, dict) else None
    if not isinstance(image, str):
        raise Refused(400, _NO_IMAGE)
    if image[:5].lower() == "data:":
        kind, comma, image = image.partition(",")
        if not comma or not kind.lower().endswith(";base64"):
            raise Refused(400, "A data URI has to be in base64.")
    try:
        content = base64.b64decode("".join(image.split()), validate=True)
    except (ValueError, binascii.Error):
        raise Refused(400, '"image" is not base64.') from None
    if not content:
        raise Refused(400, "The request holds no picture.")
    return content


def _nothing(_text: str) -> None:
    """Numbers are not looked at: one of a million digits would take its time."""
