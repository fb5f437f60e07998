"""Thumbnails of large files, kept in the cache: a folder of camera pictures shows at once the second time."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.errors import StorageError
from cnnstudio.core.paths import cache_folder
from cnnstudio.data.fingerprint import sample_key, stamp
from cnnstudio.data.reading.image_reader import read_thumbnail

_LARGE = 200_000
"""Bytes; smaller files are read about as fast as their thumbnail would be."""
_SMALL = 256
"""Pixels; larger ones are not kept."""
_QUALITY = 85


def stored_thumbnail(path: Path, side: int) -> np.ndarray:
    """As ``read_thumbnail``, from the cache where it is there.

    Raises:
        ImageError: the picture cannot be read.
    """
    if side > _SMALL or stamp(path)[0] < _LARGE:
        return read_thumbnail(path, side)
    key = sample_key(path).hex()
    stored = cache_folder() / "thumbnails" / key[:2] / f"{key}-{side}.jpg"
    with suppress(OSError, ValueError, SyntaxError), Image.open(stored, formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))
    pixels = read_thumbnail(path, side)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    with suppress(OSError, StorageError):
        write_atomically(stored, buffer.getvalue())
    return pixels
