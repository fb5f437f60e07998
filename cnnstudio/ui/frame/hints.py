"""Three hints of the first minute. Each points at the next thing, is in nobody's way, and never comes back."""

from collections.abc import Callable
from dataclasses import replace

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, label

_WIDTH = 300
_POINT = 9
"""Pixels that the tip sticks out."""
_RADIUS = 10
_BEGIN = "Begin here: a new project, a folder of your own pictures, or an example. Nothing leaves your computer."


class Bubble(QtWidgets.QWidget):
    """A few words beside a widget, with a tip towards it; it takes no focus and no clicks but its own."""

    closed = QtCore.Signal()

    def __init__(self, window: QtWidgets.QWidget, name: str) -> None:
        super().__init__(window)
        self.setObjectName(name)
        self._target: QtWidgets.QWidget | None = None
        self.text = label("", wrap=True, name=f"{name}_text")
        self.text.setFixedWidth(_WIDTH - 2 * theme.M)
        self.dismiss = button("Got it", f"{name}_close", self.closed.emit, kind="ghost")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M + _POINT, theme.M + _POINT, theme.M, theme.S)
        column.setSpacing(theme.XS)
        column.addWidget(self.text)
        column.addWidget(self.dismiss, 0, QtCore.Qt.AlignmentFlag.AlignRight)
        theme.on_change(self, self.update)
        self.hide()

    def point_at(self, target: QtWidgets.QWidget, text: str) -> None:
        """Show ``text`` to the right of a widget, where it covers none of its neighbours."""
        if self._target is not None:
            self._target.removeEventFilter(self)
        self._target = target
        target.installEventFilter(self)
        self.text.setText(text)
        self.setAccessibleName(text)
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleAnnouncementEvent(self, text))

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        kinds = QtCore.QEvent.Type
        if event.type() in (kinds.Move, kinds.Resize, kinds.Show, kinds.Hide) and watched is self._target:
            QtCore.QTimer.singleShot(0, self, self._place)
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        target, window = self._target, self.parentWidget()
        if target is None or window is None:
            return
        self.setVisible(target.isVisible())
        area = QtCore.QRect(target.mapTo(window, QtCore.QPoint(0, 0)), target.size())
        place = QtCore.QPoint(area.right() + 2, area.center().y() - _POINT - _RADIUS - 8)
        inside = window.rect().adjusted(0, 0, -self.width() - 4, -self.height() - 4)
        self.move(max(0, min(place.x(), inside.right())), max(0, min(place.y(), inside.bottom())))

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        colours = theme.current()
        body = QtCore.QRectF(self.rect()).adjusted(_POINT, _POINT, -1, -1)
        shape = QtGui.QPainterPath()
        shape.addRoundedRect(body, _RADIUS, _RADIUS)
        at = _POINT + _RADIUS + 8
        corners = [(_POINT, at - 8), (0, at), (_POINT, at + 8)]
        tip = QtGui.QPolygonF([QtCore.QPointF(*corner) for corner in corners])
        pointed = QtGui.QPainterPath()
        pointed.addPolygon(tip)
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 1.5))
        painter.setBrush(QtGui.QColor(colours.surface))
        painter.drawPath(shape.united(pointed))


class Hints(QtCore.QObject):
    """Which one is due: where to begin, to train once there are pictures, to look at mistakes once it has learned."""

    def __init__(
        self, window: QtWidgets.QWidget, studio: Studio, find: Callable[[str], QtWidgets.QWidget | None]
    ) -> None:
        """``find`` gives the button of a page in the rail, or for ``begin`` what one begins with; None where hidden."""
        super().__init__(window)
        self._studio, self._find = studio, find
        self.bubble = Bubble(window, "hint")
        self.bubble.closed.connect(self._leave)
        self._shown = ""
        studio.dataset_changed.connect(self._take_dataset)
        studio.training_ended.connect(self._take_run)

    def begin(self) -> None:
        """The window is there; whoever has opened folders before needs no hint where to begin."""
        if self._studio.dataset is None and not self._studio.preferences.recent:
            self._show("begin", _BEGIN)

    def show_again(self) -> None:
        """All of them once more, because a person asked for it."""
        self._studio.remember(replace(self._studio.preferences, hints=()))
        if self._studio.run is not None:
            self._take_run()
        elif self._studio.dataset is not None:
            self._take_dataset(self._studio.dataset)
        else:
            self._studio.navigate.emit("home")
            self._show("begin", _BEGIN)

    def reach(self, page: str) -> None:
        """A page is shown: what pointed at it has done its work."""
        if self._shown == page or (self._shown == "begin" and page != "home"):
            self._leave()

    def _take_dataset(self, dataset: object) -> None:
        if dataset is not None:
            self._leave("begin")
            self._show("train", "Your pictures are ready, and a network that fits is chosen. Train it here.")

    def _take_run(self) -> None:
        run = self._studio.run
        if run is not None and run.can_predict:
            self._leave("train")
            self._show("results", "Your network has learned. See here what it gets wrong, and mend it.")

    def _show(self, name: str, text: str) -> None:
        if name in self._studio.preferences.hints:
            return
        target = self._find(name)
        if target is not None:
            self._shown = name
            self.bubble.point_at(target, text)

    def _leave(self, name: str = "") -> None:
        """Never again this one: it was closed, or what it points at was done."""
        name = name or self._shown
        if self._shown == name:
            self._shown = ""
            self.bubble.hide()
        known = self._studio.preferences.hints
        if name and name not in known:
            self._studio.remember(replace(self._studio.preferences, hints=(*known, name)))
