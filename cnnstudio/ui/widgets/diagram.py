"""A network drawn as blocks: as high as their maps, as deep as they have channels; it can be zoomed and dragged."""

import math
from collections.abc import Callable

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.networks.anatomy.layers import Anatomy, Layer
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets.diagram_blocks import can_open, chain

_TALLEST = 170.0
_SHORTEST = 16.0
_GAP = 26.0
_TEXT_WIDTH = 78.0
_SMALLEST_FIT = 0.62
_ZOOM = 1.2
_LIMITS = (0.2, 6.0)


class Diagram(QtWidgets.QGraphicsView):
    """The chain of a network's blocks from left to right."""

    layer_chosen = QtCore.Signal(str)
    """Dotted name of a block that was clicked."""
    spoken_role = Role.Graphic

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("network_diagram")
        self.setAccessibleName("Diagram of the network; plus and minus zoom")
        self.setScene(QtWidgets.QGraphicsScene(self))
        self.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        self.setDragMode(QtWidgets.QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QtWidgets.QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setFrameShape(QtWidgets.QGraphicsView.Shape.NoFrame)
        self.setMinimumHeight(theme.scaled(230))
        self.blocks: list[Layer] = []
        self._anatomy: Anatomy | None = None
        self._opened: frozenset[str] = frozenset()
        self._selected = ""
        self._untouched = True
        theme.notifier().changed.connect(self._draw)

    def spoken(self) -> str:
        """Its blocks, from the input on."""
        return f"{counted(len(self.blocks), 'block')}: {', '.join(layer.name for layer in self.blocks)}."

    def show_anatomy(self, anatomy: Anatomy) -> None:
        """Draw another network."""
        self._anatomy, self._opened, self._selected, self._untouched = anatomy, frozenset(), "", True
        self._draw()
        self.fit()

    def update_anatomy(self, anatomy: Anatomy, selected: str) -> None:
        """Draw the same network after a change; who has zoomed keeps the place."""
        self._anatomy, self._selected = anatomy, selected
        self._draw()
        if self._untouched:
            self.fit()

    def select(self, name: str) -> None:
        """Mark the block that a layer is, or lies in."""
        if name != self._selected:
            self._selected = name
            self._draw()

    def open_block(self, name: str) -> None:
        """Show what a block consists of; once more closes it."""
        self._opened = self._opened - {name} if name in self._opened else self._opened | {name}
        self._draw()
        self.fit()

    def close_all(self) -> None:
        """Back to the first view."""
        self._opened = frozenset()
        self._draw()
        self.fit()

    def fit(self) -> None:
        """Show everything, as far as it can still be read."""
        room, scene = self.viewport().rect(), self.sceneRect()
        if scene.isEmpty():
            return
        factor = min(1.4, room.width() / scene.width(), room.height() / scene.height())
        self.resetTransform()
        self.scale(max(_SMALLEST_FIT, factor), max(_SMALLEST_FIT, factor))
        if factor < _SMALLEST_FIT:  # too long to read as a whole: begin with the picture
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().minimum())
        self._untouched = True

    def zoom(self, factor: float) -> None:
        """Larger or smaller around the mouse, within limits."""
        if _LIMITS[0] <= self.transform().m11() * factor <= _LIMITS[1]:
            self.scale(factor, factor)
            self._untouched = False

    def soon(self, act: Callable[[str], object], name: str) -> None:
        """After this event: drawing anew deletes the block that is handling it."""
        QtCore.QTimer.singleShot(0, self, lambda: act(name))

    @override
    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Scrolls along the chain, which is long and not high; with Ctrl it zooms."""
        if event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM if event.angleDelta().y() > 0 else 1 / _ZOOM)
            return
        bar, turned = self.horizontalScrollBar(), event.angleDelta().y() or event.angleDelta().x()
        before = bar.value()
        bar.setValue(before - turned)
        event.setAccepted(bar.value() != before)  # else the page scrolls

    @override
    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        if self.itemAt(event.position().toPoint()) is None:
            self.fit()
        else:
            super().mouseDoubleClickEvent(event)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.text() in ("+", "-"):
            self.zoom(_ZOOM if event.text() == "+" else 1 / _ZOOM)
        elif event.text() == "0":
            self.fit()
        else:
            super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: object) -> None:
        """Keep everything in sight until somebody zooms."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        if self._untouched and self._anatomy is not None:
            self.fit()

    def _draw(self) -> None:
        scene = self.scene()
        scene.clear()
        self.setBackgroundBrush(QtGui.QColor(theme.current().surface))
        if self._anatomy is None:
            return
        self.blocks = chain(self._anatomy, self._opened)
        x = self._draw_block(0.0, None)
        border = None
        for block in self.blocks:
            if block.in_head and border is None:
                border = x
            x = self._draw_block(x + _GAP, block)
        if border is not None:
            self._draw_border(border + _GAP / 2 - 2, x)
        scene.setSceneRect(scene.itemsBoundingRect().adjusted(-16, -16, 16, 16))

    def _draw_block(self, left: float, block: Layer | None) -> float:
        """One block, or the picture that comes in; returns where its right side is."""
        assert self._anatomy is not None
        anatomy = self._anatomy
        shape = block.output if block else (anatomy.channels, anatomy.input_size, anatomy.input_size)
        width, height = _size(shape, anatomy.input_size)
        column = max(width, _TEXT_WIDTH)
        origin = left + (column - width) / 2
        chosen = block is not None and (self._selected == block.name or self._selected.startswith(f"{block.name}."))
        body = _Block(self, block, QtCore.QRectF(origin, -height / 2, width, height), is_chosen=chosen)
        if block is not None:
            body.setToolTip(_told(block, opens=can_open(anatomy, block)))
            self._arrow(left - _GAP, left + (column - width) / 2, width)
        self.scene().addItem(body)
        name = block.name if block else "picture"
        self._text(name, QtCore.QRectF(left, height / 2 + 14, column, 0), theme.current().text)
        self._text(_shape_in_words(shape), QtCore.QRectF(left, height / 2 + 30, column, 0), theme.current().muted)
        if block is not None:
            self._text(block.kind, QtCore.QRectF(left, height / 2 + 46, column, 0), theme.current().muted)
        return left + column

    def _arrow(self, start: float, end: float, _width: float) -> None:
        pen = QtGui.QPen(QtGui.QColor(theme.current().muted), 1.2)
        self.scene().addLine(start + 6, 0, end - 5, 0, pen)
        tip = QtGui.QPolygonF([QtCore.QPointF(end - 4, 0), QtCore.QPointF(end - 11, -4), QtCore.QPointF(end - 11, 4)])
        self.scene().addPolygon(
            tip, QtGui.QPen(QtCore.Qt.PenStyle.NoPen), QtGui.QBrush(QtGui.QColor(theme.current().muted))
        )

    def _draw_border(self, x: float, right: float) -> None:
        colours = theme.current()
        pen = QtGui.QPen(QtGui.QColor(colours.outline), 1.5, QtCore.Qt.PenStyle.DashLine)
        self.scene().addLine(x, -_TALLEST / 2 - 34, x, _TALLEST / 2 + 60, pen)
        top = -_TALLEST / 2 - 36
        assert self._anatomy is not None
        before, after = QtCore.QRectF(x - 258, top, 250, 0), QtCore.QRectF(x + 8, top, max(210, right - x), 0)
        features = f"backbone: {self._anatomy.features:,} features"
        self._text(features, before, colours.series_text[0], QtCore.Qt.AlignmentFlag.AlignRight)
        self._text("head: replaced for your classes", after, colours.series_text[1], QtCore.Qt.AlignmentFlag.AlignLeft)

    def _text(
        self,
        text: str,
        place: QtCore.QRectF,
        colour: str,
        side: QtCore.Qt.AlignmentFlag = QtCore.Qt.AlignmentFlag.AlignHCenter,
    ) -> None:
        """Write at the top of a place; in its middle, a text that is too wide is made smaller."""
        item = self.scene().addSimpleText(text, theme.font("caption"))
        item.setBrush(QtGui.QColor(colour))
        length, room = item.boundingRect().width(), place.width() + _GAP - 6
        if length > room and side is QtCore.Qt.AlignmentFlag.AlignHCenter:
            item.setScale(room / length)
            length = room
        share = {QtCore.Qt.AlignmentFlag.AlignLeft: 0.0, QtCore.Qt.AlignmentFlag.AlignRight: 1.0}.get(side, 0.5)
        item.setPos(place.left() + share * (place.width() - length), place.top())


