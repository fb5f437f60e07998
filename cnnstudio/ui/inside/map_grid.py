"""Feature maps as a grid of pictures that can be zoomed; a click shows one large."""

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.inference.results import FeatureMaps
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role, announce
from cnnstudio.ui.widgets import image_of, plain

MIN_TILE, MAX_TILE, START_TILE = 40, 420, 96
_CAPTION, _GAP = 18, 8
_STEP = 1.25

# Seven points of matplotlib's viridis (CC0): dark is low, bright is high, also without colour vision.
_VIRIDIS = np.array(
    [[68, 1, 84], [70, 50, 127], [54, 92, 141], [39, 127, 142], [31, 161, 135], [74, 194, 109], [253, 231, 37]], float
)


class MapGrid(QtWidgets.QWidget):
    """Ctrl+wheel, + and - zoom; arrows move, Enter shows a map large."""

    spoken_role = Role.Graphic
    tile_chosen = QtCore.Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_grid")
        self.setAccessibleName("Feature maps")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.maps: FeatureMaps | None = None
        self.tile = theme.scaled(START_TILE)
        self.current = 0
        self._images: list[QtGui.QImage] = []
        theme.notifier().changed.connect(self.update)

    def show_maps(self, maps: FeatureMaps | None) -> None:
        """Replace the maps."""
        self.maps = maps
        self.current = 0
        self._images = [map_image(tile) for tile in maps.tiles] if maps is not None else []
        self._fit()

    def zoom(self, factor: float) -> None:
        """Larger or smaller tiles."""
        self.tile = int(max(MIN_TILE, min(MAX_TILE, self.tile * factor)))
        self._fit()

    def zoom_in(self) -> None:
        """Larger tiles."""
        self.zoom(_STEP)

    def zoom_out(self) -> None:
        """Smaller tiles."""
        self.zoom(1 / _STEP)

    def caption(self, index: int) -> str:
        """Such as: channel 17, -0.30 … 4.10."""
        assert self.maps is not None
        low, high = self.maps.low[index], self.maps.high[index]
        return f"channel {self.maps.channels[index]}, {low:.2f} … {high:.2f}"

    def spoken(self) -> str:
        """How many there are, and the one where the keyboard is."""
        if not self._images:
            return ""
        return f"{counted(len(self._images), 'map')}. Here: {self.caption(self.current)}."

    def below(self, index: int) -> str:
        """What is written under a tile."""
        assert self.maps is not None
        return str(self.maps.channels[index])

    def paint_on(self, painter: QtGui.QPainter, index: int, rect: QtCore.QRectF) -> None:
        """For what else there is to say of a tile."""

    @override
    def sizeHint(self) -> QtCore.QSize:
        rows = -(-len(self._images) // self._columns()) if self._images else 0
        return QtCore.QSize(400, rows * (self.tile + theme.scaled(_CAPTION) + _GAP))

    @override
    def resizeEvent(self, event: object) -> None:
        self._fit()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setFont(theme.font("caption"))
        colours = theme.current()
        for index, image in enumerate(self._images):
            rect = self.tile_rect(index)
            if not rect.intersects(QtCore.QRectF(event.rect())):
                continue
            painter.drawImage(rect, image)  # without smoothing: every value stays a square
            self.paint_on(painter, index, rect)
            if index == self.current and self.hasFocus():
                painter.setPen(QtGui.QColor(colours.accent))
                painter.drawRect(rect.adjusted(-2, -2, 1, 1))
            painter.setPen(QtGui.QColor(colours.muted))
            below = QtCore.QRectF(rect.left(), rect.bottom() + 1, rect.width(), theme.scaled(_CAPTION))
            end = QtCore.Qt.TextElideMode.ElideRight
            words = painter.fontMetrics().elidedText(self.below(index), end, round(rect.width()))
            painter.drawText(below, QtCore.Qt.AlignmentFlag.AlignCenter, words)

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Zoom with Ctrl; otherwise the page scrolls."""
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            self.zoom(_STEP if event.angleDelta().y() > 0 else 1 / _STEP)
            event.accept()
        else:
            event.ignore()

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        index = self._index_at(event.position().toPoint())
        if index is not None:
            QtWidgets.QToolTip.showText(event.globalPosition().toPoint(), plain(self.caption(index)), self)

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        index = self._index_at(event.position().toPoint())
        if index is not None:
            self._choose(index)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtCore.Qt.Key
        moves = {
            keys.Key_Left: -1, keys.Key_Right: 1, keys.Key_Up: -self._columns(), keys.Key_Down: self._columns(),
        }  # fmt: skip
        key = QtCore.Qt.Key(event.key())
        if key in moves and self._images:
            self.current = max(0, min(len(self._images) - 1, self.current + moves[key]))
            announce(self, self.caption(self.current))
            self.update()
        elif key in (QtCore.Qt.Key.Key_Plus, QtCore.Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == QtCore.Qt.Key.Key_Minus:
            self.zoom_out()
        elif key in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter, QtCore.Qt.Key.Key_Space) and self._images:
            self._choose(self.current)
        else:
            super().keyPressEvent(event)

    def _choose(self, index: int) -> None:
        self.current = index
        self.update()
        self.tile_chosen.emit(index)

    def _columns(self) -> int:
        return max(1, (max(1, self.width()) + _GAP) // (self.tile + _GAP))

    def tile_rect(self, index: int) -> QtCore.QRectF:
        """Where a map lies."""
        row, column = divmod(index, self._columns())
        return QtCore.QRectF(
            column * (self.tile + _GAP), row * (self.tile + theme.scaled(_CAPTION) + _GAP), self.tile, self.tile
        )

    def _index_at(self, point: QtCore.QPoint) -> int | None:
        found = (index for index in range(len(self._images)) if self.tile_rect(index).contains(point.toPointF()))
        return next(found, None)

    def _fit(self) -> None:
        self.setFixedHeight(max(1, self.sizeHint().height()))
        self.update()


def map_image(tile: np.ndarray) -> QtGui.QImage:
    """A map H×W uint8 in colour."""
    place = np.linspace(0, 255, len(_VIRIDIS))
    table = np.stack([np.interp(np.arange(256), place, _VIRIDIS[:, c]) for c in range(3)], 1).astype(np.uint8)
    return image_of(table[tile])
