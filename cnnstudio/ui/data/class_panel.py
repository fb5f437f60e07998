"""The classes with a search, an order, and the ways to a new one."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import safe_file_name
from cnnstudio.data import Dataset
from cnnstudio.data.collect import class_folder
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.data.class_view import ClassView
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Curator, Studio
from cnnstudio.ui.widgets import Thumbnails, button, combo
from cnnstudio.ui.widgets.camera import Camera
from cnnstudio.ui.widgets.file_dialogs import ask_folder
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog

_NARROWEST = 200
_ORDERS = (("By name", "name"), ("Most pictures first", "most"), ("Fewest first", "fewest"))


class ClassPanel(QtWidgets.QWidget):
    """The classes with a search, an order, and two ways to a new one."""

    recorded = QtCore.Signal(Path)
    """Pictures were recorded into this folder."""

    def __init__(self, studio: Studio, curator: Curator, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName("class_panel")
        self.setMinimumWidth(theme.scaled(_NARROWEST))
        self._studio, self._curator = studio, curator
        self.view = ClassView(studio, curator, thumbnails)
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("class_search")
        self.search.setAccessibleName("Search the classes")
        self.search.setPlaceholderText("Search classes")
        self.search.setClearButtonEnabled(True)
        self.order = combo("class_order", "Order of the classes", _ORDERS)
        self.order.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.order.setMinimumContentsLength(7)  # "By name", which it begins with
        self.new = button("New class…", "class_new", self.view.add_class)
        self.camera = button("", "class_record", self.record, icon_name="camera")
        self.camera.setAccessibleName("Record with the camera…")
        self.camera.setToolTip("Record with the camera…")
        above = QtWidgets.QHBoxLayout()
        above.setSpacing(theme.XS)
        above.addWidget(self.search, 3)
        above.addWidget(self.order, 2)
        below = QtWidgets.QHBoxLayout()
        below.setSpacing(theme.XS)
        below.addWidget(self.new, 1)
        below.addWidget(self.camera)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(above)
        column.addWidget(self.view, 1)
        column.addLayout(below)
        self.search.textChanged.connect(self.view.rows.narrow)
        self.search.installEventFilter(self)
        self.view.asks_below = self.search
        self.order.currentIndexChanged.connect(lambda _: self.view.rows.set_order(self.order.currentData()))
        curator.new_classes_changed.connect(lambda: self.view.rows.show_new(curator.new_classes))

    def show_dataset(self, dataset: Dataset, counts: dict[str, dict[str, int]], *, is_other: bool) -> None:
        """Show a folder's classes; another folder begins with all pictures and without a search."""
        if is_other:
            self.search.clear()
        self.view.show_dataset(dataset, counts, is_other=is_other)

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """From the search into the list by Down or Return, at the first class that matches."""
        keys = (QtCore.Qt.Key.Key_Down, QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter)
        if watched is self.search and isinstance(event, QtGui.QKeyEvent) and event.key() in keys:
            if event.type() == QtCore.QEvent.Type.KeyPress and self.view.rows.class_count:
                self.view.setCurrentIndex(self.view.rows.index(self.view.rows.first_class))
                self.view.setFocus()
            return True
        return super().eventFilter(watched, event)

    def record(self) -> None:
        """Record into the classes of the open folder; without one, into a new folder."""
        dataset, network = self._studio.dataset, self._studio.network
        try:
            camera = Camera(self)
        except ImportError:
            CameraPartDialog(self._studio, self.record, self.window()).show()
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
        return ask_folder(self, "Choose or make an empty folder for the pictures")

    def _recorded(self, dialog: CameraDialog, root: Path) -> None:
        dialog.deleteLater()
        if dialog.recorded:
            if self._studio.dataset is not None and self._studio.dataset.root == root:
                self._curator.recorded(dialog.recorded, root)
            self.recorded.emit(root)
