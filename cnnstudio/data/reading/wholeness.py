"""Whether a picture was decoded from all of its file: decoders fill what is missing, and say so to nobody.

A JPEG whose data ends early is grey from there on. Grey is also a colour, so a suspicion is proved: bytes that are put
behind the data of a whole picture change nothing, since it needs no more; behind data that ends early they do.
"""

import re
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

import numpy as np
from PIL import Image

from cnnstudio.data import heif

LOWER_PART = "its lower part is missing"
HOLE = "part of its content was overwritten with zeros"
CHECKSUM = "a checksum in it does not match, so part of its content has changed"
_GREY = frozenset({127, 128})
"""Of what a JPEG's decoder fills in, in any of its colour spaces."""
_NEARLY_GREY = frozenset(range(116, 140))
"""Of the same where colours beside it bleed into it, as they do at full size only."""
_HOLE = bytes(256)
"""A memory card or a broken copy loses whole sectors; a JPEG's data hardly ever has so many zeros."""
_MORE = bytes(range(1, 251)) * 2
"""What decodes to anything but grey."""
_LAST = 16
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_CHUNK = 1 << 20


def what_is_missing(image: Image.Image, read: Callable[[], bytes], *, thorough: bool) -> str:
    """The end of a sentence; empty where nothing is missing.

    Args:
        image: with its pixels as the decoder gave them, perhaps at a fraction of their number.
        read: gives the file.
        thorough: also look into the file where the pixels say nothing.
    """
    if image.format in ("JPEG", "MPO"):
        return _of_jpeg(image, read, thorough)
    if image.format == "HEIF":
        ended, hole = heif.what_is_missing(image, read())
        return LOWER_PART if ended else HOLE if hole else ""
    return CHECKSUM if thorough and image.format == "PNG" and not _checksums_match(BytesIO(read())) else ""


def _of_jpeg(decoded: Image.Image, read: Callable[[], bytes], thorough: bool) -> str:
    corner = _corner(decoded)
    grey = corner <= _GREY
    if not grey and corner <= _NEARLY_GREY:
        half = _at_half(decoded, read())
        grey = half.size != decoded.size and _corner(half) <= _GREY
        decoded = half if grey else decoded
    if not grey and not thorough:
        return ""
    content = read()
    hole = thorough and _HOLE in content
    if not grey and not hole:
        return ""
    start, first, end = _data_of(content)
    hole = hole and content.find(_HOLE, start, end) >= 0
    if not end or not (grey or hole):
        return ""
    as_read = np.asarray(decoded)
    if not _same(as_read, decoded, content[:first] + _MORE + content[first:end] + _MORE + content[end:]):
        return HOLE if hole else LOWER_PART
    if hole and not grey and _same(as_read, decoded, content[: end - _LAST] + _MORE + content[end:]):
        return HOLE  # more data than the picture has room for: some of it was taken for something else
    return ""


def _corner(image: Image.Image) -> set[float]:
    """Values of the pixel that is decoded last."""
    pixel = image.getpixel((image.width - 1, image.height - 1))
    return set(pixel) if isinstance(pixel, tuple) else {pixel or 0}


def _at_half(decoded: Image.Image, content: bytes) -> Image.Image:
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        image.draft(decoded.mode, (image.width // 2, image.height // 2))
        image.load()
        return image.copy()


def _data_of(content: bytes) -> tuple[int, int, int]:
    """Where the compressed data begins, where its first scan ends, and where the picture does; zeros without an end.

    Data that changed may look like any other marker, which ends a scan as well.
    """
    place = 2
    while content[place : place + 2] != _START_OF_SCAN:
        if content[place : place + 1] != b"\xff" or place + 4 > len(content):
            return 0, 0, 0
        if content[place + 1] == 0xFF:
            place += 1
            continue
        place += 2 + struct.unpack_from(">H", content, place + 2)[0]
    start, first = place, 0
    for found in _MARKER.finditer(content, start + 2):
        first = first or found.start()
        if found.group() == _END:
            return start, first, found.start()
    return 0, 0, 0


def _same(as_read: np.ndarray, decoded: Image.Image, content: bytes) -> bool:
    """Whether other content decodes to the same pixels."""
    with Image.open(BytesIO(content), formats=("JPEG",)) as other:
        part = round(other.width / decoded.width)
        other.draft(decoded.mode, (other.width // part, other.height // part))  # its own size would be one step larger
        other.load()
        return other.size == decoded.size and bool((np.asarray(other) == as_read).all())


def _checksums_match(file: BinaryIO) -> bool:
    """Of a PNG's pixels; Pillow passes over them."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            break
        if kind != b"IDAT":
            file.seek(length + 4, 1)
            continue
        content = file.read(length)
        if len(content) == length and file.read(4) != struct.pack(">I", zlib.crc32(content, zlib.crc32(kind))):
            return False
    return True
