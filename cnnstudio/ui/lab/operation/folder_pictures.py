"""Some pictures of the open folder, to choose one."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.data import Dataset
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Picture, PictureList, Thumbnails, label
from cnnstudio.ui.widgets.dialog_frame import give_room

_SIDE = 96
_MOST = 240


class FolderPictures(QtWidgets.QDialog):
    """A click, or Return, takes one."""

    chosen = QtCore.Signal(Path)

    def __init__(self, dataset: Dataset, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lab_folder_pictures")
        self.setWindowTitle("From the open folder")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 720, 520)
        self._thumbnails = Thumbnails(_SIDE, self)
        self.rows = PictureList(self._thumbnails)
        samples = dataset.samples[:: max(1, -(-len(dataset.samples) // _MOST))]  # evenly over the classes
        self.rows.show_pictures([Picture(each.path, dataset.classes[each.label]) for each in samples])
        self.view = QtWidgets.QListView()
        self.view.setObjectName("lab_folder_list")
        self.view.setAccessibleName("Pictures of the open folder")
        self.view.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.view.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.view.setMovement(QtWidgets.QListView.Movement.Static)
        self.view.setIconSize(QtCore.QSize(_SIDE, _SIDE))
        self.view.setGridSize(QtCore.QSize(_SIDE + 24, _SIDE + 36))
        self.view.setUniformItemSizes(True)
        self.view.setModel(self.rows)
        self.view.clicked.connect(self._take)
        self.view.activated.connect(self._take)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(label(f"Pictures of {isolated(dataset.root.name)}", "heading", wrap=True))
        column.addWidget(self.view, 1)

    @override
    def done(self, result: int) -> None:
        self._thumbnails.close()
        super().done(result)

    def _take(self, index: QtCore.QModelIndex) -> None:
        self.chosen.emit(self.rows.path(index.row()))
        self.accept()
