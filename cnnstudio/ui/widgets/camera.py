"""One of the computer's cameras, which needs an optional part of Qt."""

from typing import Protocol

from PySide6 import QtCore, QtGui

_SHORT_SIDE = 480
"""Pixels: more than any network here sees, and small files."""


class Camera(QtCore.QObject):
    """One of the computer's cameras at a time."""

    frame = QtCore.Signal(QtGui.QImage)
    failed = QtCore.Signal(str)
    """What the system says."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        """Look for cameras.

        Raises:
            ImportError: the optional part, or a library of the system that it needs, is not installed.
        """
        super().__init__(parent)
        from PySide6.QtMultimedia import QMediaCaptureSession, QMediaDevices, QVideoSink

        self._devices = QMediaDevices(self)
        self._session = QMediaCaptureSession(self)
        self.sink = QVideoSink(self)
        self.sink.videoFrameChanged.connect(lambda frame: self._take(frame.toImage()))
        self._session.setVideoSink(self.sink)
        self._camera: QtCore.QObject | None = None

    def names(self) -> list[str]:
        """The cameras there are now."""
        return [device.description() for device in self._devices.videoInputs()]

    def start(self, index: int) -> None:
        """Show that camera."""
        from PySide6.QtMultimedia import QCamera

        self.stop()
        device = self._devices.videoInputs()[index]
        camera = QCamera(device, self)
        sizes = [
            (min(each.resolution().width(), each.resolution().height()), -each.maxFrameRate(), number)
            for number, each in enumerate(device.videoFormats())
        ]
        enough = [size for size in sizes if size[0] >= _SHORT_SIDE]
        if enough:
            camera.setCameraFormat(device.videoFormats()[min(enough)[2]])
        camera.errorOccurred.connect(lambda _error, text: self.failed.emit(text))
        self._session.setCamera(camera)
        camera.start()
        self._camera = camera

    def stop(self) -> None:
        """Let the camera go."""
        if self._camera is not None:
            self._session.setCamera(None)  # type: ignore[arg-type]  # how Qt lets it go
            self._camera.deleteLater()
            self._camera = None

    def _take(self, image: QtGui.QImage) -> None:
        if not image.isNull():
            self.frame.emit(image)


class Frames(Protocol):
    """What others need of a camera; see ``Camera``."""

    frame: QtCore.SignalInstance
    failed: QtCore.SignalInstance

    def names(self) -> list[str]:
        """The cameras there are."""

    def start(self, index: int) -> None:
        """Show one."""

    def stop(self) -> None:
        """Let it go."""
