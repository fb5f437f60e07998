"""The picture beside its result, and below them the one pixel that is looked at: where it comes from, and how."""

from collections.abc import Sequence

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.lab import Applied, Drawn, Operation
from cnnstudio.lab.drawing import View
from cnnstudio.ui.lab.operation.channel_words import channel_names
from cnnstudio.ui.lab.operation.code_line import CodeLine
from cnnstudio.ui.lab.operation.legend import Legend
from cnnstudio.ui.lab.operation.mix_view import MixView
from cnnstudio.ui.lab.operation.plane_view import PlaneView
from cnnstudio.ui.lab.operation.play_bar import PlayBar
from cnnstudio.ui.lab.operation.player import Player
from cnnstudio.ui.lab.operation.showing import pictures_of, size_words, striking, tiles_of
from cnnstudio.ui.lab.operation.sum_strip import SumStrip
from cnnstudio.ui.lab.operation.threads import Threads
from cnnstudio.ui.lab.operation.tiles import Tiles
from cnnstudio.ui.lab.operation.tracing import Traced, frame_of, sum_of
from cnnstudio.ui.lab.operation.value_strip import ValueStrip
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button, combo, image_of
from cnnstudio.ui.widgets.elided_label import ElidedLabel

_VIEWS: tuple[tuple[str, View], ...] = (
    ("As it suits", "auto"), ("0 to 1", "clipped"), ("0 is grey", "signed"), ("All of it", "stretched"),
)  # fmt: skip
Stages = tuple[Drawn, Sequence[tuple[Operation, Applied]]]
Place = tuple[int, int, int]
"""Of a pixel: which picture of the batch, column and row."""


