"""What training does to pictures, on one's own: the original and sixteen variations of it, live."""

from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, isolated
from cnnstudio.data import LEVELS, AugmentSpec, Dataset, Sample
from cnnstudio.jobs.specs import DrawChanges
from cnnstudio.ui.data.preview import Canvas
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Thumbnails, button, combo, image_of, label

PRESETS: tuple[tuple[str, AugmentSpec, str], ...] = (
    ("Usual", AugmentSpec(), "Mirrored, cropped, light a little different. Good for most photographs."),
    ("None", AugmentSpec(flip=False, crop=0, colour=0), "Every picture as it is, every time."),
    ("Light", AugmentSpec(crop=0.15, colour=0.05), "For objects that always fill the picture in the same way."),
    (
        "Strong",
        AugmentSpec(crop=0.6, rotate_degrees=20, colour=0.3),
        "For few pictures, and for photographs taken under changing conditions.",
    ),
    (
        "Orientation does not matter",
        AugmentSpec(rotate_degrees=180),
        "For microscopes and objects seen from above: rotated by any angle.",
    ),
    ("Colour matters", AugmentSpec(colour=0), "Where colour tells the classes apart: it is not changed."),
    ("Left and right matter", AugmentSpec(flip=False), "For text, road signs, left and right hands: never mirrored."),
)
_COLUMNS = 4
_COUNT = 16
_SMALLEST = 60
_ORIGINAL = 800
"""Pixels that are read of the original."""


