"""What stands where something is being loaded: its shape in grey, in place of controls that say nothing yet."""

from typing import Literal

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.motion import may_move
from cnnstudio.ui.look.spoken import Role

Shape = Literal["lines", "cards", "tiles"]
_PULSE_MS = 1600
_FRAME_MS = 80
_PATIENCE_MS = 150
"""What is there sooner than this never shows grey."""
_LINE, _TILE, _CARD = 14, 112, 220
_SHARES = (0.42, 0.9, 0.78, 0.84, 0.6)
"""Of the width, so that lines look like a text."""


class Skeleton(QtWidgets.QWidget):
    """Lines of a text, cards side by side, or the tiles of a grid; as many as are given, or as fit."""

    spoken_role = Role.StaticText

    def __init__(self, says: str, shape: Shape = "lines", count: int = 0) -> None:
        """``says`` is read to who cannot see it, such as *Reading the networks*."""
        super().__init__()
        self.setObjectName("skeleton")
        self.setAccessibleName(says)
        self._shape, self._count = shape, count
        self._since = QtCore.QElapsedTimer()
        self.clock = QtCore.QTimer(self)
        self.clock.setInterval(_FRAME_MS)
        self.clock.timeout.connect(self.update)

    @override
    def sizeHint(self) -> QtCore.QSize:
        heights = {"lines": (self._count or 3) * 2 * _LINE, "cards": _CARD, "tiles": _TILE}
        return QtCore.QSize(320, heights[self._shape])

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        self._since.start()
        self.clock.start()
        super().showEvent(event)

    @override
    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        self.clock.stop()
        super().hideEvent(event)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        late = self._since.elapsed() - _PATIENCE_MS
        if late < 0:
            return
        swing = abs(2 * (late % _PULSE_MS) / _PULSE_MS - 1) if may_move() else 0.5  # from 1 to 0 and back
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(theme.current().border))
        painter.setOpacity(0.45 + 0.45 * swing)
        for place in self.places():
            painter.drawRoundedRect(place, 6, 6)

    def places(self) -> list[QtCore.QRect]:
        """What is grey."""
        if self._shape == "lines":
            lines = self._count or max(1, self.height() // (2 * _LINE))
            shares = (_SHARES[number % len(_SHARES)] for number in range(lines))
            return [
                QtCore.QRect(0, number * 2 * _LINE, round(self.width() * share), _LINE)
                for number, share in enumerate(shares)
            ]
        if self._shape == "cards":
            count = self._count or 3
            side = (self.width() - (count - 1) * theme.M) // count
            return [
                QtCore.QRect(number * (side + theme.M), 0, side, min(self.height(), _CARD)) for number in range(count)
            ]
        step = _TILE + theme.S
        across, down = max(1, (self.width() + theme.S) // step), max(1, (self.height() + theme.S) // step)
        count = self._count or across * down
        return [QtCore.QRect(number % across * step, number // across * step, _TILE, _TILE) for number in range(count)]
