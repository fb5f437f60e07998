"""One layer of the story from edges over textures to parts: a few of its channels, and chance beside them."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.ui.inside.mosaic import IDLE, Mosaic, title_of
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, button, label, number
from cnnstudio.understanding.inside.values import By, CropPictures

CHANNELS = 3
"""Shown at once."""


class LayerRow(Card):
    """Asks for the next channels, or for one by its number, through ``wanted``."""

    wanted = QtCore.Signal(tuple)
    """Channels by number."""

    def __init__(self, place: int, title: str) -> None:
        super().__init__(title)
        self.setObjectName(f"looks_{place}")
        self.layer = ""
        self._order: tuple[int, ...] = ()
        self._first = 0
        self.before = button("Earlier", f"looks_{place}_before", lambda: self._step(-CHANNELS), kind="ghost")
        self.after = button("More channels", f"looks_{place}_after", lambda: self._step(CHANNELS), kind="ghost")
        self.channel = number(f"looks_{place}_channel", "Show this channel", 0, 0)
        self.channel.editingFinished.connect(lambda: self._ask((self.channel.value(),)))
        for widget in (label("channel", "caption", kind="muted"), self.channel, self.before, self.after):
            self.head.addWidget(widget)
        self.about = label("", "caption", kind="muted", wrap=True, name=f"looks_{place}_about")
        self.mosaics = [Mosaic() for _ in range(CHANNELS + 1)]
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        for mosaic in self.mosaics:
            row.addWidget(mosaic)
        row.addStretch(1)
        self.body.addWidget(self.about)
        self.body.addLayout(row)

    def show_layer(self, layer: str, order: tuple[int, ...], silent: int, by: By) -> None:
        """Another layer, with its channels in the order in which they are to be shown."""
        self.layer, self._order, self._first = layer, order, 0
        self.channel.setRange(0, max(0, len(order) - 1))
        quiet = f" {counted(silent, 'channel')} never {IDLE[by]} on your pictures." if silent else ""
        self.about.setText(f"{layer}, {counted(len(order), 'channel')}.{quiet}")
        self._step(0)

    def show_crops(self, found: tuple[CropPictures, ...]) -> None:
        """The crops that were asked for."""
        for place, mosaic in enumerate(self.mosaics[:-1]):
            mosaic.setVisible(place < len(found))
            if place < len(found):
                mosaic.show_crops(title_of(found[place]), found[place].exciting)
        self.mosaics[-1].show_crops("by chance", found[0].random if found else ())

    def _step(self, by: int) -> None:
        last = max(0, len(self._order) - CHANNELS)
        self._first = max(0, min(last, self._first + by))
        self.before.setEnabled(self._first > 0)
        self.after.setEnabled(self._first < last)
        if self._order:
            self._ask(self._order[self._first : self._first + CHANNELS])

    def _ask(self, channels: tuple[int, ...]) -> None:
        """Until they are there, empty places say so."""
        for mosaic in self.mosaics:
            mosaic.show_crops("Reading pictures", ())
        self.wanted.emit(channels)
