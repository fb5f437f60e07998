"""All plots do alike with the mouse: the wheel scrolls the page, with Ctrl it zooms, a double click shows all."""

import pyqtgraph as pg
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.look.turns import soon

pg.setConfigOptions(antialias=True)


class Plot(pg.PlotWidget):
    """Without pyqtgraph's own menu and buttons, which speak to programmers.

    What it shows is also said in words (``spoken``), for those who cannot see it.
    """

    spoken_role = Role.Chart

    def __init__(self, **options: object) -> None:
        self._latest = QtGui.QPixmap()
        self._waits = self._shows = False
        super().__init__(enableMenu=False, **options)
        self.destroyed.connect(self.getPlotItem().ctrlMenu.deleteLater)  # made all the same, and owned by nobody
        self.hideButtons()
        self.setFocusPolicy(
            QtCore.Qt.FocusPolicy.StrongFocus
        )  # a wheel that scrolls the page leaves the keyboard alone
        self.setViewportUpdateMode(QtWidgets.QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.scene().changed.connect(self._draw_soon)

    def show_all(self) -> None:
        """Leave no point outside, whatever was zoomed or dragged, and follow the points that come."""
        self.getViewBox().enableAutoRange(x=self.follows[0], y=self.follows[1])

    @property
    def follows(self) -> tuple[bool, bool]:
        """Which axes the mouse may have moved, across and up."""
        moved = self.getViewBox().state["mouseEnabled"]
        return bool(moved[0]), bool(moved[1])

    @property
    def is_drawn(self) -> bool:
        """Whether what is seen is all that there is."""
        return not self._waits

    @override
    def setBackground(self, background: object) -> None:
        """Nothing is shown any more that was drawn on another one."""
        super().setBackground(background)
        self._latest = QtGui.QPixmap()
        self._draw_soon()

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Zooms with Ctrl; alone it scrolls the page, which moves plots under it."""
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        """What was drawn last, until it is drawn anew in a turn of its own: that takes 10 ms, and a page has several.

        With a ring where the keyboard is; a border would cut off the axes, which pyqtgraph fits to the widget.
        """
        if not self.isVisible():
            self._take_image()
        elif not self._shows:
            self._draw_soon()
        painter = QtGui.QPainter(self.viewport())
        if not self._latest.isNull():
            painter.drawPixmap(self.viewport().rect(), self._latest)
        if self.hasFocus() and self.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus:
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    @QtCore.Slot()
    def _draw_soon(self) -> None:
        if not self._waits and self.isVisible():
            self._waits = True
            soon(self, self._draw_anew)

    def _draw_anew(self) -> None:
        self._waits = False
        if self.isVisible():
            self._take_image()
            self._shows = True
            self.viewport().repaint()
            self._shows = False

    def _take_image(self) -> None:
        area, scale = self.viewport().rect(), self.devicePixelRatioF()
        self._latest = QtGui.QPixmap(area.size() * scale)
        self._latest.setDevicePixelRatio(scale)
        painter = QtGui.QPainter(self._latest)
        painter.setRenderHints(self.renderHints())
        self.render(painter, QtCore.QRectF(area), area)
        painter.end()

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        self.show_all()
        event.accept()
