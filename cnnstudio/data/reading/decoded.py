"""Decoded pictures, kept in a nameless file while a training runs.

Not in memory of our own: the system has what it read of a file there anyway as long as there is room, and takes it back
when others need it. Between the large blocks of training steps, which come and go, thousands of blocks that stay also
left gaps that nothing fitted into: all layers of efficientnet_lite0 took 5.7 GB, of which the pictures were 2.
"""

import os
import tempfile
import threading
import weakref
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from cnnstudio.core import cache_folder, free_bytes
from cnnstudio.data.decoding import LEVELS, Levels
from cnnstudio.data.reading.image_reader import read_reduced
from cnnstudio.data.reading.reduced import Reduced

DISK_SHARE = 0.25
"""Of the free room on the disk, at most."""
_NOTHING = Image.new("RGB", (1, 1))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a picture lies in the file: H×W×3 bytes."""

    start: int
    size: tuple[int, int]
    picture: Reduced
    """But for its pixels."""

    @property
    def bytes(self) -> int:
        return 3 * self.size[0] * self.size[1]


class DecodedPictures:
    """Reads pictures with enough pixels to be made ``side`` large, and remembers them up to ``budget`` bytes.

    Larger ones are made smaller by a whole factor, as a JPEG already is while it is decoded: 64 megapixels would take
    200 MB each.

    What is read does not depend on whether it was remembered, so the budget changes the speed and nothing else.
    """

    def __init__(self, side: int, budget: int, levels: Levels = LEVELS) -> None:
        self._side, self._levels = side, levels
        self._left = min(budget, int(DISK_SHARE * free_bytes(cache_folder()))) if budget else 0
        self._end = 0
        self._file: IO[bytes] | None = None
        self._kept: dict[Path, _Place] = {}
        self._lock = threading.Lock()

    def read(self, path: Path) -> Reduced:
        """As ``read_reduced``.

        Raises:
            ImageError: the file cannot be read.
        """
        if (kept := self._kept.get(path)) and len(pixels := self._taken(kept)) == kept.bytes:
            return replace(kept.picture, image=Image.frombytes("RGB", kept.size, pixels))
        picture = read_reduced(path, self._side, self._levels).enough_for(self._side)
        if place := self._place_for(picture):
            self._keep(path, place, np.asarray(picture.image))
        return picture

    def _place_for(self, picture: Reduced) -> _Place | None:
        """Of its own, until there is no room."""
        place = _Place(self._end, picture.image.size, replace(picture, image=_NOTHING))
        with self._lock:
            if place.bytes > self._left:
                return None
            place = replace(place, start=self._end)
            self._left -= place.bytes
            self._end += place.bytes
            return place

    def _keep(self, path: Path, place: _Place, pixels: np.ndarray) -> None:
        """What the disk refuses is decoded again next time, and so is all that follows."""
        try:
            written = self._write(place.start, pixels.tobytes())
        except OSError:
            written = 0
        if written == place.bytes:
            self._kept[path] = place
        else:
            self._left = 0

    def _opened(self) -> IO[bytes]:
        """The file, which is gone when nobody holds it, however this process ends."""
        with self._lock:
            if self._file is None:
                cache_folder().mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(buffering=0, dir=cache_folder(), prefix="decoded-")  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            return self._file

    def _write(self, start: int, pixels: bytes) -> int:
        file = self._opened()
        if hasattr(os, "pwrite"):
            return os.pwrite(file.fileno(), pixels, start)
        with self._lock:
            file.seek(start)
            return file.write(pixels)

    def _taken(self, place: _Place) -> bytes:
        file = self._opened()
        try:
            if hasattr(os, "pread"):
                return os.pread(file.fileno(), place.bytes, place.start)
            with self._lock:
                file.seek(place.start)
                return file.read(place.bytes)
        except OSError:
            return b""
