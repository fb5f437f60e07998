"""Cover a part of the picture by hand, and watch the answer change while the square moves."""

from dataclasses import replace

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, image_of, label
from cnnstudio.ui.widgets.prediction_bars import PredictionBars
from cnnstudio.understanding.why.values import Box, Explanation, average_colour

_HEIGHT = 240
_START, _SMALLEST, _STEP = 0.25, 0.04, 1 / 16


class CoverView(QtWidgets.QWidget):
    """Drag to cover; keys move the cover (arrows), size it (+ and -) and take it away (Delete)."""

    spoken_role = Role.Graphic
    changed = QtCore.Signal(object)  # a Box, or None

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("cover_view")
        self.setAccessibleName("Picture to cover")
        self.setAccessibleDescription("Space covers the middle, arrows move the cover, plus and minus size it.")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setCursor(QtCore.Qt.CursorShape.CrossCursor)
        self.setMinimumSize(120, _HEIGHT)
        self.box: Box | None = None
        self._colour = QtGui.QColor()
        self._picture = QtGui.QImage()
        self._start: tuple[float, float] | None = None

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """Another picture H×W×3 uint8, uncovered."""
        self._picture = image_of(pixels) if pixels is not None else QtGui.QImage()
        self._colour = QtGui.QColor(*average_colour(pixels)) if pixels is not None else QtGui.QColor()
        self.box, self._start = None, None
        self.update()

    def cover(self, box: Box | None) -> None:
        """Cover a part, or nothing."""
        self.box = box
        self.update()
        self.changed.emit(box)

    def picture_rect(self) -> QtCore.QRectF:
        """Where the picture lies."""
        side = min(self.width(), self.height())
        return QtCore.QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._picture.isNull():
            return
        painter, place = QtGui.QPainter(self), self.picture_rect()
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._picture)
        if self.box is not None:
            left, top, right, bottom = self.box
            side = place.width()
            covered = QtCore.QRectF(
                place.left() + left * side, place.top() + top * side, (right - left) * side, (bottom - top) * side
            )
            painter.fillRect(covered, self._colour)
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 1.5))
            painter.drawRect(covered)
        if self.hasFocus():
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if not self._picture.isNull():
            self._start = self._share(event.position())

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._start is None:
            return
        (x, y), (to_x, to_y) = self._start, self._share(event.position())
        box = (min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y))
        if box[2] - box[0] >= _SMALLEST and box[3] - box[1] >= _SMALLEST:
            self.cover(box)

    @override
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        start, self._start = self._start, None
        if start is not None and start == self._share(event.position()):  # a click moves the cover there
            width, height = (self.box[2] - self.box[0], self.box[3] - self.box[1]) if self.box else (_START, _START)
            self.cover(_inside(start[0] - width / 2, start[1] - height / 2, width, height))

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys, key = QtCore.Qt.Key, QtCore.Qt.Key(event.key())
        moves = {
            keys.Key_Left: (-_STEP, 0.0), keys.Key_Right: (_STEP, 0.0), keys.Key_Up: (0.0, -_STEP),
            keys.Key_Down: (0.0, _STEP),
        }  # fmt: skip
        sizes = {keys.Key_Plus: _STEP, keys.Key_Equal: _STEP, keys.Key_Minus: -_STEP}
        if self._picture.isNull():
            super().keyPressEvent(event)
        elif self.box is None and (key in moves or key == keys.Key_Space):
            self.cover(_inside(0.5 - _START / 2, 0.5 - _START / 2, _START, _START))
        elif self.box is not None and key in moves:
            left, top, right, bottom = self.box
            self.cover(_inside(left + moves[key][0], top + moves[key][1], right - left, bottom - top))
        elif self.box is not None and key in sizes:
            left, top, right, bottom = self.box
            width, height = right - left + sizes[key], bottom - top + sizes[key]
            if min(width, height) >= _SMALLEST:
                self.cover(_inside(left, top, min(1.0, width), min(1.0, height)))
        elif key in (keys.Key_Delete, keys.Key_Backspace) and self.box is not None:
            self.cover(None)
        else:
            super().keyPressEvent(event)

    def _share(self, point: QtCore.QPointF) -> tuple[float, float]:
        place = self.picture_rect()
        x, y = (point.x() - place.left()) / place.width(), (point.y() - place.top()) / place.height()
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))


def _inside(left: float, top: float, width: float, height: float) -> Box:
    """A box of this size, moved so that it lies on the picture."""
    left, top = min(1 - width, max(0.0, left)), min(1 - height, max(0.0, top))
    return left, top, left + width, top + height


class CoverCard(Card):
    """The picture, and the same five classes beside it whatever is covered."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Cover a part")
        self.setObjectName("cover_card")
        self._studio = studio
        self._model: ModelRef | None = None
        self._found: Explanation | None = None
        self.view = CoverView()
        self.view.changed.connect(self._covered)
        self.bars = PredictionBars()
        self.bars.setObjectName("cover_bars")
        self.uncover = button("Uncover", "uncover", lambda: self.view.cover(None), kind="ghost", icon_name="undo")
        self.head.addWidget(self.uncover)
        self.about = label("", "caption", kind="muted", wrap=True, name="cover_about")
        side = QtWidgets.QVBoxLayout()
        side.addWidget(self.bars)
        side.addWidget(self.about)
        side.addStretch(1)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.view, 1)
        row.addLayout(side, 1)
        self.body.addLayout(row)

    def show_explanation(self, model: ModelRef | None, found: Explanation | None) -> None:
        """Another answer, with nothing covered."""
        self._model, self._found = model, found
        self.view.show_pixels(found.pixels if found else None)
        self._show_bars(None)

    def _covered(self, box: Box | None) -> None:
        found, model = self._found, self._model
        if found is None or model is None:
            return
        if box is None:
            self._show_bars(None)
            return
        self.uncover.setEnabled(True)
        self._studio.submit(
            specs.CoverPart(model=model, image=found.path, box=box),
            done=lambda said: self._show_bars(said) if found is self._found and self.view.box is not None else None,
        )

    def _show_bars(self, said: Prediction | None) -> None:
        """Of the covered picture; None is the picture as it is."""
        found = self._found
        self.uncover.setEnabled(said is not None)
        if found is None:
            self.bars.show_prediction(None)
            self.about.setText("")
            return
        whole = Prediction(path=found.path, top=found.top)
        if said is None:
            self.bars.show_prediction(whole)
            self.about.setText("Drag a square over the picture and watch the answer.")
            return
        now = {score.label: score.probability for score in said.top}
        same = tuple(ClassScore(score.label, now[score.label]) for score in found.top)
        self.bars.show_prediction(replace(whole, top=same))
        first = said.top[0]
        self.about.setText(
            f"The answer stays {isolated(first.label)}."
            if first.label == found.top[0].label
            else f"The answer is {isolated(first.label)} now ({100 * first.probability:.0f} %)."
        )
