"""The picture beside its result, and below them the one pixel that is looked at: where it comes from, and how."""

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.lab import Drawn
from cnnstudio.ui.lab.operation.channel_words import channel_names
from cnnstudio.ui.lab.operation.code_line import CodeLine
from cnnstudio.ui.lab.operation.plane_view import PlaneView
from cnnstudio.ui.lab.operation.play_bar import PlayBar
from cnnstudio.ui.lab.operation.player import Player
from cnnstudio.ui.lab.operation.sum_strip import SumStrip
from cnnstudio.ui.lab.operation.tiles import Tiles
from cnnstudio.ui.lab.operation.tracing import Traced, frame_of, sum_of
from cnnstudio.ui.lab.operation.value_strip import ValueStrip
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import image_of, label
from cnnstudio.ui.widgets.elided_label import ElidedLabel

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
        self._tiles = (Tiles(1, 1, 1), Tiles(1, 1, 1))
        self.player = Player(self)
        self.bar = PlayBar(self.player)
        self.code = CodeLine()
        self.given = PlaneView("lab_picture", "The picture")
        self.made = PlaneView("lab_result", "The result")
        self.given_title = ElidedLabel("body", "lab_picture_title")
        self.made_title = ElidedLabel("body", "lab_result_title")
        self.legend = label("", "caption", kind="muted", name="lab_legend")
        self.legend.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self.sum, self.value = SumStrip(), ValueStrip()
        self.strip = QtWidgets.QStackedWidget()
        for part in (self.sum, self.value):
            self.strip.addWidget(part)
        self._lay_out()
        self.given.pointed.connect(lambda column, row: self._point(self._above(column, row)))
        self.made.pointed.connect(lambda column, row: self._point(self._tiles[1].at(column, row)))
        self.given.clicked.connect(lambda column, row: self._keep(self._above(column, row)))
        self.made.clicked.connect(lambda column, row: self._keep(self._tiles[1].at(column, row)))
        for view in (self.given, self.made):
            view.left.connect(self._back)
        self.player.moved.connect(self._slide)
        self.player.finished.connect(lambda: self.made.show_first(None))
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
        self.made_title.setText("")
        self.legend.setText("")
        self.strip.setCurrentWidget(self.sum)
        self.sum.show_sum(None)
        self.code.show_code("")

    def show_traced(self, traced: Traced, name: str) -> None:
        """Show an operation's picture and result."""
        before, self.traced = self.traced, traced
        self.bar.setEnabled(traced.slides)
        self._tiles = (_tiles_of(traced.batch), _tiles_of(traced.applied.planes))
        height, width = traced.size
        self.player.set_count(height * width)
        self.bar.offer_channels(channel_names(traced.outputs), self._inputs(traced))
        self.strip.setCurrentWidget(self.sum if traced.slides else self.value)
        self._draw(traced)
        self.given_title.show_text(f"{name}  {_size(traced.batch.shape)}", name)
        self.made_title.show_text(f"Result  {_size(traced.applied.planes.shape)}", "")
        note = traced.applied.note if traced.slides else ""
        self.legend.setText(f"{note} {traced.applied.drawn.sentence}".strip())
        self.legend.setToolTip(self.legend.text())
        if before is None or before.size != traced.size or len(before.batch) != len(traced.batch):
            self._at = None
        if not self.player.plays:
            self.made.show_first(None)
            self._back()

    @property
    def channel(self) -> int:
        """Of the result, whose sum is shown."""
        return max(0, self.bar.channel.currentIndex())

    @property
    def at(self) -> Place:
        """The pixel of the result that is kept: at first where something is to be seen."""
        if self._at is not None or self.traced is None:
            return self._at or (0, 0, 0)
        return (0, *_striking(self.traced.applied.drawn.channels[0, min(self.channel, self.traced.outputs - 1)]))

    # Showing --------------------------------------------------------------------------------------------------

    def _draw(self, traced: Traced) -> None:
        surface = QtGui.QColor(theme.current().surface)
        ground = (surface.red(), surface.green(), surface.blue())
        given = self._tiles[0].together(_pictures(traced.given_drawn, self.channel), ground)
        padded, margin = traced.padded(given)
        self.given.show_image(image_of(padded), margin=margin)
        made = self._tiles[1].together(_pictures(traced.applied.drawn, self.channel), ground)
        self.made.show_image(image_of(made))

    def _inputs(self, traced: Traced) -> list[str]:
        slide = traced.slide(0, 0, 0, 0)
        if slide is None or len(slide.channels) < 2 or slide.values.shape[1:] == (1, 1):
            return []
        names = channel_names(traced.batch.shape[1])
        return [f"from {names[channel]}" for channel in slide.channels]

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

    def _slide(self, place: int, progress: float) -> None:
        if self.traced is None:
            return
        row, column = divmod(place, self.traced.size[1])
        self._at = (0, column, row)
        self.made.show_first(place + (1 if progress >= 1 else 0))
        self._show_pixel(self._at, progress)

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(520, 420)

    def _lay_out(self) -> None:
        pictures = QtWidgets.QGridLayout()
        pictures.setHorizontalSpacing(theme.M)
        pictures.setVerticalSpacing(theme.XS)
        beside = QtWidgets.QHBoxLayout()
        beside.addWidget(self.made_title, 1)
        beside.addWidget(self.bar.channel)
        before = QtWidgets.QHBoxLayout()
        before.addWidget(self.given_title, 1)
        before.addWidget(self.bar.part)
        pictures.addLayout(before, 0, 0)
        pictures.addLayout(beside, 0, 1)
        for place, view in enumerate((self.given, self.made)):
            pictures.addWidget(view, 1, place)
            pictures.setColumnStretch(place, 1)
        pictures.setRowStretch(1, 1)
        pictures.addWidget(self.legend, 2, 0, 1, 2)
        below = QtWidgets.QHBoxLayout()
        below.setSpacing(theme.S)
        below.addWidget(self.bar)
        below.addWidget(self.code, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(pictures, 5)
        column.addWidget(self.strip, 3)
        column.addLayout(below)
        for keys, act in (("P", self.player.toggle), (".", self.player.step)):
            QtGui.QShortcut(QtGui.QKeySequence(keys), self).activated.connect(act)


def _tiles_of(planes: np.ndarray) -> Tiles:
    return Tiles(planes.shape[0], planes.shape[2], planes.shape[3])


def _pictures(drawn: Drawn, channel: int) -> np.ndarray:
    """N×H×W×3: in colour where there are three channels, else one of them."""
    channels = drawn.channels.shape[1]
    if channels in (1, 3):
        return drawn.pictures
    return np.repeat(drawn.channels[:, min(channel, channels - 1), ..., None], 3, -1)


def _striking(levels: np.ndarray) -> tuple[int, int]:
    """Column and row of a pixel, not at the edge, that differs most from the grey in the middle."""
    height, width = levels.shape
    top, left = height // 5, width // 5
    inner = np.abs(levels[top : height - top, left : width - left].astype(np.int16) - 128)
    row, column = np.unravel_index(int(inner.argmax()), inner.shape)
    return int(column) + left, int(row) + top


def _size(shape: tuple[int, ...]) -> str:
    """Without the number of pictures where there is one."""
    return " × ".join(str(length) for length in (shape[1:] if shape[0] == 1 else shape))
