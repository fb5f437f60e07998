"""Small pictures, read off the GUI thread and remembered; only the GUI thread makes pixmaps of the bytes."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from cnnstudio.core.errors import ImageError
from cnnstudio.core.machine import lower_priority

_MAX_REMEMBERED = 3000


class Thumbnails(QObject):
    """Reads thumbnails of one size. ``ready`` tells a path whose pixmap is there now."""

    ready = Signal(str)
    _read = Signal(str, int, int, bytes)

    def __init__(self, side: int, parent: QObject | None = None, most: int = _MAX_REMEMBERED) -> None:
        super().__init__(parent)
        self.side, self._most = side, most
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._known: OrderedDict[str, QPixmap] = OrderedDict()
        self._asked: set[str] = set()
        self._read.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def get(self, path: Path) -> QPixmap | None:
        """The pixmap, or None while it is being read."""
        key = str(path)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        if key not in self._asked:
            self._asked.add(key)
            self._pool.start(_Read(path, self.side, self._read.emit))
        return None

    def forget_waiting(self) -> None:
        """Drop what has not been read yet, because the list changed."""
        self._pool.clear()
        self._asked = set(self._known)

    def close(self) -> None:
        """Wait for the pictures being read."""
        self._pool.clear()
        self._pool.waitForDone(5000)

    def _take(self, key: str, width: int, height: int, pixels: bytes) -> None:
        image = QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888) if width else QImage()
        self._known[key] = QPixmap.fromImage(image.copy()) if width else QPixmap()
        while len(self._known) > self._most:
            old, _ = self._known.popitem(last=False)
            self._asked.discard(old)
        self.ready.emit(key)


class _Read(QRunnable):
    def __init__(self, path: Path, side: int, done: Callable[[str, int, int, bytes], object]) -> None:
        super().__init__()
        self._path, self._side, self._done = path, side, done

    def run(self) -> None:
        """Read in the pool's thread; an unreadable picture comes back empty."""
        from cnnstudio.data.reading.thumbnail_store import stored_thumbnail

        lower_priority()
        try:
            pixels = stored_thumbnail(self._path, self._side)
        except ImageError:
            self._done(str(self._path), 0, 0, b"")
            return
        height, width, _ = pixels.shape
        self._done(str(self._path), width, height, pixels.tobytes())
