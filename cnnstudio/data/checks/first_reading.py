"""Read a stranger's odd picture in a child process first: what takes too long or too much there is never read here.

The scan has all pictures of a folder read by children, so a training needs nothing of this; predictions and
thumbnails of other files do. Most formats come in pieces, between which ``reading.bounds`` looks at the clock. This is
for decoders that swallow a file whole, which nothing could end in a thread of ours.
"""

import atexit
import threading
from functools import lru_cache
from pathlib import Path

from PIL import Image

from cnnstudio.core import ImageError, usable_cores
from cnnstudio.data.checks import examiner
from cnnstudio.data.dataset import stamp
from cnnstudio.data.reading import open_checked

_LARGE = 32_000_000
"""Bytes; smaller files of the formats below cannot hold enough for a decoder to be busy with for long."""
_PLAIN = frozenset(
    {"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "tiff_ccitt", "group3", "group4"}
)
"""Compressions of TIFF that take time by the pixel only."""
_REMEMBERED = 4096
_idle: list[examiner.Child] = []
_at_once = threading.BoundedSemaphore(usable_cores())


def read_first(path: Path) -> None:
    """Returns when a picture may be read here, as far as time and memory go; other damage is not looked for.

    Raises:
        ImageError: it takes too long, too much memory, or broke the process that tried.
    """
    stamped = stamp(path)
    if _is_odd(path, stamped[0]) and (sentence := _verdict(path, stamped)):
        raise ImageError(sentence, details="unreadable")


def close() -> None:
    """End the processes that wait, and forget what they found."""
    _verdict.cache_clear()
    while _idle:
        _idle.pop().close()


atexit.register(close)


def _is_odd(path: Path, size: int) -> bool:
    if not size:  # nothing, or a pipe, which would wait
        return False
    try:
        with path.open("rb") as file:
            start = file.read(16)
        if start[4:8] == b"ftyp":
            return True
        if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            if size > _LARGE:
                return True
            with open_checked(path) as image:
                return isinstance(image, Image.Image) and image.info.get("compression") not in _PLAIN
    except Exception:  # noqa: BLE001 - whoever reads it says what is wrong
        return False
    return size > _LARGE and start[8:12] == b"WEBP"


@lru_cache(maxsize=_REMEMBERED)
def _verdict(path: Path, _stamp: tuple[int, int]) -> str:
    """Why it may not be read here; empty where it may."""
    with _at_once:
        try:
            child = _idle.pop()
        except IndexError:
            child = examiner.Child()
        answer = child.examine([str(path)])
        _idle.append(child)
    _, problems = answer or (None, [])
    return next((detail for _, kind, detail in problems if kind == "unreadable"), "")