class AugmentPanel(QtWidgets.QWidget):
    """A preset, a picture as it is, and beside it what becomes of it."""

    left = QtCore.Signal()
    """Back to the pictures."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("augment_panel")
        self._studio = studio
        self._samples: tuple[Sample, ...] = ()
        self._at = self._seed = 0
        self._stale: Dataset | None = None
        """Its pictures are only looked for when they are to be seen."""
        self._monitor: JobMonitor[tuple[np.ndarray, ...]] | None = None
        titles = [(title, title) for title, _, _ in PRESETS]
        self.preset = combo("augment_preset", "How pictures are varied while training", titles)
        self.preset.setMinimumWidth(theme.scaled(120))  # gives way to the buttons beside it in the smallest window
        self.preset.activated.connect(lambda _: self._choose())
        self.meaning = label("", kind="muted", wrap=True, name="augment_meaning")
        self.caption = label("", "caption", kind="muted", wrap=True, name="augment_caption")
        another = button("Another picture", "augment_another", self._another, icon_name="image")
        again = button("Vary again", "augment_again", self._again, icon_name="refresh")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        self.back = button("Back to the pictures", "augment_back", self.left.emit, icon_name="image")
        row.addWidget(self.back)
        row.addWidget(label("While training", "heading"))
        row.addWidget(self.preset)
        row.addStretch(1)
        row.addWidget(another)
        row.addWidget(again)
        self.tiles = [QtWidgets.QLabel() for _ in range(_COUNT)]
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(theme.S)
        for number, tile in enumerate(self.tiles):
            tile.setScaledContents(True)
            tile.setAccessibleName(f"Variation {number + 1}")
            grid.addWidget(tile, number // _COLUMNS, number % _COLUMNS)
        grid.setRowStretch(_COUNT // _COLUMNS, 1)
        grid.setColumnStretch(_COLUMNS, 1)
        self._room = QtWidgets.QWidget()
        self._room.setMinimumSize(_COLUMNS * (_SMALLEST + theme.S), _COLUMNS * (_SMALLEST + theme.S))
        grid.setContentsMargins(0, 0, 0, 0)
        self._room.setLayout(grid)
        self.original = Canvas(1.0)
        self.original.setMinimumSize(240, 180)
        self._reader = Thumbnails(_ORIGINAL, self, most=2)
        self._reader.ready.connect(lambda _: self._show_original())
        first = QtWidgets.QVBoxLayout()
        first.setSpacing(theme.XS)
        first.addWidget(label("Original, and the square that is scored", "caption", kind="muted"))
        first.addWidget(self.original, 1)
        second = QtWidgets.QVBoxLayout()
        second.setSpacing(theme.XS)
        second.addWidget(label("Variations", "caption", kind="muted"))
        second.addWidget(self._room, 1)
        beside = QtWidgets.QHBoxLayout()
        beside.setSpacing(theme.M)
        beside.addLayout(first, 1)
        beside.addLayout(second, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(row)
        column.addWidget(self.meaning)
        column.addLayout(beside, 1)
        column.addWidget(self.caption)
        studio.network_changed.connect(lambda _: self._draw())

    @property
    def changes(self) -> AugmentSpec:
        """What is chosen."""
        return PRESETS[self.preset.currentIndex()][1]

    def show_dataset(self, dataset: Dataset) -> None:
        """Take a folder's training pictures; the one that is shown stays where it is still one of them."""
        self._stale = dataset
        self._reader.show_levels(dataset.levels)
        self._draw()

    def show_picture(self, path: Path) -> None:
        """Vary this one, if it is learned from."""
        self._catch_up()
        self._at = next((at for at, sample in enumerate(self._samples) if sample.path == path), self._at)

    def _catch_up(self) -> None:
        if self._stale is not None:
            before = self.sample.path if self._samples else None
            self._samples, self._stale = self._stale.split("train"), None
            self._at = next((at for at, sample in enumerate(self._samples) if sample.path == before), 0)

    @property
    def sample(self) -> Sample:
        """The picture that is varied."""
        return self._samples[self._at % len(self._samples)]

    def close_reader(self) -> None:
        """Wait for the picture being read."""
        self._reader.close()

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._draw()

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """Four by four, as large as there is room for."""
        super().resizeEvent(event)
        QtCore.QTimer.singleShot(0, self, self._fit)  # when the layout has given the room its size

    def _fit(self) -> None:
        room = min(self._room.width(), self._room.height()) - (_COLUMNS - 1) * theme.S
        for tile in self.tiles:
            tile.setFixedSize(QtCore.QSize(1, 1) * max(_SMALLEST, room // _COLUMNS))

    def _choose(self) -> None:
        self._studio.changes_chosen.emit(self.changes)
        self._draw()

    def _another(self) -> None:
        self._at += max(1, len(self._samples) // 17)
        self._draw()

    def _again(self) -> None:
        self._seed += 1
        self._draw()

    def _draw(self) -> None:
        self.meaning.setText(PRESETS[self.preset.currentIndex()][2])
        if not self.isVisible():
            return
        self._catch_up()
        if not self._samples:
            return
        sample, network = self.sample, self._studio.network
        self._show_original()
        side = network.input_size if network is not None else 224
        levels = self._studio.dataset.levels if self._studio.dataset is not None else LEVELS
        job = DrawChanges(
            picture=sample.path, changes=self.changes, side=side, count=_COUNT, seed=self._seed, levels=levels
        )
        caption = f"{isolated(sample.path.name)}, at {side} × {side} px"
        monitor: JobMonitor[tuple[np.ndarray, ...]] = self._studio.submit(
            job, done=lambda drawn: self._show(monitor, drawn, caption), failed=self._refuse
        )
        self._monitor = monitor

    def _show(self, monitor: JobMonitor[tuple[np.ndarray, ...]], drawn: tuple[np.ndarray, ...], caption: str) -> None:
        if monitor is not self._monitor:
            return
        for tile, pixels in zip(self.tiles, drawn, strict=True):
            tile.setPixmap(QtGui.QPixmap.fromImage(image_of(pixels)))
        self.caption.setText(
            f"{caption}. Every epoch varies them again; validation and test pictures are never varied."
        )

    def _show_original(self) -> None:
        if self._samples and self.isVisible():
            network = self._studio.network
            picture = self._reader.get(self.sample.path)
            self.original.show_image(picture or QtGui.QPixmap(), network.crop_share if network is not None else 1.0)

    def _refuse(self, problem: Problem) -> None:
        self.caption.setText(problem.sentence())
