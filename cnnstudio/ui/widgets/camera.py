"""One of the computer's cameras, which needs an optional part of Qt."""

from typing import Protocol

from PySide6 import QtCore, QtGui

from cnnstudio.ui.widgets.frames import SHORT_SIDE, FrameReader

_DENIED = "The system does not let CNN Studio use it: allow that in the system's settings for privacy."


class Camera(QtCore.QObject):
    """One of the computer's cameras at a time."""

    frame = QtCore.Signal(QtGui.QImage)
    """The newest one, whenever the last one was taken."""
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
        self._reader = FrameReader(self)
        self._reader.image.connect(lambda image, _: self.frame.emit(image))
        self.sink = QVideoSink(self)
        self.sink.videoFrameChanged.connect(self._reader.add)
        self._session.setVideoSink(self.sink)
        self._camera: QtCore.QObject | None = None
        self._wanted = -1

    def names(self) -> list[str]:
        """The cameras there are now."""
        return [device.description() for device in self._devices.videoInputs()]

    def start(self, index: int) -> None:
        """Show that camera; where the system wants to, it asks the person first."""
        self.stop()
        self._wanted = index
        application, asked = QtCore.QCoreApplication.instance(), QtCore.QCameraPermission()
        if application is not None and application.checkPermission(asked) == QtCore.Qt.PermissionStatus.Undetermined:
            application.requestPermission(asked, self, lambda _: self._begin(index))
        else:
            self._begin(index)

    def stop(self) -> None:
        """Let the camera go."""
        self._wanted = -1
        self._reader.close()
        if self._camera is not None:
            self._session.setCamera(None)  # type: ignore[arg-type]  # how Qt lets it go
            self._camera.deleteLater()
            self._camera = None

    def _begin(self, index: int) -> None:
        from PySide6.QtMultimedia import QCamera

        devices = self._devices.videoInputs()
        if index != self._wanted or index >= len(devices):  # another one is wanted by now, or it was unplugged
            return
        device = devices[index]
        camera = QCamera(device, self)
        sizes = [
            (min(each.resolution().width(), each.resolution().height()), -each.maxFrameRate(), number)
            for number, each in enumerate(device.videoFormats())
        ]
        enough = [size for size in sizes if size[0] >= SHORT_SIDE]
        if enough:
            camera.setCameraFormat(device.videoFormats()[min(enough)[2]])
        camera.errorOccurred.connect(lambda _error, text: self.failed.emit(f"{self._denied()} {text}".strip()))
        self._reader.open()
        self._session.setCamera(camera)
        camera.start()
        self._camera = camera

    def _denied(self) -> str:
        application = QtCore.QCoreApplication.instance()
        denied = QtCore.Qt.PermissionStatus.Denied
        is_denied = application is not None and application.checkPermission(QtCore.QCameraPermission()) == denied
        return _DENIED if is_denied else ""


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
