"""From pictures to classes through the chosen network: what it knows already, and what it will learn."""

from collections.abc import Iterator
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, isolated
from cnnstudio.data import Dataset
from cnnstudio.networks import NetworkEntry
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import blank, pixmap
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Thumbnails, label

_SIDE, _SHOWN, _NAMED = 48, 4, 6
_NO_PICTURES = "Open a folder with a subfolder for each class, and they come in here."
_PRETRAINED = (
    "It has learned from 1.3 million photographs of a thousand kinds of things, so it knows edges, textures and parts."
)
_FROM_SCRATCH = "It begins with random weights and learns edges and shapes from your pictures, too, so it needs many."


class WayCard(Card):
    """Three steps beside each other: your pictures, the network, your classes."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("How it learns your classes")
        self.setObjectName("way_card")
        self.thumbnails = Thumbnails(2 * _SIDE, self)
        self.thumbnails.ready.connect(lambda _: self._show_pictures())
        self._paths: list[Path] = []
        self.pictures, self.network, self.classes = (_Step(name) for name in ("pictures", "network", "classes"))
        self.faces = [QtWidgets.QLabel() for _ in range(_SHOWN)]
        strip = QtWidgets.QHBoxLayout()
        strip.setSpacing(theme.XS)
        for face in self.faces:
            face.setFixedSize(_SIDE, _SIDE)
            strip.addWidget(face)
        strip.addStretch(1)
        self.pictures.column.insertLayout(1, strip)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        self._arrows = [QtWidgets.QLabel(), QtWidgets.QLabel()]
        for place, step in enumerate((self.pictures, self.network, self.classes)):
            if place:
                row.addWidget(self._arrows[place - 1])
            row.addWidget(step, 1)
        self.body.addLayout(row)
        theme.notifier().changed.connect(self._tint)
        self._tint()
        studio.dataset_changed.connect(self.show_dataset)
        studio.network_changed.connect(self.show_network)
        self.show_dataset(studio.dataset)
        self.show_network(studio.network)

    def show_dataset(self, dataset: Dataset | None) -> None:
        """Tell it of the open folder."""
        self._paths = list(_one_of_each(dataset)) if dataset is not None else []
        self.thumbnails.forget_waiting()
        self.pictures.title.setText("Your pictures")
        self.classes.title.setText("Your classes")
        if dataset is None:
            self.pictures.text.setText(_NO_PICTURES)
            self.classes.text.setText("It gets a new last layer for them.")
        else:
            learned = sum(sample.split == "train" for sample in dataset.samples)
            of = counted(len(dataset.samples), "picture")
            self.pictures.text.setText(f"It learns from {learned:,} of {of}; the others are for checking.")
            self.classes.title.setText(counted(len(dataset.classes), "class", "classes"))
            self.classes.text.setText(f"It gets a new last layer for them: {_named(dataset.classes)}.")
        self._show_pictures()

    def show_network(self, network: NetworkEntry | None) -> None:
        """Tell it of the chosen network."""
        if network is None:
            return
        self.network.title.setText(network.title)
        self.network.text.setText(_FROM_SCRATCH if network.classic else _PRETRAINED)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Pictures are read when somebody looks."""
        super().showEvent(event)
        self._show_pictures()

    def _show_pictures(self) -> None:
        for place, face in enumerate(self.faces):
            face.setVisible(place < len(self._paths))
            if place < len(self._paths) and self.isVisible():
                picture = self.thumbnails.get(self._paths[place])
                face.setPixmap(_square(picture, self.devicePixelRatioF()) if picture else QtGui.QPixmap())

    def _tint(self) -> None:
        for arrow in self._arrows:
            arrow.setPixmap(pixmap("chevron-right", 24, theme.current().muted, self.devicePixelRatioF()))


class _Step(QtWidgets.QWidget):
    """A title over a few words."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.title = label("", "heading", wrap=True, name=f"way_{name}")
        self.text = label("", "caption", kind="muted", wrap=True, name=f"way_{name}_text")
        self.column = QtWidgets.QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.XS)
        self.column.addWidget(self.title)
        self.column.addWidget(self.text)
        self.column.addStretch(1)


def _one_of_each(dataset: Dataset) -> Iterator[Path]:
    """A picture of each of the first classes."""
    seen: set[int] = set()
    for sample in dataset.samples:
        if sample.label not in seen:
            seen.add(sample.label)
            yield sample.path
            if len(seen) == _SHOWN:
                return


def _named(classes: tuple[str, ...]) -> str:
    """The first few by name."""
    names = ", ".join(map(isolated, classes[:_NAMED]))
    left = len(classes) - _NAMED
    return names if left <= 0 else f"{names} and {left:,} more"


def _square(picture: QtGui.QPixmap, scale: float) -> QtGui.QPixmap:
    """Its middle, with round corners."""
    made, rect = blank(_SIDE, _SIDE, scale), QtCore.QRectF(0, 0, _SIDE, _SIDE)
    clip = QtGui.QPainterPath()
    clip.addRoundedRect(rect, 6, 6)
    side = min(picture.width(), picture.height())
    source = QtCore.QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
    painter = QtGui.QPainter(made)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(clip)
    painter.drawPixmap(rect, picture, source)
    painter.end()
    return made
