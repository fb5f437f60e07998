"""Lines from the pixels under the kernel to their numbers, and from the sum to the pixel that it becomes."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.lab.operation.plane_view import PlaneView
from cnnstudio.ui.lab.operation.sum_strip import FRAME, SumStrip
from cnnstudio.ui.look.spoken import Role


class Threads(QtWidgets.QWidget):
    """Lies over pictures and sum, and lets the mouse through."""

    spoken_role = Role.Graphic

    def __init__(self, stage: QtWidgets.QWidget, given: PlaneView, made: PlaneView, strip: SumStrip) -> None:
        super().__init__(stage)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        self._stage, self._given, self._made, self._strip = stage, given, made, strip

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        ends = self._strip.ends() if self._strip.isVisible() else None
        if ends is None or not self._given.isVisible():
            return
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        patch, pixel = (rect.translated(self._strip.mapTo(self._stage, QtCore.QPoint())) for rect in ends)
        before, after = self._frame_in(self._given), self._frame_in(self._made)
        lines = []
        if before is not None:
            lines += [(before.bottomLeft(), patch.topLeft()), (before.bottomRight(), patch.topRight())]
        if after is not None:
            lines += [(pixel.topLeft(), after.bottomLeft()), (pixel.topRight(), after.bottomRight())]
        for width, colour in ((3.0, QtGui.QColor(0, 0, 0, 90)), (1.4, QtGui.QColor(FRAME))):
            painter.setPen(QtGui.QPen(colour, width))
            for start, end in lines:
                painter.drawLine(start, end)

    def _frame_in(self, view: PlaneView) -> QtCore.QRectF | None:
        frame = view.frame_place()
        return frame.translated(view.mapTo(self._stage, QtCore.QPoint())) if frame is not None else None
