"""The classes of a folder, and how to add to them."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.core import Problem, safe_file_name
from cnnstudio.data.collect import class_folder
from cnnstudio.ui.data.camera import Camera
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.data.class_view import ClassView
from cnnstudio.ui.look import theme
from cnnstudio.ui.state.studio import Studio
from cnnstudio.ui.widgets.controls import button, label


class ClassPanel(QWidget):
    """The list, and below it two ways to a new class."""

    recorded = Signal(Path)
    """Pictures were recorded into this folder."""

    def __init__(self, studio: Studio, view: ClassView) -> None:
        super().__init__()
        self._studio = studio
        self.new = button("New class…", "class_new", view.add_class, icon_name="data")
        self.camera = button("Record with the camera…", "class_record", self.record, icon_name="camera")
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.new)
        row.addWidget(self.camera)
        row.addWidget(label("Pictures can also be dropped onto a class.", "caption", kind="muted", wrap=True), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(view, 1)
        column.addLayout(row)

    def record(self) -> None:
        """Record into the classes of the open folder; without one, into a new folder."""
        dataset, network = self._studio.dataset, self._studio.network
        try:
            camera = Camera(self)
        except ImportError as error:
            self._studio.problem.emit(
                Problem(
                    kind="camera",
                    title="Camera support is not installed.",
                    meaning="It is a separate download, because it is large.",
                    remedy='Install it with: pip install "cnnstudio[camera]" (on Linux also the package libpulse0).',
                    details=repr(error),
                )
            )
            return
        root = dataset.root if dataset is not None else self._new_root()
        if root is None:
            return

        def folder_of(name: str) -> Path:
            return class_folder(dataset, name) if dataset is not None else root / safe_file_name(name)

        classes = dataset.classes if dataset is not None else ()
        share = network.crop_share if network is not None and dataset is not None else 1.0
        dialog = CameraDialog(self._studio, camera, classes, folder_of, share, self.window())
        dialog.exec()
        camera.deleteLater()
        if dialog.being_kept:
            dialog.kept.connect(lambda: self._recorded(dialog, root))
        else:
            self._recorded(dialog, root)

    def _new_root(self) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self, "Choose or make an empty folder for the pictures")
        return Path(chosen) if chosen else None

    def _recorded(self, dialog: CameraDialog, root: Path) -> None:
        dialog.deleteLater()
        if dialog.recorded:
            self.recorded.emit(root)
