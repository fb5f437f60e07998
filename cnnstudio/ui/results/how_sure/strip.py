"""A row of pictures that scrolls sideways, with how many there are above it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.gallery import Gallery
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import label
from cnnstudio.understanding.mistakes import Judged

_SCROLL_BAR = QtWidgets.QStyle.PixelMetric.PM_ScrollBarExtent
MOST = 300
"""Pictures that a strip holds: nobody looks at more."""


class Strip(QtWidgets.QWidget):
    """As a gallery of mistakes: Return or a double click opens one large."""

    def __init__(self, studio: Studio, name: str, title: str) -> None:
        super().__init__()
        self._title = title
        self.title = label(title, "heading", name=f"{name}_title")
        self.view = _Row(studio, name)
        self.view.setAccessibleName(title)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.title)
        column.addWidget(self.view)

    @property
    def shown(self) -> Sequence[Judged]:
        """The pictures, with what they are and what was answered."""
        return self.view.rows.answers

    def show_answers(self, answers: Sequence[Judged], count: int, root: Path) -> None:
        """Replace the pictures, the first of ``count``; without any, the line above them is all that is said."""
        self.title.setText(f"{self._title}: {counted(count, 'picture')}")
        self.view.thumbnails.forget_waiting()
        self.view.rows.show_answers(answers[:MOST], root)
        self.view.setVisible(bool(answers))

    def rename(self, title: str) -> None:
        """Call it otherwise from the next pictures on."""
        self._title = title
        self.view.setAccessibleName(title)

    def release(self) -> None:
        """Wait for pictures being read."""
        self.view.thumbnails.close()


def _sideways(event: QtGui.QWheelEvent) -> int:
    """How far the wheel moves a row: alone it is the page's, since several rows fill one that has to be scrolled."""
    turn = event.angleDelta()
    return turn.x() or (turn.y() if event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier else 0)


class _Bar(QtWidgets.QScrollBar):
    """Comes to lie under the mouse while a page is scrolled, which Qt's would then end."""

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        sideways = _sideways(event)
        self.setValue(self.value() - sideways)
        event.setAccepted(bool(sideways))


class _Row(Gallery):
    """One row; the wheel is the page's, with Shift or sideways it is the row's."""

    def __init__(self, studio: Studio, name: str) -> None:
        super().__init__(studio, name)
        self.setFlow(QtWidgets.QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setHorizontalScrollBar(_Bar(QtCore.Qt.Orientation.Horizontal, self))
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        height = self.itemDelegate().sizeHint(QtWidgets.QStyleOptionViewItem(), QtCore.QModelIndex()).height()
        bar = self.style().pixelMetric(_SCROLL_BAR, None, self)
        self.setFixedHeight(height + bar + 2 * (self.spacing() + theme.XS))

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        self.horizontalScrollBar().wheelEvent(event)
