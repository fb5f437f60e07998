"""One picture, pixel by pixel: as large as there is room, with a frame around the pixels that are meant."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role

_GRID_FROM = 9.0
"""Screen pixels to a picture's pixel from which their edges are drawn."""
_SHARP_FROM = 1.5
_FIT = 2


class PlaneView(QtWidgets.QWidget):
    """Pointing at a pixel, with the mouse or with the arrow keys, tells it; so does a click, or Space."""

    spoken_role = Role.Graphic
    pointed = QtCore.Signal(int, int)
    """Column and row of the pixel under the mouse, or that the arrow keys went to."""
    clicked = QtCore.Signal(int, int)
    left = QtCore.Signal()
    """The mouse is somewhere else."""
    drawn = QtCore.Signal(float, float, bool, bool)
    """Where the pen is, in pixels without the margin; whether it was down before; whether it erases."""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self._image = QtGui.QImage()
        self._words = ""
        self._margin = 0
        self._mark: QtCore.QRectF | None = None
        self._shown: int | None = None
        self._at = QtCore.QPoint(0, 0)
        self._draws = False
        theme.notifier().changed.connect(self.update)

    @property
    def image(self) -> QtGui.QImage:
        """What is shown; null for nothing."""
        return self._image

    def spoken(self) -> str:
        """How large it is, and which pixel is meant; or the words where there is none."""
        if self._image.isNull():
            return self._words
        size = f"{self._image.width():,} × {self._image.height():,} pixels"
        return f"{size}; column {self._at.x() + 1}, row {self._at.y() + 1}."

    def show_image(self, image: QtGui.QImage | None, words: str = "", margin: int = 0) -> None:
        """Show a picture of which the outer ``margin`` pixels were added, or the words where there is none."""
        self._image, self._words, self._margin = image or QtGui.QImage(), words, margin
        self.update()

    def mark(self, frame: QtCore.QRectF | None) -> None:
        """Draw a frame, in pixels of the picture without its margin."""
        if frame != self._mark:
            self._mark = frame
            self.update()

    @property
    def frame(self) -> QtCore.QRectF | None:
        """What is marked."""
        return self._mark

    def show_first(self, count: int | None) -> None:
        """Show only so many pixels, row by row, as they are computed; None for all of them."""
        if count != self._shown:
            self._shown = count
            self.update()

    def place(self) -> QtCore.QRectF:
        """Where the picture is drawn, with its margin."""
        area = QtCore.QRectF(self.rect()).adjusted(_FIT, _FIT, -_FIT, -_FIT)
        if self._image.isNull():
            return area
        width, height = self._image.width(), self._image.height()
        scale = min(area.width() / width, area.height() / height)
        if scale > 2:
            scale = float(int(scale))  # every pixel as large as the next
        place = QtCore.QRectF(0, 0, scale * width, scale * height)
        place.moveCenter(area.center())
        return place.translated(-(place.left() % 1), -(place.top() % 1))

    @property
    def scale(self) -> float:
        """Screen pixels to a pixel of the picture."""
        return self.place().width() / max(1, self._image.width())

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(320, 320)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, colours = QtGui.QPainter(self), theme.current()
        if self._image.isNull():
            painter.setPen(QtGui.QColor(colours.muted))
            flags = int(QtCore.Qt.AlignmentFlag.AlignCenter) | int(QtCore.Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._words)
            return
        place, scale = self.place(), self.scale
        if scale < _SHARP_FROM:
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        if scale >= _GRID_FROM:
            self._paint_grid(painter, place, scale)
        if self._margin:
            inner = place.adjusted(*(scale * self._margin * sign for sign in (1, 1, -1, -1)))
            self._paint_margin(painter, place, inner)
        if self._shown is not None:
            self._paint_veil(painter, place, scale)
        if (frame := self.frame_place()) is not None:
            self._paint_mark(painter, frame)
        if self.hasFocus():
            painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2))
            painter.drawRect(place.adjusted(-1, -1, 1, 1))

    def _paint_grid(self, painter: QtGui.QPainter, place: QtCore.QRectF, scale: float) -> None:
        painter.setPen(QtGui.QPen(QtGui.QColor(128, 128, 128, 70), 1))
        for column in range(1, self._image.width()):
            x = place.left() + column * scale
            painter.drawLine(QtCore.QPointF(x, place.top()), QtCore.QPointF(x, place.bottom()))
        for row in range(1, self._image.height()):
            y = place.top() + row * scale
            painter.drawLine(QtCore.QPointF(place.left(), y), QtCore.QPointF(place.right(), y))

    def _paint_margin(self, painter: QtGui.QPainter, place: QtCore.QRectF, inner: QtCore.QRectF) -> None:
        colours = theme.current()
        around = QtGui.QRegion(place.toRect()) - QtGui.QRegion(inner.toRect())
        painter.save()
        painter.setClipRegion(around)
        painter.fillRect(place, QtGui.QBrush(QtGui.QColor(colours.accent), QtCore.Qt.BrushStyle.BDiagPattern))
        painter.restore()
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 1, QtCore.Qt.PenStyle.DashLine))
        painter.drawRect(inner)

    def _paint_veil(self, painter: QtGui.QPainter, place: QtCore.QRectF, scale: float) -> None:
        """What has not been computed yet, in the colour of the ground."""
        row, column = divmod(self._shown or 0, self._image.width())
        ground, top = QtGui.QColor(theme.current().surface_alt), place.top() + row * scale
        rest = QtCore.QRectF(place.left() + column * scale, top, place.width() - column * scale, scale)
        painter.fillRect(rest.intersected(place), ground)
        below = QtCore.QRectF(place.left(), top + scale, place.width(), place.bottom() - top - scale)
        if below.height() > 0:
            painter.fillRect(below, ground)

    def frame_place(self) -> QtCore.QRectF | None:
        """Where the mark is drawn; None where nothing is marked."""
        if self._mark is None or self._image.isNull():
            return None
        place, scale, mark = self.place(), self.scale, self._mark
        left = place.left() + scale * (self._margin + mark.left())
        top = place.top() + scale * (self._margin + mark.top())
        frame = QtCore.QRectF(left, top, scale * mark.width(), scale * mark.height())
        grown = max(0.0, 7 - min(frame.width(), frame.height()))  # a pixel of a large picture would hardly be seen
        return frame.adjusted(-grown / 2, -grown / 2, grown / 2, grown / 2)

    def _paint_mark(self, painter: QtGui.QPainter, frame: QtCore.QRectF) -> None:
        """With a dark line beside it, so that it is seen on every picture."""
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        for width, colour in ((5.0, QtGui.QColor(0, 0, 0, 200)), (3.0, QtGui.QColor("#ffcf33"))):
            painter.setPen(QtGui.QPen(colour, width, j=QtCore.Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(frame)

    def set_drawing(self, draws: bool) -> None:
        """Whether the left button draws on the picture and the right one erases; Space draws a dot."""
        self._draws = draws
        self.setCursor(QtCore.Qt.CursorShape.CrossCursor if draws else QtCore.Qt.CursorShape.ArrowCursor)

    # Pointing -------------------------------------------------------------------------------------------------

    def pixel_at(self, position: QtCore.QPointF) -> QtCore.QPoint | None:
        """Column and row, counted without the margin; None where there is no picture."""
        if self._image.isNull():
            return None
        inside = (position - self.place().topLeft()) / self.scale
        column, row = int(inside.x() // 1), int(inside.y() // 1)
        if not (0 <= column < self._image.width() and 0 <= row < self._image.height()):
            return None
        return QtCore.QPoint(column - self._margin, row - self._margin)

    def put_cursor(self, column: int, row: int) -> None:
        """Where the arrow keys go on from."""
        self._at = QtCore.QPoint(column, row)

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        if (pixel := self.pixel_at(event.position())) is not None:
            self._at = pixel
            self.pointed.emit(pixel.x(), pixel.y())
        if self._draws and event.buttons():
            self._draw(event.position(), was_down=True, erase=bool(event.buttons() & QtCore.Qt.MouseButton.RightButton))

    def _draw(self, position: QtCore.QPointF, *, was_down: bool, erase: bool) -> None:
        if not self._image.isNull():
            inside, margin = (position - self.place().topLeft()) / self.scale, self._margin
            self.drawn.emit(inside.x() - margin, inside.y() - margin, was_down, erase)

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._draws:
            self._draw(event.position(), was_down=False, erase=event.button() == QtCore.Qt.MouseButton.RightButton)
        elif event.button() == QtCore.Qt.MouseButton.LeftButton and (pixel := self.pixel_at(event.position())):
            self._at = pixel
            self.clicked.emit(pixel.x(), pixel.y())

    @override
    def leaveEvent(self, event: QtCore.QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        step = _STEPS.get(QtCore.Qt.Key(event.key()))
        if self._image.isNull() or (step is None and event.key() != QtCore.Qt.Key.Key_Space):
            super().keyPressEvent(event)
            return
        if step is None and self._draws:
            self.drawn.emit(self._at.x() + 0.5, self._at.y() + 0.5, *_DOT)
            return
        if step is None:
            self.clicked.emit(self._at.x(), self._at.y())
            return
        far = 10 if event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier else 1
        low, most = -self._margin, self._image.width() - 1 - self._margin
        column = min(max(low, self._at.x() + far * step[0]), most)
        row = min(max(low, self._at.y() + far * step[1]), self._image.height() - 1 - self._margin)
        self._at = QtCore.QPoint(column, row)
        self.pointed.emit(column, row)


_DOT = (False, False)
"""The pen was not down before, and does not erase."""
_STEPS = {
    QtCore.Qt.Key.Key_Left: (-1, 0), QtCore.Qt.Key.Key_Right: (1, 0),
    QtCore.Qt.Key.Key_Up: (0, -1), QtCore.Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
