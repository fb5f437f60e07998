"""Pictures of a film at the times that are asked for, which needs an optional part of Qt."""

from pathlib import Path

from PySide6 import QtCore, QtGui

from cnnstudio.ui.widgets.frames import FrameReader

_PATIENCE_MS = 15_000
"""For a picture that was asked for: in large films it may depend on hundreds before it."""
_NEAR_MS = 1


class Film(QtCore.QObject):
    """One film at a time; it never plays by itself and makes no sound."""

    opened = QtCore.Signal(float)
    """It can be read, and has so many seconds."""
    picture = QtCore.Signal(QtGui.QImage, float)
    """What was asked for, and when it is, in seconds."""
    failed = QtCore.Signal(str)
    """What Qt says, or nothing."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        """Find what reads films.

        Raises:
            ImportError: the optional part, or a library of the system that it needs, is not installed.
        """
        super().__init__(parent)
        from PySide6.QtMultimedia import QMediaPlayer, QVideoSink

        self._status, self._kinds = QMediaPlayer.MediaStatus, QMediaPlayer
        self._player = QMediaPlayer(self)
        self._reader = FrameReader(self)
        self._reader.image.connect(self._take)
        self._sink = QVideoSink(self)
        self._sink.videoFrameChanged.connect(self._came)
        self._player.setVideoSink(self._sink)
        self._player.mediaStatusChanged.connect(self._changed)
        self._player.errorOccurred.connect(lambda _error, text: self._fail(text))
        self._patience = QtCore.QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._fail(""))
        self._wanted = -1
        """In milliseconds; -1 for nothing."""
        self._ready = False

    def open(self, file: Path) -> None:
        """Begin to read a film; ``opened`` or ``failed`` tells how that went."""
        self.close()
        self._reader.open()
        self._patience.start()
        self._player.setSource(QtCore.QUrl.fromLocalFile(str(file)))

    def ask(self, seconds: float) -> None:
        """Ask for the picture at a time; of several questions the last one is answered."""
        self._wanted = round(1000 * seconds)
        self._patience.start()
        self._player.setPosition(self._wanted)

    def close(self) -> None:
        """Let the file go."""
        self._wanted, self._ready = -1, False
        self._patience.stop()
        self._reader.close()
        self._player.stop()
        self._player.setSource(QtCore.QUrl())

    def _changed(self, status: object) -> None:
        if status == self._status.InvalidMedia:
            self._fail(self._player.errorString())
        elif status == self._status.LoadedMedia and not self._ready:
            if not self._player.hasVideo() or self._player.duration() <= 0 or not self._player.isSeekable():
                self._fail("")
                return
            self._player.pause()  # which shows its first picture

    def _came(self, frame: object) -> None:
        if self._ready and self._wanted >= 0 and abs(self._player.position() - self._wanted) <= _NEAR_MS:
            self._reader.add(frame)
        elif not self._ready and self._player.source().isValid():
            self._ready = True
            self._patience.stop()
            self.opened.emit(self._player.duration() / 1000)

    def _take(self, image: QtGui.QImage, _: float) -> None:
        if self._wanted >= 0:
            seconds, self._wanted = self._wanted / 1000, -1
            self._patience.stop()
            self.picture.emit(image, seconds)

    def _fail(self, text: str) -> None:
        if self._player.source().isValid():
            self.close()
            self.failed.emit(text)
