"""A row of pictures that scrolls sideways, with how many there are above it."""

from collections.abc import Sequence

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.mistake_list import show_file
from cnnstudio.ui.widgets import Picture, PictureList, Thumbnails, label

SIDE = 88
_SCROLL_BAR = QtWidgets.QStyle.PixelMetric.PM_ScrollBarExtent
MOST = 300
"""Pictures that a strip holds: nobody looks at more."""


class Strip(QtWidgets.QWidget):
    """Double click or Return shows a picture's folder."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.thumbnails = Thumbnails(2 * SIDE, self)
        self._title = title
        self.shown: tuple[Picture, ...] = ()
        self.title = label(title, "heading", name=f"{name}_title")
        self.pictures = PictureList(self.thumbnails)
        self.view = QtWidgets.QListView()
        self.view.setObjectName(name)
        self.view.setAccessibleName(title)
        self.view.setModel(self.pictures)
        self.view.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.view.setFlow(QtWidgets.QListView.Flow.LeftToRight)
        self.view.setWrapping(False)
        self.view.setMovement(QtWidgets.QListView.Movement.Static)
        self.view.setIconSize(QtCore.QSize(SIDE, SIDE))
        self.view.setUniformItemSizes(True)
        self.view.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.view.setFont(theme.font("caption"))
        self.view.setWordWrap(True)
        height = SIDE + 2 * self.view.fontMetrics().height() + 2 * theme.XS
        self.view.setGridSize(QtCore.QSize(SIDE + 44, height))
        self.view.setFixedHeight(height + self.view.style().pixelMetric(_SCROLL_BAR) + 2 * theme.XS)
        self.view.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.view.activated.connect(self._show_file)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.title)
        column.addWidget(self.view)

    def show_pictures(self, pictures: Sequence[Picture], count: int) -> None:
        """Replace the pictures, the first of ``count``."""
        self.shown = tuple(pictures[:MOST])
        self.title.setText(f"{self._title}: {counted(count, 'picture')}")
        self.pictures.show_pictures(list(self.shown))

    def rename(self, title: str) -> None:
        """Call it otherwise from the next pictures on."""
        self._title = title
        self.view.setAccessibleName(title)

    def _show_file(self, index: QtCore.QModelIndex) -> None:
        show_file(self.shown[index.row()].path)
