"""All plots do alike with the mouse: the wheel scrolls the page, with Ctrl it zooms, a double click shows all."""

import pyqtgraph as pg
from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.ui.look import theme

pg.setConfigOptions(antialias=True)


class Plot(pg.PlotWidget):
    """Without pyqtgraph's own menu and buttons, which speak to programmers."""

    def __init__(self, **options: object) -> None:
        super().__init__(enableMenu=False, **options)
        self.hideButtons()

    def show_all(self) -> None:
        """Leave no point outside, whatever was zoomed or dragged, and follow the points that come."""
        self.getViewBox().enableAutoRange(x=self.follows[0], y=self.follows[1])

    @property
    def follows(self) -> tuple[bool, bool]:
        """Which axes the mouse may have moved, across and up."""
        moved = self.getViewBox().state["mouseEnabled"]
        return bool(moved[0]), bool(moved[1])

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Zooms with Ctrl; alone it scrolls the page, which moves plots under it."""
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        """With a ring where the keyboard is; a border would cut off the axes, which pyqtgraph fits to the widget."""
        super().paintEvent(event)
        if self.hasFocus() and self.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus:
            painter = QtGui.QPainter(self.viewport())
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        self.show_all()
        event.accept()