class Stage(QtWidgets.QWidget):
    """Pointing at either picture shows how the pixel there is made; a click keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.traced: Traced | None = None
        """What is shown; None where there are only words."""
        self._at: Place | None = None
        """Of the result, that is kept."""
        self._stages: Stages | None = None
        self._tiles = (Tiles(1, 1, 1), Tiles(1, 1, 1))
        self.player = Player(self)
        self.bar = PlayBar(self.player)
        self.code = CodeLine()
        self.given = PlaneView("lab_picture", "The picture")
        self.made = PlaneView("lab_result", "The result")
        self.given_title = ElidedLabel("body", "lab_picture_title")
        self.made_title = ElidedLabel("body", "lab_result_title")
        self.legend = Legend()
        self.wipe = button("Clear", "lab_wipe", kind="ghost")
        self.wipe.setToolTip("Wipe the drawing. The left mouse button draws, the right one erases.")
        self.wipe.hide()
        self.shades = combo("lab_view", "What black and white mean", _VIEWS)
        self.shades.setProperty("density", "small")
        self.shades.setToolTip("What black and white mean in the result")
        self.sum, self.value = SumStrip(), ValueStrip()
        self.strip = QtWidgets.QStackedWidget()
        for part in (self.sum, self.value):
            self.strip.addWidget(part)
        self.mix = MixView()
        self.channels = button("Channels", "lab_channels", kind="tab")
        self.channels.setCheckable(True)
        self.channels.setToolTip("Show every channel as a plane, and which of them are made of which")
        self.views = QtWidgets.QStackedWidget()
        self._lay_out()
        self.threads = Threads(self, self.given, self.made, self.sum)
        self.given.pointed.connect(lambda column, row: self._point(self._above(column, row)))
        self.made.pointed.connect(lambda column, row: self._point(self._tiles[1].at(column, row)))
        self.given.clicked.connect(lambda column, row: self._keep(self._above(column, row)))
        self.made.clicked.connect(lambda column, row: self._keep(self._tiles[1].at(column, row)))
        for view in (self.given, self.made):
            view.left.connect(self._back)
        self.player.switched.connect(self._watch)
        self.player.moved.connect(self._slide)
        self.player.finished.connect(lambda: self.made.show_first(None))
        self.channels.toggled.connect(lambda _: self._switch())
        self.mix.chosen.connect(self.bar.channel.setCurrentIndex)
        self.bar.channel.currentIndexChanged.connect(lambda _: self._choose_channel())
        self.bar.part.currentIndexChanged.connect(lambda _: self._back())

    def show_words(self, pixels: np.ndarray, name: str, words: str) -> None:
        """Show a picture, H×W×3 uint8, and in words why there is no result, or not yet."""
        self.traced = None
        self.player.pause()
        self.bar.setEnabled(False)
        self.bar.offer_channels([], [])
        for view in (self.given, self.made):
            view.mark(None)
        self.given.show_image(image_of(pixels))
        self.given_title.show_text(name, name)
        self.made.show_image(None, words)
        self.views.setCurrentIndex(0)
        self.made_title.setText("")
        self.legend.show_result(None, with_note=False)
        self.strip.setCurrentWidget(self.sum)
        self.sum.show_sum(None)
        self.code.show_code("")

    def show_traced(self, traced: Traced, name: str, stages: Stages) -> None:
        """Show an operation's picture and result; ``stages`` are all that its step is made of, from the first one."""
        before, self.traced = self.traced, traced
        self._stages = stages
        self.channels.setVisible(max(traced.batch.shape[1], traced.outputs) > 1)
        self.views.setCurrentIndex(1 if self.channels.isChecked() and not self.channels.isHidden() else 0)
        self.bar.setEnabled(traced.slides)
        self._tiles = (tiles_of(traced.batch), tiles_of(traced.applied.planes))
        height, width = traced.size
        self.player.set_count(height * width)
        self.bar.offer_channels(channel_names(traced.outputs), self._inputs(traced))
        self.strip.setCurrentWidget(self.sum if traced.slides else self.value)
        self._draw(traced)
        self.given_title.show_text(f"{name}  {size_words(traced.batch.shape)}", name)
        self.made_title.show_text(f"Result  {size_words(traced.applied.planes.shape)}", "")
        self.legend.show_result(traced.applied, with_note=traced.slides)
        if before is None or before.size != traced.size or len(before.batch) != len(traced.batch):
            self._at = None
        if not self.player.plays:
            self.made.show_first(None)
            self._back()

    def set_drawing(self, draws: bool) -> None:
        """Whether a person draws on the picture on the left."""
        self.given.set_drawing(draws)
        self.wipe.setVisible(draws)

    @property
    def channel(self) -> int:
        """Of the result, whose sum is shown."""
        return max(0, self.bar.channel.currentIndex())

    @property
    def at(self) -> Place:
        """The pixel of the result that is kept: at first where something is to be seen."""
        if self._at is not None or self.traced is None:
            return self._at or (0, 0, 0)
        return (0, *striking(self.traced.applied.drawn.channels[0, min(self.channel, self.traced.outputs - 1)]))

    # Showing --------------------------------------------------------------------------------------------------

    def _draw(self, traced: Traced) -> None:
        surface = QtGui.QColor(theme.current().surface)
        ground = (surface.red(), surface.green(), surface.blue())
        given = self._tiles[0].together(pictures_of(traced.given_drawn, self.channel), ground)
        padded, margin = traced.padded(given)
        self.given.show_image(image_of(padded), margin=margin)
        if self.views.currentWidget() is self.mix and self._stages is not None:
            self.mix.show_stages(*self._stages, self.channel)
        made = self._tiles[1].together(pictures_of(traced.applied.drawn, self.channel), ground)
        self.made.show_image(image_of(made))

    def _inputs(self, traced: Traced) -> list[str]:
        slide = traced.slide(0, 0, 0, 0)
        if slide is None or len(slide.channels) < 2 or slide.values.shape[1:] == (1, 1):
            return []
        names = channel_names(traced.batch.shape[1])
        return [f"from {names[channel]}" for channel in slide.channels]

    def _switch(self) -> None:
        self.views.setCurrentIndex(1 if self.channels.isChecked() else 0)
        if self.traced is not None:
            self._draw(self.traced)

    def _choose_channel(self) -> None:
        if self.traced is not None:
            self._draw(self.traced)
            self._back()

    def _show_pixel(self, place: Place, progress: float = 1.0) -> None:
        traced = self.traced
        if traced is None:
            return
        picture, column, row = place
        picture, column, row = (
            min(picture, len(traced.batch) - 1),
            min(column, traced.size[1] - 1),
            min(row, traced.size[0] - 1),
        )
        where = (picture, min(self.channel, traced.outputs - 1), row, column)
        left, top = self._tiles[1].corner(picture)
        here = QtCore.QRectF(left + column, top + row, 1, 1)
        slide = traced.slide(*where) if traced.slides else None
        if slide is None:
            self.value.show_value(traced.value(*where))
            self.given.mark(here)
        else:
            self.sum.show_sum(sum_of(traced, slide, where, max(0, self.bar.part.currentIndex())), "", progress)
            frame = frame_of(slide)
            self.given.mark(frame.translated(*self._tiles[0].corner(picture)) if frame is not None else None)
        self.made.mark(here)
        self.threads.update()
        self.made.put_cursor(left + column, top + row)

    # Pointing and playing -------------------------------------------------------------------------------------

    def _above(self, column: int, row: int) -> Place:
        if self.traced is None:
            return (0, 0, 0)
        picture, column, row = self._tiles[0].at(column, row)
        return (picture, *self.traced.above(column, row))

    def _point(self, place: Place) -> None:
        if not self.player.plays:
            self._show_pixel(place)

    def _keep(self, place: Place) -> None:
        self._at = place
        if self.traced is not None:
            self.player.put(place[2] * self.traced.size[1] + place[1])
        self._show_pixel(place)

    def _back(self) -> None:
        """To the pixel that is kept, when nobody points at another."""
        if self.traced is not None and not self.player.plays:
            self._show_pixel(self.at)

    def _watch(self) -> None:
        """What is made pixel by pixel is to be seen."""
        if self.player.plays:
            self.channels.setChecked(False)

    def _slide(self, place: int, progress: float) -> None:
        if self.traced is None:
            return
        row, column = divmod(place, self.traced.size[1])
        self._at = (0, column, row)
        self.made.show_first(place + (1 if progress >= 1 else 0))
        self._show_pixel(self._at, progress)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self.threads.setGeometry(self.rect())
        self.threads.raise_()

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(520, 420)

    def _lay_out(self) -> None:
        pair = QtWidgets.QWidget()
        beside = QtWidgets.QHBoxLayout(pair)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.M)
        for view in (self.given, self.made):
            beside.addWidget(view, 1)
        for page in (pair, self.mix):
            self.views.addWidget(page)
        titles = QtWidgets.QHBoxLayout()
        titles.setSpacing(theme.M)
        for parts in ((self.given_title, self.wipe, self.bar.part), (self.made_title, self.bar.channel)):
            half = QtWidgets.QHBoxLayout()
            half.setSpacing(theme.XS)
            for part in parts:
                half.addWidget(part, 1 if isinstance(part, ElidedLabel) else 0)
            titles.addLayout(half, 1)
        below = QtWidgets.QHBoxLayout()
        below.setSpacing(theme.S)
        below.addWidget(self.bar)
        below.addWidget(self.channels)
        below.addWidget(self.code, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(titles)
        column.addWidget(self.views, 5)
        told = QtWidgets.QHBoxLayout()
        told.setSpacing(theme.S)
        told.addWidget(self.legend, 1)
        told.addWidget(self.shades)
        column.addLayout(told)
        column.addWidget(self.strip, 3)
        column.addLayout(below)
        for keys, act in (("P", self.player.toggle), (".", self.player.step)):
            QtGui.QShortcut(QtGui.QKeySequence(keys), self).activated.connect(act)
