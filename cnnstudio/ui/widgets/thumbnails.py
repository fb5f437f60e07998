"""Pictures as thumbnails: read beside the window's thread, kept while they are shown."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.core import ImageError, lower_priority
from cnnstudio.data import LEVELS, Levels


def image_of(pixels: np.ndarray) -> QtGui.QImage:
    """H×W×3 uint8 as an image that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    return QtGui.QImage(pixels.data, width, height, 3 * width, QtGui.QImage.Format.Format_RGB888).copy()


def pixels_of(image: QtGui.QImage) -> np.ndarray:
    """H×W×3 uint8; H×W×4 with opacity where the image has some."""
    alpha = image.hasAlphaChannel()
    kind = QtGui.QImage.Format.Format_RGBA8888 if alpha else QtGui.QImage.Format.Format_RGB888
    shown, depth = image.convertToFormat(kind), 4 if alpha else 3
    rows = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), shown.bytesPerLine())
    return rows[:, : depth * shown.width()].reshape(shown.height(), shown.width(), depth).copy()


_MAX_REMEMBERED = 3000
_MAX_LARGE = 16
_PATIENCE_MS = 300
Sizes = tuple[np.ndarray, np.ndarray | None]
"""The thumbnail H×W×3, empty where it could not be read, and the large one if it was wanted."""


class Thumbnails(QtCore.QObject):
    """Reads thumbnails of one size. ``ready`` tells a path whose pixmap is there now."""

    ready = QtCore.Signal(str)
    _read = QtCore.Signal(str, tuple)

    def __init__(
        self, side: int, parent: QtCore.QObject | None = None, *, most: int = _MAX_REMEMBERED, large: int = 0
    ) -> None:
        """``side`` and ``large`` in pixels; a large one is only read of what is looked at, and brings its small one."""
        super().__init__(parent)
        self.side, self._most, self._large_side = side, most, large
        self._levels = LEVELS
        self._pool = QtCore.QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._known: OrderedDict[str, QtGui.QPixmap] = OrderedDict()
        self._large: OrderedDict[str, QtGui.QPixmap] = OrderedDict()
        self._asked: set[str] = set()
        self._asked_large: set[str] = set()
        self._read.connect(self._take, QtCore.Qt.ConnectionType.QueuedConnection)

    def show_levels(self, levels: Levels) -> None:
        """What is black and white in pictures of more than 8 bits, as the network sees them."""
        if levels != self._levels:
            self._levels = levels
            self._known.clear()
            self._large.clear()
            self.forget_waiting()

    def get(self, path: Path) -> QtGui.QPixmap | None:
        """The pixmap, or None while it is being read."""
        key = str(path)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        if key not in self._asked | self._asked_large:
            self._asked.add(key)
            self._pool.start(_Read(path, (self.side, 0), self._levels, self._read.emit))
        return None

    def known(self, path: Path) -> QtGui.QPixmap | None:
        """The pixmap if it is there; it is not read for this."""
        return self._known.get(str(path))

    def get_large(self, path: Path) -> QtGui.QPixmap | None:
        """The large pixmap, or None while it is being read, which then comes before the small ones that wait."""
        key = str(path)
        if key in self._large:
            self._large.move_to_end(key)
            return self._large[key]
        if key not in self._asked_large:
            self._asked_large.add(key)
            self._pool.start(_Read(path, (self.side, self._large_side), self._levels, self._read.emit), 1)
        return None

    def forget_waiting(self) -> None:
        """Drop what has not been read yet, because the list changed."""
        self._pool.clear()
        self._asked, self._asked_large = set(self._known), set(self._large)

    def close(self) -> None:
        """Wait for the pictures being read, but not for one that takes long."""
        self._pool.clear()
        self._pool.waitForDone(_PATIENCE_MS)

    def _take(self, key: str, sizes: Sizes) -> None:
        small, large = sizes
        _remember(self._known, key, small, self._most, self._asked)
        if large is not None:
            _remember(self._large, key, large, _MAX_LARGE, self._asked_large)
        self.ready.emit(key)


def _remember(known: OrderedDict[str, QtGui.QPixmap], key: str, pixels: np.ndarray, most: int, asked: set[str]) -> None:
    known[key] = QtGui.QPixmap.fromImage(image_of(pixels)) if pixels.size else QtGui.QPixmap()
    asked.add(key)
    while len(known) > most:
        old, _ = known.popitem(last=False)
        asked.discard(old)


class _Read(QtCore.QRunnable):
    def __init__(
        self, path: Path, sides: tuple[int, int], levels: Levels, done: Callable[[str, Sizes], object]
    ) -> None:
        super().__init__()
        self._path, (self._side, self._large), self._levels, self._done = path, sides, levels, done

    @override
    def run(self) -> None:
        """Read in the pool's thread; an unreadable picture comes back empty."""
        lower_priority()
        with suppress(RuntimeError):  # whoever asked is gone by now
            self._done(str(self._path), self._sizes())

    def _sizes(self) -> Sizes:
        from cnnstudio.data.checks.first_reading import read_first
        from cnnstudio.data.reading.image_reader import read_thumbnail, shrink
        from cnnstudio.data.reading.thumbnails import stored_thumbnail

        try:
            read_first(self._path)
            large = read_thumbnail(self._path, self._large, self._levels) if self._large else None
            if large is not None:
                return shrink(large, self._side), large
            return stored_thumbnail(self._path, self._side, self._levels), None
        except ImageError:
            nothing = np.empty((0, 0, 3), np.uint8)
            return nothing, nothing if self._large else None
