"""HEIC pictures, which phones write: opened by pillow-heif, a package that is only needed for these.

An export carries this file as it does ``decoding.py``.
"""

import re
import struct
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from cnnstudio.data.tiff_bands import NotReadable

NEEDED = "to read HEIC pictures, Python needs one more package: pip install pillow-heif"
UNUSUAL = "it is a HEIF picture of a kind that is not read; save it as JPEG or PNG first"
_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
"""Of pictures in HEVC; a phone's begin with the first."""
_CONTAINERS = frozenset({b"mif1", b"msf1", b"mif2"})
_OTHERS = frozenset({b"avif", b"avis"})
HEAD = 64
"""Bytes that tell it."""
_NOT_BUILT_IN = ("not been built in", "unsupported")
_UNCOMPRESSED = b"uncC"
_HOLE = re.compile(rb"\0{256,}")
"""A memory card or a broken copy loses whole sectors. HEVC never has more than two zeros in a row."""


class PackageMissing(NotReadable):
    """pillow-heif is not installed; once it is, the same file can be read."""


def is_heif(head: bytes) -> bool:
    """Whether a file's first bytes are those of a HEIC picture, or of a relative of it that is not AVIF."""
    if head[4:8] != b"ftyp":
        return False
    said = head[8 : min(int.from_bytes(head[:4], "big"), HEAD)]
    brands = {said[:4], *(said[place : place + 4] for place in range(8, len(said), 4))}
    return bool(brands & _BRANDS or (said[:4] in _CONTAINERS and not brands & _OTHERS))


def open_heif(source: str | Path | BinaryIO) -> Image.Image | None:
    """The main picture of a HEIC file, whose pixels are not read yet; None where it is no such file.

    Its own rotation and mirroring are applied when they are; its notes only repeat them.

    Raises:
        PackageMissing: pillow-heif is not installed.
        NotReadable: it does not know this kind.
        Exception: it is damaged.
    """
    if not is_heif(_head_of(source)):
        return None
    try:
        return plugin().HeifImageFile(source)
    except Exception as error:
        if is_unusual(error):
            raise NotReadable(UNUSUAL) from error
        raise


def is_unusual(error: Exception) -> bool:
    """Whether it says that a file is whole, but of a kind that was left out of the decoder."""
    return any(words in str(error).lower() for words in _NOT_BUILT_IN)


def what_is_missing(image: Image.Image, content: bytes) -> tuple[bool, bool]:
    """Whether a HEIC picture's end is missing, and whether part of it was overwritten with zeros.

    Where it is put together from tiles, those that cannot be read are left out, and nothing is said.

    Args:
        image: with its pixels.
        content: the file.
    """
    extents = extents_of(content)
    if any(end > len(content) for _, end in extents):
        return True, False
    filled = bytearray(content)
    for start, end in extents:
        for hole in _HOLE.finditer(content, start, end):
            filled[hole.start() : hole.end()] = b"\xa5" * len(hole.group())
    if filled == content or _UNCOMPRESSED in content:
        return False, False
    return False, not _same(image, bytes(filled))


def extents_of(content: bytes) -> list[tuple[int, int]]:
    """Where a HEIC file's pictures, tiles and notes lie in it, by its own table (ISO/IEC 14496-12, ``iloc``).

    What lies behind its boxes, as the trailers of some phones do, does not count, and a last box may have no size.

    Returns:
        First byte of each part, and the one behind its last; empty where there is no such table, or it is damaged.
    """
    with suppress(struct.error):
        start, end = _box(content, b"meta", 0, len(content))
        place, _ = _box(content, b"iloc", start + 4, end)
        return _extents(content, place)
    return []


def _box(content: bytes, kind: bytes, place: int, end: int) -> tuple[int, int]:
    """Where the inside of the first box of a kind begins and ends. Raises struct.error where there is none."""
    while True:
        size, name = struct.unpack_from(">I4s", content, place)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", content, place + 8)[0], 16
        after = place + size if size else end
        if name == kind:
            return place + head, min(after, end)
        if not place < after < end:
            raise struct.error
        place = after


def _extents(content: bytes, place: int) -> list[tuple[int, int]]:
    version, sizes, more = struct.unpack_from(">BxxxBB", content, place)
    of_base, of_index = more >> 4, more & 15 if version else 0
    wide = "I" if version > 1 else "H"
    place += 6
    found = []

    def number(size: int) -> int:
        nonlocal place
        place += size
        if place > len(content):
            raise struct.error
        return int.from_bytes(content[place - size : place], "big")

    for _ in range(number(struct.calcsize(f">{wide}"))):
        number(struct.calcsize(f">{wide}"))
        way = number(2) & 15 if version else 0
        number(2)
        base = number(of_base)
        for _ in range(number(2)):
            number(of_index)
            start, length = base + number(sizes >> 4), number(sizes & 15)
            if way == 0:  # in the file, and not in another box or item
                found.append((start, start + length))
    return found


def _same(image: Image.Image, content: bytes) -> bool:
    """Whether other content decodes to the same pixels."""
    try:
        with plugin().HeifImageFile(BytesIO(content)) as other:
            other.load()
            return other.mode == image.mode and other.size == image.size and other.tobytes() == image.tobytes()
    except Exception:  # noqa: BLE001 - what its place is needed for is not there
        return False


def _head_of(source: str | Path | BinaryIO) -> bytes:
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return file.read(HEAD)
    place = source.tell()
    head = source.read(HEAD)
    source.seek(place)
    return head


@cache
def plugin() -> Any:
    """Imported when it is needed, since it takes as long as all of Pillow."""
    try:
        import pillow_heif
    except ImportError:
        package = _without_encoder()
    else:
        package = pillow_heif
    package.options.THUMBNAILS = package.options.DEPTH_IMAGES = package.options.AUX_IMAGES = False
    package.options.DECODE_THREADS = 1  # several pictures are read at once
    return package


def _without_encoder() -> Any:
    """The same code, as some prefer it for its licence."""
    try:
        import pi_heif
    except ImportError as error:
        raise PackageMissing(NEEDED) from error
    return pi_heif
