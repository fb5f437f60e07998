"""Networks as points: accuracy against what they cost. Hover tells, a click chooses, the line shows the best deals."""

import math
from collections.abc import Iterable

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.networks import NetworkEntry, Speeds
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import announce
from cnnstudio.ui.network.axes import AXES, Axis, Point, best_trade_offs, points_of
from cnnstudio.ui.network.network_table import in_words, work_in_words
from cnnstudio.ui.widgets.plots import Plot

SYMBOLS = ("o", "s", "t1", "d")
_SIZE = 11
_NEAR_PX = 14
_ANCHORS = ((1.06, 1.15), (-0.1, 0.5), (-0.06, -0.15))
"""Above and left of the point, where the front has nothing; to the right; below and right. In sizes of the text."""


def look_of(family: str, families: list[str]) -> tuple[int, str]:
    """Colour index and marker of a family: twenty families are more than colours can tell apart."""
    colours = len(theme.current().series)
    index = families.index(family) if family in families else 0
    return index % colours, SYMBOLS[index // colours % len(SYMBOLS)]


def _rectangle(point: QtCore.QPointF, size: QtCore.QSizeF, anchor: tuple[float, float]) -> QtCore.QRectF:
    """Where a text with that anchor lies."""
    return QtCore.QRectF(
        point.x() - anchor[0] * size.width(), point.y() - anchor[1] * size.height(), size.width(), size.height()
    )


class PlainLogAxis(pg.AxisItem):
    """1, 10, 100 in place of powers of ten."""

    @override
    def logTickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        return [f"{10**value:,.6g}" for value in values]


class NetworkPlot(Plot):
    """One point per network whose accuracy is known."""

    chosen = QtCore.Signal(str)
    """Name of the network that was clicked."""

    def __init__(self) -> None:
        super().__init__(axisItems={"bottom": PlainLogAxis("bottom")})
        self.setObjectName("network_plot")
        self.setAccessibleName("Accuracy of networks against their cost; arrow keys choose")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.axis: Axis = AXES[0]
        self.points: list[Point] = []
        self.front: list[Point] = []
        self.hovered: Point | None = None
        self._networks: list[NetworkEntry] = []
        self._families: list[str] = []
        self._speeds: Speeds | None = None
        self._selected = self._recommended = ""
        self._stale = True
        self.getAxis("bottom").setLogMode(True)
        self.getPlotItem().showGrid(x=True, y=True, alpha=0.12)
        self._line = self.plot([], [])
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._rings = pg.ScatterPlotItem(pxMode=True)
        self._rings.setZValue(9)
        for item in (self._dots, self._rings):
            self.addItem(item)
        self._names: list[pg.TextItem] = []
        self._tip = pg.TextItem(anchor=(0, 1))
        self._tip.setZValue(20)
        self._tip.hide()
        self.addItem(self._tip, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._hover)
        self.scene().sigMouseClicked.connect(self._click)
        self.getViewBox().sigResized.connect(lambda _: self._name_the_front())
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def show_networks(self, networks: Iterable[NetworkEntry], families: list[str], speeds: Speeds | None) -> None:
        """Replace the points; ``families`` fixes colours and markers whatever is filtered."""
        self._networks, self._families, self._speeds = list(networks), families, speeds
        self._place()

    def show_axis(self, axis: Axis) -> None:
        """Plot against something else."""
        self.axis = axis
        self._place()

    def mark(self, selected: str, recommended: str) -> None:
        """Ring the chosen network and name the recommended one."""
        if selected != self._selected and self.hasFocus():
            announce(self, next((self.describe(each) for each in self.points if each.network.name == selected), ""))
        self._selected, self._recommended = selected, recommended
        self._draw()

    def position_of(self, name: str) -> QtCore.QPointF | None:
        """Where a network's point lies in the widget, in pixels."""
        point = next((point for point in self.points if point.network.name == name), None)
        return self._to_widget(point) if point else None

    # Drawing --------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        self.points = points_of(self._networks, self.axis, self._speeds)
        self.front = best_trade_offs(point for point in self.points if not point.network.restricted)
        self._leave()
        self._draw()
        self.show_all()

    @override
    def show_all(self) -> None:
        """With room for the names around the points, which no automatic range knows of."""
        if self.points:
            costs = [math.log10(point.cost) for point in self.points]
            marks = [point.accuracy for point in self.points]
            self.setXRange(min(costs), max(costs), padding=0.06)
            self.setYRange(min(marks), max(marks), padding=0.08)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._draw()

    def _draw(self) -> None:
        self._stale = not self.isVisible()
        if self._stale:
            return
        colours = theme.current()
        self.setBackground(colours.surface)
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(colours.outline)
            self.getAxis(side).setTextPen(colours.muted)
        self.setLabel("bottom", self.axis.label, color=colours.muted)
        self.setLabel("left", "Accuracy on ImageNet (%)", color=colours.muted)
        self._dots.setData([self._spot(point) for point in self.points])
        self._rings.setData(list(self._ring_spots()))
        self._line.setPen(pg.mkPen(colours.muted, width=1.5, style=QtCore.Qt.PenStyle.DashLine))
        steps = [(math.log10(point.cost), point.accuracy) for point in self.front]
        self._line.setData(np.array(steps) if steps else np.empty((0, 2)))
        self._name_the_front()

    def _spot(self, point: Point) -> dict[str, object]:
        colours = theme.current()
        index, symbol = look_of(point.network.family, self._families)
        colour = colours.series[index]
        hollow = point.network.restricted
        return {
            "pos": (math.log10(point.cost), point.accuracy),
            "symbol": symbol,
            "size": _SIZE,
            "brush": pg.mkBrush(colours.surface if hollow else colour),
            "pen": pg.mkPen(colour if hollow else colours.surface, width=1.5 if hollow else 0.8),
        }

    def _ring_spots(self) -> Iterable[dict[str, object]]:
        colours = theme.current()
        for point in self.points:
            here = point.network.is_local
            if point.network.name == self._selected or here:
                pen = pg.mkPen(colours.text if not here else colours.good, width=2)
                size = _SIZE + (9 if point.network.name == self._selected else 5)
                spot = {"pos": (math.log10(point.cost), point.accuracy), "symbol": "o", "size": size}
                yield {**spot, "pen": pen, "brush": pg.mkBrush(None)}

    def _name_the_front(self) -> None:
        """Names beside the marked points and the best trade-offs, as many as lie over nothing else."""
        for name in self._names:
            self.removeItem(name)
        self._names = []
        marked = [point for point in self.points if point.network.name in (self._selected, self._recommended)]
        dots = [self._to_widget(point) for point in self.points]
        metrics = QtGui.QFontMetricsF(theme.font("caption"))
        taken: list[QtCore.QRectF] = []
        for point in [*marked, *(point for point in reversed(self.front) if point not in marked)]:
            text = ("★ " if point.network.name == self._recommended else "") + point.network.title
            size = QtCore.QSizeF(metrics.horizontalAdvance(text) + 4, metrics.height())
            places = [(anchor, _rectangle(self._to_widget(point), size, anchor)) for anchor in _ANCHORS]
            free = [
                place
                for place in places
                if self._plot_area().contains(place[1])
                and not any(place[1].contains(dot) for dot in dots)
                and not any(place[1].intersects(other) for other in taken)
            ]
            if not free and point not in marked:
                continue
            anchor, rectangle = free[0] if free else places[1]
            taken.append(rectangle)
            item = pg.TextItem(text, anchor=anchor)
            item.setColor(theme.current().text if point in marked else theme.current().muted)
            item.setFont(theme.font("caption"))
            item.setPos(math.log10(point.cost), point.accuracy)
            self.addItem(item, ignoreBounds=True)
            self._names.append(item)

    def _plot_area(self) -> QtCore.QRectF:
        return QtCore.QRectF(self.mapFromScene(self.getViewBox().sceneBoundingRect()).boundingRect())

    # Mouse and keys -------------------------------------------------------------------------------------------

    def _to_widget(self, point: Point) -> QtCore.QPointF:
        scene = self.getViewBox().mapViewToScene(QtCore.QPointF(math.log10(point.cost), point.accuracy))
        return QtCore.QPointF(self.mapFromScene(scene))

    def _nearest(self, scene_position: QtCore.QPointF) -> Point | None:
        position = QtCore.QPointF(self.mapFromScene(scene_position))
        near = [(math.dist(self._to_widget(p).toTuple(), position.toTuple()), p) for p in self.points]
        distance, point = min(near, key=lambda pair: pair[0], default=(math.inf, None))
        return point if distance <= _NEAR_PX else None

    def _hover(self, scene_position: QtCore.QPointF) -> None:
        point = self._nearest(scene_position)
        if point is None:
            self._leave()
            return
        if point is self.hovered:
            return
        self.hovered = point
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)
        colours = theme.current()
        self._tip.setText(self.describe(point))
        self._tip.setColor(colours.text)
        self._tip.setFont(theme.font("caption"))
        self._tip.fill = pg.mkBrush(colours.surface_alt)
        self._tip.border = pg.mkPen(colours.border)
        place = self._to_widget(point)
        self._tip.setAnchor((1.04 if place.x() > self.width() / 2 else -0.04, 1.15 if place.y() > 110 else -0.15))
        self._tip.setPos(math.log10(point.cost), point.accuracy)
        self._tip.show()
        self._tip.updateTransform(force=True)  # which pyqtgraph skips while it is hidden

    def _leave(self) -> None:
        self.hovered = None
        self.unsetCursor()
        self._tip.hide()

    @override
    def leaveEvent(self, event: QtCore.QEvent) -> None:
        self._leave()
        super().leaveEvent(event)

    def describe(self, point: Point) -> str:
        """The words beside a hovered point."""
        network = point.network
        entry = network.shown_weights
        figures = [f"{point.accuracy:.1f} % on ImageNet", f"{in_words(network, self._speeds)} per picture"]
        if self._speeds and self._speeds.is_estimate(network.name):
            figures[-1] += " (estimated)"
        figures += [f"{network.parameters / 1e6:,.1f} M weights, {work_in_words(network.gflops)}"]
        figures += (
            [f"{entry.file_size_mb:,.0f} MB" + (", on this computer" if network.is_local else "")] if entry else []
        )
        notes = ["not for commercial use"] if network.restricted else []
        return "\n".join([network.title, *figures, *notes])

    def _click(self, event: object) -> None:
        point = self._nearest(event.scenePos())  # type: ignore[attr-defined]
        if point is not None:
            self.chosen.emit(point.network.name)

    def spoken(self) -> str:
        """How many there are, the best trade-offs, and all of the chosen one."""
        chosen = [
            self.describe(point).replace("\n", ", ") for point in self.points if point.network.name == self._selected
        ]
        best = ", ".join(f"{point.network.title} {point.accuracy:.1f} %" for point in self.front)
        told = [f"{counted(len(self.points), 'network')}. Best trade-offs, the cheapest first: {best}."]
        return " ".join([*told, *(f"Chosen: {words}." for words in chosen)])

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        step = {QtCore.Qt.Key.Key_Left: -1, QtCore.Qt.Key.Key_Right: 1}.get(QtCore.Qt.Key(event.key()))
        if step is None or not self.points:
            super().keyPressEvent(event)
            return
        ordered = sorted(self.points, key=lambda point: point.cost)
        names = [point.network.name for point in ordered]
        at = names.index(self._selected) + step if self._selected in names else 0
        self.chosen.emit(names[max(0, min(at, len(names) - 1))])
