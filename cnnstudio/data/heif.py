"""HEIC pictures, which phones write: opened by pillow-heif, a package that is only needed for these.

An export carries this file as it does ``decoding.py``.
"""

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
_HEAD = 64
_NOT_BUILT_IN = ("not been built in", "unsupported")
_SMALLEST = 8
"""Bytes of a box."""
_UNCOMPRESSED = b"uncC"
_HOLE = bytes(256)
"""A memory card or a broken copy loses whole sectors. HEVC never has more than two zeros in a row."""


def is_heif(head: bytes) -> bool:
    """Whether a file's first bytes are those of a HEIC picture, or of a relative of it that is not AVIF."""
    if head[4:8] != b"ftyp":
        return False
    said = head[8 : min(int.from_bytes(head[:4], "big"), _HEAD)]
    brands = {said[:4], *(said[place : place + 4] for place in range(8, len(said), 4))}
    return bool(brands & _BRANDS or (said[:4] in _CONTAINERS and not brands & _OTHERS))


def open_heif(source: str | Path | BinaryIO) -> Image.Image | None:
    """The main picture of a HEIC file, whose pixels are not read yet; None where it is no such file.

    Its own rotation and mirroring are applied when they are; its notes only repeat them.

    Raises:
        NotReadable: pillow-heif is not installed, or it does not know this kind.
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
    place = 0
    while place + 8 <= len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        size = int.from_bytes(content[place + 8 : place + 16], "big") if size == 1 else size or len(content) - place
        if size < _SMALLEST:
            break
        place += size
    if place > len(content):
        return True, False
    hole = content.find(_HOLE)
    if hole < 0 or _UNCOMPRESSED in content:
        return False, False
    filled = content[:hole] + bytes([0xA5]) * len(_HOLE) + content[hole + len(_HOLE) :]
    return False, not _same(image, filled)


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
            return file.read(_HEAD)
    place = source.tell()
    head = source.read(_HEAD)
    source.seek(place)
    return head


@cache
def plugin() -> Any:
    """Imported when it is needed, since it takes as long as all of Pillow."""
    try:
        import pillow_heif as package
    except ImportError:
        try:  # the same code without an encoder, which some prefer for its licence
            import pi_heif as package  # type: ignore[no-redef]
        except ImportError as error:
            raise NotReadable(NEEDED) from error
    package.options.THUMBNAILS = package.options.DEPTH_IMAGES = package.options.AUX_IMAGES = False
    package.options.DECODE_THREADS = 1  # several pictures are read at once
    return package
