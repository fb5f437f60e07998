"""What decided: the channels of a layer in the order of what they added to a class, to be switched off one by one."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, Progressed, counted, isolated
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.inside.channel_grid import ChannelGrid
from cnnstudio.ui.inside.layer_box import layer_box, offer_stages
from cnnstudio.ui.inside.tab import InsideTab
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, Foot, button, combo, fill, image_of, label
from cnnstudio.ui.widgets.page import scrolling
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.ui.widgets.prediction_bars import PredictionBars
from cnnstudio.understanding.inside.values import Ranking, Without

_HEIGHT, _SIDE = 140, 240
_ORDERS = (("Largest contribution first", False), ("Strongest first", True))
_ANSWER, _WAITING = "", "One moment…"
_OFF = (("Off: it gives nothing", False), ("Off: it gives its average", True))
_AVERAGE = "What the channel gives on average over some of your pictures: fairer than nothing, which no picture does."
_NO_PICTURES = "Only a network that was trained here knows your pictures."


class Decided(InsideTab):
    """Tiles on the left can be switched off; the five bars at the right move."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("inside_decided")
        self._studio = studio
        self._asked: tuple[ModelRef, Path, str, str, bool] | None = None
        self._ranking: Ranking | None = None
        self._switching: JobMonitor[Without] | None = None
        self.grid = ChannelGrid()
        self.grid.switched.connect(lambda channel: self._switch(self.grid.off ^ {channel}))
        self.layer = layer_box("decided_layer")
        self.layer.activated.connect(lambda _: self.ask())
        self.label = combo("decided_class", "For which class", width=140)
        self.label.activated.connect(lambda _: self.ask())
        self.order = combo("decided_order", "Order", _ORDERS, width=190)
        self.order.activated.connect(lambda _: self.ask())
        self.off = combo("decided_off", "What a channel gives that is off", _OFF, width=170)
        self.off.activated.connect(lambda _: self._switch(self.grid.off))
        self.back = button("Back to normal", "all_on", lambda: self._switch(set()), kind="ghost", icon_name="undo")
        self.zoom_out = button("", "channels_smaller", lambda: self.grid.zoom_out(), kind="ghost", icon_name="zoom-out")
        self.zoom_in = button("", "channels_larger", lambda: self.grid.zoom_in(), kind="ghost", icon_name="zoom-in")
        self.zoom_out.setAccessibleName("Smaller maps")
        self.zoom_in.setAccessibleName("Larger maps")
        self.picture_view = PictureCanvas("decided_picture", "What the network sees")
        self.picture_view.setFixedHeight(theme.scaled(_HEIGHT))
        self.bars = PredictionBars()
        self.bars.setObjectName("decided_bars")
        self.said = label("", wrap=True, name="decided_said")
        self.about = label("", "caption", kind="muted", wrap=True, name="decided_about")
        self.foot = Foot(studio, "channels", shown=self.grid, above=self.about, table=self._rows)
        self._tell_pictures(0)
        left = QtWidgets.QWidget()
        left.setProperty("kind", "column")
        column = QtWidgets.QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self._channels_card())
        column.addWidget(self.foot)
        column.addStretch(1)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(scrolling(left), 1)
        row.addWidget(self._answer_card(), 0, QtCore.Qt.AlignmentFlag.AlignTop)

    @override
    def model_changed(self) -> None:
        offer_stages(self.layer, self.info)
        fill(
            self.label, [("the answer", _ANSWER), *((name, name) for name in (self.info.classes if self.info else ()))]
        )
        knows = self.run is not None
        fill(self.off, _OFF if knows else _OFF[:1])
        self.off.setEnabled(knows)
        self.off.setToolTip(_AVERAGE if knows else _NO_PICTURES)
        self._asked = None
        self._put(None)

    @override
    def ask(self) -> None:
        layer = self.layer.currentData()
        if self.model is None or self.picture is None or not layer:
            self._asked = None
            self._put(None)
            return
        asked = (self.model, self.picture, layer, self.label.currentData() or _ANSWER, bool(self.order.currentData()))
        if asked == self._asked:
            return
        self._asked = asked
        model, picture, layer, wanted, by_strength = asked
        self._studio.submit(
            specs.RankChannels(model=model, image=picture, layer=layer, label=wanted, by_strength=by_strength),
            done=lambda found: self._put(found) if asked == self._asked else None,
            failed=lambda problem: self._fail(problem) if asked == self._asked else None,
        )

    # Layout ---------------------------------------------------------------------------------------------------

    def _answer_card(self) -> Card:
        """Stays in sight whatever channel one has scrolled to."""
        card = Card()
        card.setFixedWidth(theme.scaled(_SIDE))
        for part in (self.picture_view, self.bars, self.said):
            card.body.addWidget(part)
        card.body.addWidget(self.back, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        return card

    def _channels_card(self) -> Card:
        card = Card("Channels")
        top = QtWidgets.QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self.layer, 3)
        top.addWidget(self.off, 2)
        for entry in (self.zoom_out, self.zoom_in):
            card.head.addWidget(entry)
        choices = QtWidgets.QHBoxLayout()
        choices.setSpacing(theme.S)
        choices.addWidget(self.label, 1)
        choices.addWidget(self.order, 1)
        card.body.addLayout(top)
        card.body.addLayout(choices)
        card.body.addWidget(self.about)
        card.body.addWidget(self.grid)
        return card

    # What is shown --------------------------------------------------------------------------------------------

    def _put(self, found: Ranking | None) -> None:
        self._ranking = found
        self.grid.show_ranking(found)
        self.foot.setVisible(found is not None)
        self.picture_view.show_picture(
            QtGui.QPixmap.fromImage(image_of(found.maps.input_image)) if found else None,
            "" if found else _WAITING if self.picture else "Choose a picture to see which channels decide.",
        )
        self._show_top(found.top if found else (), None)
        if found is None:
            self.about.setText("")
            return
        shown, total = len(found.maps.channels), found.maps.total_channels
        some = counted(total, "channel") if shown == total else f"{shown} of {counted(total, 'channel')}"
        self.about.setText(
            f"{some}. The number under a map is what the channel added to the score of {isolated(found.label)}: orange "
            "for it, blue against it. Click one to switch it off."
        )

    def _tell_pictures(self, averaged: int) -> None:
        over = f" Averages are taken over {counted(averaged, 'picture')}, none of them for testing." if averaged else ""
        self.foot.say(
            f"On this picture alone.{over}",
            "What a channel looks for is not told here, and two channels together may do more than their sum.",
        )

    def _fail(self, problem: Problem) -> None:
        self._put(None)
        self.picture_view.show_picture(None)
        self.about.setText(problem.sentence())

    def _switch(self, off: set[int]) -> None:
        found, asked = self._ranking, self._asked
        if found is None or asked is None:
            return
        self.grid.show_off(off)
        if self._switching is not None:
            self._switching.stop()
        if not off:
            self._show_top(found.top, None)
            return
        channels, to_average = tuple(sorted(off)), bool(self.off.currentData())
        self._switching = monitor = self._studio.submit(
            specs.SwitchOff(model=asked[0], image=asked[1], layer=asked[2], channels=channels, to_average=to_average),
            done=lambda now: self._show_top(found.top, now) if self.grid.off == off else None,
            failed=self._fail,
        )
        if to_average:
            self.back.setEnabled(True)
            monitor.progressed.connect(lambda event: self._wait(monitor, event))

    def _wait(self, monitor: JobMonitor[Without], event: Progressed) -> None:
        """Averages take some seconds the first time; going back to normal ends that."""
        if monitor is self._switching:
            self.said.setText(f"{event.text}: {event.done:,} of {event.total:,}.")

    def _show_top(self, top: tuple[ClassScore, ...], now: Without | None) -> None:
        """The same five classes, whatever becomes of them."""
        self.back.setEnabled(now is not None)
        if now is not None:
            shares = {score.label: score.probability for score in now.top}
            shown = tuple(ClassScore(score.label, shares[score.label]) for score in top)
            self.said.setText(_sentence(top[0].label, now, len(self.grid.off)))
            self._tell_pictures(now.averaged)
        else:
            shown = top
            self.said.setText("")
        path = self.picture or Path()
        self.bars.show_prediction(Prediction(path=path, top=shown) if shown else None)

    def _rows(self) -> Iterator[Sequence[object]]:
        yield "channel", "contribution", "strength", "class"
        found = self._ranking
        for channel in found.order if found else ():
            assert found is not None
            yield channel, f"{found.contributions[channel]:.6g}", f"{found.strengths[channel]:.6g}", found.label


def _sentence(before: str, now: Without, count: int) -> str:
    """What becomes of the answer."""
    first, same, channels = isolated(now.top[0].label), now.top[0].label == before, counted(count, "channel")
    sure = f"{100 * now.top[0].probability:.0f} %"
    if now.averaged:
        average = counted(count, "channel at its average", "channels at their average")
        return (
            f"With {average} the answer stays {first}." if same else f"With {average} the answer is {first} ({sure})."
        )
    if same:
        return f"With {channels} switched off the answer stays {first}."
    return f"With {channels} switched off the answer is {first} ({sure})."
