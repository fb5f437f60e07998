"""Frames of a camera or a film as images, made beside the window's thread: one of 4K takes 30 ms."""

import ctypes
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import PySide6
from PIL import Image
from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.ui.widgets.thumbnails import image_of, pixels_of

SHORT_SIDE = 480
"""Pixels: more than any network here sees, and small files."""
_PATIENCE_MS = 500
_FATAL = 8
"""Of FFmpeg's levels: what ends the process."""
_FORMATS = QtGui.QImage.Format
_FOUR_BYTES = (_FORMATS.Format_RGB32, _FORMATS.Format_ARGB32, _FORMATS.Format_ARGB32_Premultiplied)


class FrameReader(QtCore.QObject):
    """Makes images of the newest frame; older ones that nobody has looked at are dropped."""

    image = QtCore.Signal(QtGui.QImage, float)
    """A frame, and where it lies in a film, in seconds."""
    _made = QtCore.Signal(QtGui.QImage, float)

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QtCore.QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.start(_keep_quiet)
        self._newest: Any = None
        self._busy = self._closed = False
        self._made.connect(self._take, QtCore.Qt.ConnectionType.QueuedConnection)

    def add(self, frame: Any) -> None:
        """A QVideoFrame came."""
        self._newest = frame
        self._begin()

    def close(self) -> None:
        """Make no more of them, and give nobody what is being made."""
        self._closed, self._newest = True, None
        self._pool.waitForDone(_PATIENCE_MS)

    def open(self) -> None:
        """Begin again after ``close``."""
        self._closed = False

    def _begin(self) -> None:
        if self._busy or self._newest is None or self._closed:
            return
        frame, self._newest = self._newest, None
        self._busy = True
        self._pool.start(_Make(frame, self._made.emit))

    def _take(self, image: QtGui.QImage, seconds: float) -> None:
        self._busy = False
        if not image.isNull() and not self._closed:
            self.image.emit(image, seconds)
        self._begin()


@cache
def _keep_quiet() -> None:
    """What FFmpeg would tell a programmer, a line for each frame, does not reach a person's terminal."""
    home = Path(PySide6.__file__).parent
    for file in (*home.glob("Qt/lib/libavutil*"), *home.glob("avutil*.dll")):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(str(file)).av_log_set_level(_FATAL)


class _Make(QtCore.QRunnable):
    def __init__(self, frame: Any, done: Callable[[QtGui.QImage, float], object]) -> None:
        super().__init__()
        self._frame, self._done = frame, done

    @override
    def run(self) -> None:
        """In the pool's thread; what cannot be read comes back null."""
        with suppress(RuntimeError):  # whoever asked is gone by now
            self._done(reduced(self._frame.toImage()), self._frame.startTime() / 1e6)


def reduced(image: QtGui.QImage) -> QtGui.QImage:
    """An image of 8 bits a colour whose shorter side is ``SHORT_SIDE`` to twice that, where it was larger.

    By NumPy and Pillow, which let other threads of Python run meanwhile; Qt's own scaling does not.
    """
    if image.isNull():
        return image
    if image.format() in _FOUR_BYTES:
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        four = rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)
        pixels = np.ascontiguousarray(four[..., 2::-1])
    else:
        pixels = pixels_of(image)[:, :, :3]
    factor = min(image.width(), image.height()) // SHORT_SIDE
    return image_of(np.asarray(Image.fromarray(pixels).reduce(factor)) if factor > 1 else pixels)
