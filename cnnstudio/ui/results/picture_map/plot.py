"""The plane of points: hover tells, drawing a line around points selects them, Ctrl or a second button moves it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.picture_map.lasso import inside
from cnnstudio.ui.results.picture_map.points import HIDDEN, Mark, Points
from cnnstudio.ui.widgets.plots import Plot

_NEAR_PX = 10
_ZOOM = 1.25
_STEP_PX = 60
_FEW, _PALE = 40, 0.25


class _Plane(pg.ViewBox):
    """The left button draws around points, with Ctrl or another button it moves the plane."""

    drawn = QtCore.Signal(object, bool, bool)
    """The line so far, M×2; whether it is finished; whether it adds to what is selected."""

    def __init__(self) -> None:
        super().__init__(lockAspect=True, enableMenu=False)
        self._line: list[tuple[float, float]] = []

    @override
    def mouseDragEvent(self, ev: object, axis: int | None = None) -> None:
        modifiers = QtCore.Qt.KeyboardModifier
        if ev.button() != QtCore.Qt.MouseButton.LeftButton or ev.modifiers() & modifiers.ControlModifier:  # type: ignore[attr-defined]
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()  # type: ignore[attr-defined]
        if ev.isStart():  # type: ignore[attr-defined]
            place = self.mapToView(ev.buttonDownPos())  # type: ignore[attr-defined]
            self._line = [(place.x(), place.y())]
        place = self.mapToView(ev.pos())  # type: ignore[attr-defined]
        self._line.append((place.x(), place.y()))
        adds = bool(ev.modifiers() & modifiers.ShiftModifier)  # type: ignore[attr-defined]
        self.drawn.emit(np.array(self._line), bool(ev.isFinish()), adds)  # type: ignore[attr-defined]


class MapPlot(Plot):
    """Points, those that are selected once more while the others are pale, and the line that is being drawn."""

    selected = QtCore.Signal(object)  # an array
    """Places in the list of the points that are selected, in their order."""
    hovered = QtCore.Signal(int, QtCore.QPoint)
    """A point under the mouse and where that is; -1 for none."""
    opened = QtCore.Signal(int)

    def __init__(self) -> None:
        self._plane = _Plane()
        super().__init__(viewBox=self._plane)
        self.setObjectName("map_plot")
        self.setAccessibleName("Map of all pictures; plus and minus zoom, arrows move it, Ctrl+A selects what is shown")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.points, self.chosen = Points(), Points()
        self.chosen.setZValue(9)
        self._line = pg.PlotCurveItem()
        self._line.setZValue(10)
        for item in (self.points, self.chosen, self._line):
            self._plane.addItem(item, ignoreBounds=item is not self.points)
        self.selection = np.zeros(0, np.int64)
        self._marks: tuple[Mark, ...] = ()
        self._under = -1
        self._plane.drawn.connect(self._drawn)
        self.scene().sigMouseMoved.connect(self._moved)
        self.scene().sigMouseClicked.connect(self._clicked)
        theme.notifier().changed.connect(self._tint)
        self._tint()

    def show_points(self, places: np.ndarray, kinds: np.ndarray, *, fit: bool) -> None:
        """Replace the points, or let them move; ``fit`` shows all of them."""
        if len(places) != len(self.points.places):
            self.select(np.zeros(0, np.int64))
        self.points.show_points(places, kinds)
        self._show_chosen()
        if fit:
            self.show_all()

    def show_marks(self, marks: Sequence[Mark], kinds: np.ndarray) -> None:
        """Colour the points otherwise; what is hidden from now on is not selected any more."""
        self._marks = tuple(marks)
        self.points.show_marks(marks)
        self.points.show_kinds(kinds)
        self.select(self.selection[kinds[self.selection] != HIDDEN])
        self._show_chosen()

    def select(self, places: np.ndarray) -> None:
        """Select these and no others."""
        if not np.array_equal(places, self.selection):
            self.selection = places
            self._show_chosen()
            self.selected.emit(places)

    def spoken(self) -> str:
        """How many pictures are points, and how many of them are selected."""
        shown = int((self.points.kinds != HIDDEN).sum())
        return f"{counted(shown, 'picture')} shown, {len(self.selection):,} selected."

    def select_shown(self) -> None:
        """All that are not hidden."""
        self.select(np.flatnonzero(self.points.kinds != HIDDEN))

    def zoom(self, times: float) -> None:
        """Nearer to the middle, or away from it."""
        self._plane.scaleBy((1 / times, 1 / times))

    @override
    def show_all(self) -> None:
        self._plane.setRange(self.points.boundingRect(), padding=0.06)

    # Mouse and keys ---------------------------------------------------------------------------------------------

    def _drawn(self, line: np.ndarray, is_finished: bool, adds: bool) -> None:
        if not is_finished:
            self._line.setData(*np.vstack([line, line[:1]]).T)
            return
        self._line.setData([], [])
        found = np.flatnonzero(inside(self.points.places, line) & (self.points.kinds != HIDDEN))
        self.select(np.union1d(self.selection, found) if adds else found)

    def _nearest(self, scene_position: QtCore.QPointF) -> int:
        kinds = self.points.kinds
        if not len(kinds):
            return -1
        at = self._plane.mapSceneToView(scene_position)
        width, height = self._plane.viewPixelSize()
        apart = (self.points.places - np.array([at.x(), at.y()], np.float32)) / np.array([width, height], np.float32)
        square = np.einsum("ij,ij->i", apart, apart)
        square[kinds == HIDDEN] = np.inf
        nearest = int(square.argmin())
        return nearest if square[nearest] <= _NEAR_PX**2 else -1

    def _moved(self, scene_position: QtCore.QPointF) -> None:
        inside_plane = self._plane.sceneBoundingRect().contains(scene_position)
        self._tell(self._nearest(scene_position) if inside_plane else -1, self.mapFromScene(scene_position))

    def _tell(self, point: int, place: QtCore.QPoint = QtCore.QPoint()) -> None:  # noqa: B008 - read only
        if point != self._under:
            self._under = point
            self.hovered.emit(point, place)

    def _clicked(self, event: object) -> None:
        point = self._nearest(event.scenePos())  # type: ignore[attr-defined]
        if event.double():  # type: ignore[attr-defined]
            if point >= 0:
                self.opened.emit(point)
            return
        chosen = np.array([point] if point >= 0 else [], np.int64)
        adds = event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier  # type: ignore[attr-defined]
        self.select(np.union1d(self.selection, chosen) if adds else chosen)

    @override
    def leaveEvent(self, event: QtCore.QEvent) -> None:
        self._tell(-1)
        super().leaveEvent(event)

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Zooms: no page moves under it."""
        pg.PlotWidget.wheelEvent(self, event)

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        pg.PlotWidget.mouseDoubleClickEvent(self, event)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtCore.Qt.Key
        acts: dict[QtCore.Qt.Key, Callable[[], object]] = {
            keys.Key_Plus: lambda: self.zoom(_ZOOM), keys.Key_Equal: lambda: self.zoom(_ZOOM),
            keys.Key_Minus: lambda: self.zoom(1 / _ZOOM), keys.Key_0: self.show_all,
            keys.Key_Left: lambda: self._move(-1, 0), keys.Key_Right: lambda: self._move(1, 0),
            keys.Key_Up: lambda: self._move(0, 1), keys.Key_Down: lambda: self._move(0, -1),
        }  # fmt: skip
        if event.matches(QtGui.QKeySequence.StandardKey.SelectAll):
            self.select_shown()
        elif event.key() == keys.Key_Escape and len(self.selection):
            self.select(np.zeros(0, np.int64))
        elif act := acts.get(keys(event.key())):
            act()
        else:
            super().keyPressEvent(event)

    def _move(self, across: int, up: int) -> None:
        width, height = self._plane.viewPixelSize()
        if math.isfinite(width) and math.isfinite(height):
            self._plane.translateBy((across * _STEP_PX * width, up * _STEP_PX * height))

    # Looks ------------------------------------------------------------------------------------------------------

    def _show_chosen(self) -> None:
        """In their own colours, so that a mixture is seen as one. A few get a ring, or nobody would find them."""
        kinds = np.full(len(self.points.places), HIDDEN)
        kinds[self.selection] = self.points.kinds[self.selection]
        ring = theme.current().accent if len(self.selection) <= _FEW else ""
        self.chosen.show_marks([replace(each, size=each.size + 1, ring=ring or each.ring) for each in self._marks])
        self.chosen.show_points(self.points.places, kinds)
        self.points.setOpacity(_PALE if len(self.selection) else 1)

    def _tint(self) -> None:
        colours = theme.current()
        self.setBackground(colours.surface)
        self._show_chosen()
        self._line.setPen(pg.mkPen(colours.accent, width=1.5, style=QtCore.Qt.PenStyle.DashLine))
        self._line.setBrush(None)
