"""The confusion matrix, painted: rows are actual classes, columns what the network predicted."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role, announce
from cnnstudio.ui.results.matrix_colours import colour_table, image_of_levels, ink_on
from cnnstudio.ui.results.matrix_place import Place
from cnnstudio.ui.results.matrix_words import cell_in_words, told_of
from cnnstudio.ui.widgets import plain

_NUMBERED = 22
"""Pixels of a cell from which on its number fits."""
_STEP = 1.5
_REACH = 4
"""Pixels around the mouse in which a mix-up is found where cells are smaller than that."""


class ConfusionView(QtWidgets.QWidget):
    """Green on the diagonal is correct, orange off it is not; arrows move, Enter chooses.

    With many classes all of it is shown small, and can be zoomed: Ctrl and the wheel, ``+`` and ``-``, 0 for all.
    It is drawn once, into a pixmap, and again only where something changes.
    """

    spoken_role = Role.Chart
    cell_chosen = QtCore.Signal(int, int)
    """Actual class, predicted class."""
    zoomed = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("confusion_matrix")
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self._figures: Figures | None = None
        self._place = Place()
        self._cell = (0, 0)
        self._drawn: QtGui.QPixmap | None = None
        self._pressed: QtCore.QPointF | None = None
        self._moved = False
        theme.notifier().changed.connect(self._redraw)

    @property
    def cell(self) -> tuple[int, int]:
        """Row and column of the marked cell."""
        return self._cell

    @property
    def zooms(self) -> bool:
        """Whether there are so many classes that it can be zoomed."""
        return self._place.zooms

    @property
    def is_zoomed(self) -> bool:
        """Whether less than all of it is shown."""
        return self._place.is_zoomed

    def show_figures(self, figures: Figures) -> None:
        """Replace what is shown."""
        self._figures, self._cell = figures, (0, 0)
        metrics = QtGui.QFontMetrics(theme.font("caption"))
        widest = max((metrics.horizontalAdvance(name) for name in figures.classes), default=0)
        self._place = Place(len(figures.classes), widest)
        self._fit()

    def sentence(self, row: int, column: int) -> str:
        """A cell in plain words."""
        assert self._figures is not None
        return cell_in_words(self._figures, row, column)

    def spoken(self) -> str:
        """The marked cell, and what is to be known of all of them."""
        if self._figures is None:
            return ""
        return " ".join((self.sentence(*self._cell), told_of(self._figures)))

    def cell_rect(self, row: int, column: int) -> QtCore.QRectF:
        """Where a cell lies, also outside of what is shown."""
        return self._place.cell_rect(row, column)

    def zoom(self, *, closer: bool) -> None:
        """Show less of it larger, or more of it smaller, around the middle."""
        self._zoom(_STEP if closer else 1 / _STEP, None)

    def show_all(self) -> None:
        """Show every class."""
        self._place.show_all()
        self._redraw()
        self.zoomed.emit()

    def _zoom(self, factor: float, around: QtCore.QPointF | None) -> None:
        if self._place.zooms:
            self._place.zoom(factor, around) if around is not None else self._place.zoom_middle(factor)
            self._redraw()
            self.zoomed.emit()

    def _fit(self) -> None:
        self._place.fit(self.width())
        self.setFixedHeight(self._place.height)
        self._redraw()

    def _redraw(self) -> None:
        self._drawn = None
        self.update()

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(320, self._place.height)

    @override
    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(240, self._place.height)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._fit()

    @override
    def changeEvent(self, event: QtCore.QEvent) -> None:
        if event.type() == QtCore.QEvent.Type.FontChange:
            self._redraw()
        super().changeEvent(event)

    # Painting -------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._figures is None:
            return
        scale = self.devicePixelRatioF()
        if self._drawn is None or self._drawn.devicePixelRatioF() != scale:
            self._drawn = QtGui.QPixmap(self.size() * scale)
            self._drawn.setDevicePixelRatio(scale)
            self._drawn.fill(QtCore.Qt.GlobalColor.transparent)
            painter = QtGui.QPainter(self._drawn)
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font("caption"))
            self._paint(painter, self._figures)
            painter.end()
        painter = QtGui.QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)
        if self.hasFocus():
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
            painter.setClipRect(self._place.plot().adjusted(-3, -3, 3, 3))
            painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 2))
            painter.drawRoundedRect(self.cell_rect(*self._cell).adjusted(-1, -1, 1, 1), 4, 4)

    def _paint(self, painter: QtGui.QPainter, figures: Figures) -> None:
        colours, place = theme.current(), self._place
        painter.setPen(QtGui.QColor(colours.muted))
        corner = QtCore.QRectF(0, 0, place.labels - 6, theme.scaled(40))
        painter.drawText(corner, QtCore.Qt.AlignmentFlag.AlignRight, "Predicted →\nActual ↓")
        if place.side >= _NUMBERED or place.names_fit:
            self._paint_cells(painter, figures)
            self._paint_names(painter, figures)
        else:
            self._paint_all(painter, figures)

    def _paint_all(self, painter: QtGui.QPainter, figures: Figures) -> None:
        """Cells without room for a name: one image, in which the strongest of each pixel's cells counts."""
        rows, columns = self._place.shown()
        plot = self._place.plot()
        image = image_of_levels(figures.levels[rows.start : rows.stop, columns.start : columns.stop], plot.width())
        image.setColorTable(colour_table())
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.setClipRect(plot)
        first, last = self.cell_rect(rows.start, columns.start), self.cell_rect(rows.stop - 1, columns.stop - 1)
        painter.drawImage(QtCore.QRectF(first.topLeft(), last.bottomRight()), image)
        painter.setClipping(False)

    def _paint_cells(self, painter: QtGui.QPainter, figures: Figures) -> None:
        rows, columns = self._place.shown()
        painter.setClipRect(self._place.plot())
        colours = [QtGui.QColor.fromRgba(colour) for colour in colour_table()]
        numbered = self._place.side >= _NUMBERED
        for row in rows:
            for column in columns:
                rect, level = self.cell_rect(row, column), int(figures.levels[row, column])
                painter.setPen(QtCore.Qt.PenStyle.NoPen)
                painter.setBrush(colours[level])
                painter.drawRoundedRect(rect, 4, 4)
                if level and numbered:
                    painter.setPen(ink_on(colours[level]))
                    number = f"{figures.counts[row, column]:,}"
                    painter.drawText(rect, QtCore.Qt.AlignmentFlag.AlignCenter, number)
        painter.setClipping(False)

    def _paint_names(self, painter: QtGui.QPainter, figures: Figures) -> None:
        metrics, place = painter.fontMetrics(), self._place
        rows, columns = place.shown()
        room, side, plot = place.labels - 12, place.side, place.plot()
        painter.setPen(QtGui.QColor(theme.current().text))
        middle = QtCore.Qt.TextElideMode.ElideMiddle
        flags = QtCore.Qt.AlignmentFlag
        painter.setClipRect(QtCore.QRectF(0, plot.top(), plot.left(), plot.height()))
        for row in rows:
            box = QtCore.QRectF(0, self.cell_rect(row, 0).top(), place.labels - 8, side)
            text = metrics.elidedText(figures.classes[row], middle, room)
            painter.drawText(box, int(flags.AlignVCenter | flags.AlignRight), text)
        painter.setClipRect(QtCore.QRectF(plot.left(), 0, plot.width(), plot.top()))
        for column in columns:
            painter.save()
            painter.translate(self.cell_rect(0, column).left() + side / 2, place.labels - 8)
            painter.rotate(-90)
            text = metrics.elidedText(figures.classes[column], middle, room)
            box = QtCore.QRectF(0, -side / 2, room, side)
            painter.drawText(box, int(flags.AlignVCenter | flags.AlignLeft), text)
            painter.restore()
        painter.setClipping(False)

    # Mouse and keys -------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.button() == QtCore.Qt.MouseButton.LeftButton:
            self._pressed, self._moved = event.position(), False

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        """Tell what is under the mouse; with the button held, move what is shown."""
        at = event.position()
        if self._pressed is not None and self._place.is_zoomed:
            way = at - self._pressed
            if self._moved or way.manhattanLength() >= QtWidgets.QApplication.startDragDistance():
                self._moved, self._pressed = True, at
                self._place.move(-way)
                self._redraw()
            return
        cell = self._cell_at(at)
        if cell is not None:
            QtWidgets.QToolTip.showText(event.globalPosition().toPoint(), plain(self.sentence(*cell)), self)

    @override
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        cell = self._cell_at(event.position())
        if pressed is not None and not self._moved and cell is not None:
            self._choose(*cell)

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        """All of it again."""
        if self._place.is_zoomed:
            self.show_all()

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """The wheel alone is the page's."""
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier and self._place.zooms:
            self._zoom(_STEP ** (event.angleDelta().y() / 120), event.position())
            event.accept()
        else:
            event.ignore()

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtCore.Qt.Key
        moves = {
            keys.Key_Left: (0, -1), keys.Key_Right: (0, 1), keys.Key_Up: (-1, 0), keys.Key_Down: (1, 0),
        }  # fmt: skip
        last, key = self._place.count - 1, QtCore.Qt.Key(event.key())
        move = moves.get(key)
        if last < 0:
            super().keyPressEvent(event)
        elif move is not None:
            self._cell = (min(last, max(0, self._cell[0] + move[0])), min(last, max(0, self._cell[1] + move[1])))
            announce(self, self.sentence(*self._cell))
            if self._place.reveal(*self._cell):
                self._redraw()
            self.update()
        elif key in (keys.Key_Return, keys.Key_Enter, keys.Key_Space):
            self._choose(*self._cell)
        elif key in (keys.Key_Plus, keys.Key_Minus) and self.zooms:
            factor = _STEP if key == keys.Key_Plus else 1 / _STEP
            self._zoom(factor, self.cell_rect(*self._cell).center())
        elif key == keys.Key_0 and self.is_zoomed:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int, column: int) -> None:
        self._cell = (row, column)
        self.update()
        self.cell_chosen.emit(row, column)

    def _cell_at(self, point: QtCore.QPointF) -> tuple[int, int] | None:
        """The cell there; of many small ones, the strongest mix-up close by."""
        cell = self._place.cell_at(point)
        if cell is None or self._figures is None or self._place.side >= _REACH:
            return cell
        return self._figures.strongest_near(*cell, reach=round(_REACH / self._place.side))
