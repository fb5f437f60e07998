"""Small copies of large pictures, kept in the cache under a checksum. No torch."""

import io
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core import StorageError, cache_folder, write_atomically
from cnnstudio.data.dataset import sample_key, stamp
from cnnstudio.data.decoding import LEVELS, Levels
from cnnstudio.data.reading.image_reader import read_thumbnail

_LARGE = 200_000
"""Bytes; smaller files are read about as fast as their thumbnail would be."""
_SMALL = 256
"""Pixels; larger ones are not kept."""
_QUALITY = 85
_SEAL = 4
"""Bytes of the checksum."""


def stored_thumbnail(path: Path, side: int, levels: Levels = LEVELS) -> np.ndarray:
    """As ``read_thumbnail``, from the cache where it is there.

    Raises:
        ImageError: the picture cannot be read.
    """
    if side > _SMALL or stamp(path)[0] < _LARGE:
        return read_thumbnail(path, side, levels)
    key = sample_key(path).hex() + (f"-{hash(levels):x}" if levels != LEVELS else "") + f"-{side}"
    stored = cache_folder() / "thumbnails" / key[:2] / f"{key}.jpg"
    with suppress(OSError, ValueError, SyntaxError):
        return _unsealed(stored, key)
    pixels = read_thumbnail(path, side, levels)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    content = buffer.getvalue()
    with suppress(OSError, StorageError):
        write_atomically(stored, content + _seal(key, content))
    return pixels


def _unsealed(stored: Path, key: str) -> np.ndarray:
    if not stored.is_file():  # a pipe would wait for ever
        raise FileNotFoundError(stored)
    content = stored.read_bytes()
    content, seal = content[:-_SEAL], content[-_SEAL:]
    if seal != _seal(key, content):
        raise ValueError("damaged, or another picture's")
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))


def _seal(key: str, content: bytes) -> bytes:
    """Behind the end of the JPEG, which readers of JPEGs do not look at."""
    return zlib.crc32(content, zlib.crc32(key.encode())).to_bytes(_SEAL, "little")
