"""Three hints of the first minute. Each points at the next thing, covers nothing, and never comes back."""

from collections.abc import Callable
from dataclasses import replace

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role, announce
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, label

_TIP = 7
"""Pixels that the tip sticks out."""
_RADIUS = 8
_BEGIN = "Begin here: with a new project, a folder of your own pictures, or an example. Nothing leaves your computer."
_TRAIN = "Your pictures are ready, and a network that fits is chosen. Train it here."
_RESULTS = "Your network has learned. See here what it gets wrong, and mend it."


class Hint(QtWidgets.QWidget):
    """A few words below a button of the rail, which makes room for them, with a tip towards it."""

    spoken_role = Role.HelpBalloon

    closed = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hint")
        self.text = label("", "caption", wrap=True, name="hint_text")
        self.dismiss = button("Got it", "hint_close", self.closed.emit, kind="ghost")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S + 2, theme.S + _TIP, theme.S, 2)
        column.setSpacing(0)
        column.addWidget(self.text)
        column.addWidget(self.dismiss, 0, QtCore.Qt.AlignmentFlag.AlignRight)
        theme.on_change(self, self.update)
        self.hide()

    def say(self, text: str) -> None:
        """Show these words; a screen reader tells them."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.show()
        announce(self, text)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        colours = theme.current()
        shape = QtGui.QPainterPath()
        shape.addRoundedRect(QtCore.QRectF(self.rect()).adjusted(1, _TIP, -1, -1), _RADIUS, _RADIUS)
        at = _RADIUS + 14
        tip = QtGui.QPainterPath()
        tip.addPolygon(
            QtGui.QPolygonF([QtCore.QPointF(*to) for to in ((at - 8, _TIP + 2), (at, 1), (at + 8, _TIP + 2))])
        )
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 1.5))
        painter.setBrush(QtGui.QColor(colours.surface))
        painter.drawPath(shape.united(tip))


class Hints(QtCore.QObject):
    """Which one is due: where to begin, to train once there are pictures, to look at mistakes once it has learned."""

    def __init__(self, parent: QtCore.QObject, studio: Studio, place: Callable[[str, QtWidgets.QWidget], bool]) -> None:
        """``place`` puts a widget below the button of a page; False where there is no such page."""
        super().__init__(parent)
        self._studio, self._place = studio, place
        self._page = "home"
        self.hint = Hint()
        self.hint.closed.connect(self._leave)
        self._shown = ""
        studio.dataset_changed.connect(lambda _: self._leave("begin"))
        studio.runs_read.connect(self._take_runs)
        studio.training_ended.connect(self._take_trained)

    def begin(self) -> None:
        """The window is there; whoever has opened folders before needs no hint where to begin."""
        if self._studio.dataset is None and not self._studio.preferences.recent and self._page == "home":
            self._show("begin", _BEGIN)

    def show_again(self) -> None:
        """All of them once more, because a person asked for it."""
        self._studio.remember(replace(self._studio.preferences, hints=()))
        if self._studio.run is not None:
            self._take_trained()
        elif self._studio.dataset is not None:
            self._take_runs()
        else:
            self._studio.navigate.emit("home")
            self._show("begin", _BEGIN)

    def reach(self, page: str) -> None:
        """A page is shown: what pointed at it has done its work."""
        self._page = page
        if self._shown == page or (self._shown == "begin" and page != "home"):
            self._leave()

    def _take_runs(self) -> None:
        """Whoever has trained on these pictures needs no hint where that is done."""
        if self._studio.runs or self._studio.training_active:
            self._leave("train")
        else:
            self._show("train", _TRAIN)

    def _take_trained(self) -> None:
        run = self._studio.run
        if run is not None and run.can_predict:
            self._leave("train")
            self._show("results", _RESULTS)

    def _show(self, name: str, text: str) -> None:
        if name in self._studio.preferences.hints or name == self._page:
            return
        if self._place("home" if name == "begin" else name, self.hint):
            self._shown = name
            self.hint.say(text)

    def _leave(self, name: str = "") -> None:
        """Never again this one: it was closed, or what it points at was done."""
        name = name or self._shown
        if self._shown == name:
            self._shown = ""
            self.hint.hide()
        known = self._studio.preferences.hints
        if name and name not in known:
            self._studio.remember(replace(self._studio.preferences, hints=(*known, name)))
