"""Record pictures for a project that is not open yet, as another page asks for it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.data.collect import folder_of_class
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets.camera import Camera
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog


class NewRecording(QtCore.QObject):
    """Shows the camera for a class, and says when its pictures are written."""

    def __init__(self, studio: Studio, page: QtWidgets.QWidget) -> None:
        super().__init__(page)
        self._studio, self._page = studio, page
        studio.recording_wanted.connect(self._record)

    def _record(self, root: Path, name: str, done: Callable[[list[Path]], object]) -> None:
        try:
            camera = Camera(self)
        except ImportError:
            CameraPartDialog(self._studio, partial(self._record, root, name, done), self._page.window()).show()
            return
        dialog = CameraDialog(
            self._studio, camera, (name,), lambda each: folder_of_class(root, each), 1.0, self._page.window()
        )
        dialog.exec()
        camera.deleteLater()

        def tell() -> None:
            done(dialog.recorded)
            dialog.deleteLater()

        if dialog.being_kept:
            dialog.kept.connect(tell)
        else:
            tell()