class _Block(QtWidgets.QGraphicsRectItem):
    """A box with a top and a side, so that maps look like a stack."""

    def __init__(self, diagram: Diagram, layer: Layer | None, front: QtCore.QRectF, *, is_chosen: bool) -> None:
        super().__init__(front)
        colours = theme.current()
        self._diagram, self._layer = diagram, layer
        base = QtGui.QColor(colours.muted if layer is None else colours.series[1 if layer.in_head else 0])
        pen = QtGui.QPen(QtGui.QColor(colours.text) if is_chosen else base.darker(125), 2.4 if is_chosen else 1)
        pen.setCosmetic(True)
        self.setPen(pen)
        self.setBrush(base)
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)
        depth = min(18.0, front.height() / 5)
        slant = QtCore.QPointF(depth, -depth)
        for corners, shade in (
            ((front.topLeft(), front.topRight()), 118), ((front.topRight(), front.bottomRight()), 82)
        ):  # fmt: skip
            face = QtGui.QPolygonF([corners[0], corners[1], corners[1] + slant, corners[0] + slant])
            side = QtWidgets.QGraphicsPolygonItem(face, self)
            side.setBrush(base.lighter(shade) if shade > 100 else base.darker(200 - shade))
            side.setPen(pen)
            side.setFlag(QtWidgets.QGraphicsItem.GraphicsItemFlag.ItemStacksBehindParent)

    @override
    def mousePressEvent(self, event: QtWidgets.QGraphicsSceneMouseEvent) -> None:
        """A click tells which layer it is; taken, so that it does not drag."""
        event.accept()

    @override
    def mouseReleaseEvent(self, event: QtWidgets.QGraphicsSceneMouseEvent) -> None:
        event.accept()
        if self._layer is not None and self.contains(event.pos()):
            self._diagram.soon(self._diagram.layer_chosen.emit, self._layer.name)

    @override
    def mouseDoubleClickEvent(self, event: QtWidgets.QGraphicsSceneMouseEvent) -> None:
        event.accept()
        if self._layer is not None:
            self._diagram.soon(self._diagram.open_block, self._layer.name)


def _size(shape: tuple[int, ...], picture: int) -> tuple[float, float]:
    """Width and height on paper: the root of the maps' side, and the logarithm of their channels."""
    if len(shape) == 3:
        channels, side = (shape[0], shape[1]) if shape[1] == shape[2] else (shape[2], shape[0])
    elif len(shape) == 2:  # tokens × values
        channels, side = shape[1], math.isqrt(shape[0])
    else:
        return 12.0, _TALLEST * min(1.0, max(0.25, math.log2(max(2, shape[0])) / 12))
    height = max(_SHORTEST, _TALLEST * math.sqrt(side / picture))
    return 6 + 5.0 * math.log2(max(1, channels)), height


def _shape_in_words(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _told(layer: Layer, *, opens: bool) -> str:
    lines = [
        f"{layer.name}: {layer.kind} {layer.detail}".strip(),
        f"output {_shape_in_words(layer.output)}",
        counted(layer.parameters, "weight"),
        f"{layer.multiplications / 1e6:,.1f} million multiply-adds (MMACs)",
    ]
    lines += [f"sees {layer.reach.in_words()}"] if layer.reach else []
    return "\n".join(lines + (["double click to look inside"] if opens else []))
