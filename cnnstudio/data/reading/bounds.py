"""What reading one picture may cost, whoever made the file: work, time and memory.

A valid file of 2 MB can keep a decoder busy for minutes, and nothing can end a thread. So decoders get their file
through ``bounded``, which refuses to go on; what swallows a file whole is first read in a child process
(``checks.first_reading``).
"""

import io
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile
from typing_extensions import override

from cnnstudio.data.decoding import Picture, is_deep
from cnnstudio.data.tiff_bands import BandedTiff

SECONDS = 10.0
"""Of processor time that a picture may take, so that a busy computer makes no file a slow one."""
_MAX_HEADER_READS = 200_000
"""Millions of tiny blocks are no picture's header; Pillow walks through them in Python."""
_LARGE_READ = 4096
_EVERY = 256
"""Small reads between two looks at the clock, which takes as long as they do."""
MAX_SCANS = 500
"""Of a progressive JPEG, as libjpeg-turbo advises; cameras and tools write about ten."""
_MAX_SCANNED_PIXELS = 64 * 64_000_000
"""Scans times pixels: each of them walks through the whole picture."""
_START_OF_SCAN = b"\xff\xda"
_BLOCK = 1 << 20
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_LARGE_TILE, _ROUNDED_UP = 4096 * 4096, 4


class TooSlowError(Exception):
    """Reading a picture takes more than anybody would wait for."""


class _Bounded:
    """Mixed into a file: looks at the clock when a decoder asks for more."""

    def begin(self) -> None:
        """From here on, work counts: first that for the header."""
        self._reads = 0
        self._header = True
        self._end = time.thread_time() + SECONDS

    def opened(self) -> None:
        """The header is read; the pixels may come in as many pieces as they are stored in."""
        self._header = False

    def spend(self, size: int) -> None:
        """Count a read.

        Raises:
            TooSlowError: the limits are reached.
        """
        self._reads += 1
        if self._header and self._reads > _MAX_HEADER_READS:
            raise TooSlowError
        if (not 0 <= size < _LARGE_READ or self._reads % _EVERY == 0) and time.thread_time() > self._end:
            raise TooSlowError


class _File(_Bounded, io.BufferedReader):
    @override
    def read(self, size: int | None = -1, /) -> bytes:
        self.spend(-1 if size is None else size)
        return super().read(size)


class _Content(_Bounded, io.BytesIO):
    @override
    def read(self, size: int | None = -1, /) -> bytes:
        self.spend(-1 if size is None else size)
        return super().read(size)


@contextmanager
def bounded(path: str | Path, content: bytes | None = None) -> Iterator[_File | _Content]:
    """A picture's file, or its bytes, as something to decode from; to be used in the thread that asked.

    Raises:
        OSError: it cannot be opened.
    """
    file = _File(io.FileIO(path)) if content is None else _Content(content)
    with file:
        file.begin()
        yield file


def check_tiles(picture: Picture) -> None:
    """Refuse a TIFF whose tiles are far larger than itself: each is unpacked whole.

    Raises:
        MemoryError: they are.
    """
    if isinstance(picture, TiffImageFile):
        tags: Any = picture.tag_v2
        tile = int(tags.get(_TILE_WIDTH, 0)) * int(tags.get(_TILE_HEIGHT, 0))
        if tile > max(_LARGE_TILE, _ROUNDED_UP * picture.width * picture.height):
            raise MemoryError


def check_scans(file: BinaryIO, pixels: int) -> None:
    """Refuse a progressive JPEG of so many scans that it would take minutes; the place in the file is kept.

    Raises:
        TooSlowError: it has too many.
    """
    place, scans, before = file.tell(), 0, b""
    file.seek(0)
    while block := file.read(_BLOCK):  # within compressed values, these two bytes never follow each other
        scans += (before + block).count(_START_OF_SCAN)
        before = block[-1:]
        if scans > min(MAX_SCANS, max(1, _MAX_SCANNED_PIXELS // pixels)):
            raise TooSlowError
    file.seek(place)


class Room:
    """So many bytes for pictures that are being read, shared by all threads; who comes too many waits.

    Sixteen threads on pictures of 64 megapixels would need 7 GB. One picture is read in any case.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.taken = 0
        """Bytes."""
        self._changed = threading.Condition()

    def take(self, wanted: int) -> None:
        """Wait until there is room for so many bytes."""
        with self._changed:
            self._changed.wait_for(lambda: self.taken == 0 or self.taken + wanted <= self._size, _PATIENCE_S)
            self.taken += wanted

    def give(self, number: int) -> None:
        """There is room again."""
        with self._changed:
            self.taken -= number
            self._changed.notify_all()


_PATIENCE_S = 60.0
"""Longer than any picture takes; then something else is wrong, and waiting would not mend it."""
_SMALL = 4_000_000
"""Bytes; smaller pictures take no room worth counting."""
room = Room(768_000_000)
_STORED = {"1": 1, "L": 1, "P": 1, "LA": 4, "PA": 4}
_WHOLE = {"WEBP": 13, "AVIF": 13, "HEIF": 20}
"""Bytes a pixel of decoders that hold a picture more than once."""
_COEFFICIENTS = 6
"""Bytes a pixel of a progressive JPEG."""
_RGB = 4
"""Bytes a pixel, as Pillow keeps it."""


def cost_of(picture: Picture) -> int:
    """Bytes that reading an opened picture takes at most, until it is RGB."""
    if isinstance(picture, BandedTiff):  # the file, its values, and the result
        return picture.size[0] * picture.size[1] * (2 * picture.bands * picture.dtype.itemsize + _RGB)
    image = picture
    stored = 2 if image.mode.startswith("I;16") else _STORED.get(image.mode, 4)
    result = 0 if image.mode == "RGB" else _RGB
    more = _COEFFICIENTS if "progressive" in image.info else _WHOLE.get(str(image.format), 0)
    if image.format == "PNG" and is_deep(image):  # read twice: the upper and the lower halves of its values
        more, result = _RGB, _RGB
    return image.width * image.height * (stored + result + more)


@contextmanager
def room_for(image: Picture) -> Iterator[list[Image.Image]]:
    """Room in memory while an opened picture is read.

    Yields:
        A list: a picture put into it keeps its own room until nobody holds it any more.
    """
    cost, kept = cost_of(image), list[Image.Image]()
    if cost < _SMALL:
        yield kept
        return
    room.take(cost)
    own = 0
    try:
        yield kept
        if kept:
            own = min(cost, _RGB * kept[0].width * kept[0].height)
            weakref.finalize(kept.pop(), room.give, own).atexit = False
    finally:
        room.give(cost - own)
