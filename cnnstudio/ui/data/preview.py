"""One picture, large, with the square that the network will see."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.data import Dataset, Sample
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.state import Curator, History, Studio
from cnnstudio.ui.widgets import Thumbnails, button, label

_SIDE = 1200
"""Pixels that are read at most: enough for a screen."""
_KEYS_SHOWN = 4


class Preview(QtWidgets.QDialog):
    """Arrow keys go through the pictures of the grid, Delete skips, digits give a class, Space and Return close."""

    def __init__(
        self, samples: Sequence[Sample], at: int, dataset: Dataset, crop_share: float, parent: QtWidgets.QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("picture_preview")
        self.setWindowTitle("Picture")
        self.resize(820, 720)
        self._samples, self._at, self._dataset = list(samples), at, dataset
        self._curator: Curator | None = None
        self._keys: Callable[[], list[str]] = list
        self.canvas = Canvas(crop_share)
        self._reader = Thumbnails(_SIDE, self, most=8)
        self._reader.show_levels(dataset.levels)
        self._reader.ready.connect(self._arrived)
        self.caption = label("", wrap=True, name="preview_caption")
        self.hint = label("", "caption", kind="muted", wrap=True, name="preview_hint")
        before = button("Previous", "preview_previous", lambda: self.step(-1))
        after = button("Next", "preview_next", lambda: self.step(1))
        for entry in (before, after):
            entry.setAutoDefault(False)
        self.canvas.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # so that Space closes what Space opened
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.caption)
        words.addWidget(self.hint)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addLayout(words, 1)
        row.addWidget(before)
        row.addWidget(after)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        self._add_keys()
        self.canvas.setFocus()
        self.step(0)

    @property
    def sample(self) -> Sample:
        """The picture that is shown."""
        return self._samples[self._at]

    def decide_by(self, curator: Curator, keys: Callable[[], list[str]]) -> None:
        """Let pictures be skipped and get another class; ``keys`` are the classes of the digits from 1."""
        self._curator, self._keys = curator, keys
        self._show()

    def show_dataset(self, dataset: Dataset) -> None:
        """The same pictures after a decision."""
        now = {sample.path: sample for sample in (*dataset.samples, *dataset.left_out)}
        self._dataset = dataset
        self._samples = [now.get(sample.path, sample) for sample in self._samples]
        self._show()

    def step(self, by: int) -> None:
        """Show another picture of the list."""
        self._at = max(0, min(self._at + by, len(self._samples) - 1))
        self._reader.forget_waiting()
        self._show()
        for near in (self._at + 1, self._at - 1):
            if 0 <= near < len(self._samples):
                self._reader.get(self._samples[near].path)

    def _show(self) -> None:
        sample, picture = self.sample, self._reader.get(self.sample.path)
        name = isolated(sample.path.name)
        if picture is not None and picture.isNull():
            self.canvas.show_image(picture)
            self.caption.setText(f"{name} can no longer be read.")
            return
        self.canvas.show_image(picture or QtGui.QPixmap())
        classes = self._dataset.classes + self._dataset.gone_classes
        of_class = isolated(classes[sample.label]) if sample.label < len(classes) else ""
        state = "skipped" if sample in self._dataset.left_out else sample.split
        place = f"{self._at + 1:,} of {len(self._samples):,}"
        self.caption.setText(f"{name}: {of_class}, {state}. {place}.")
        self.canvas.setAccessibleName(self.caption.text())
        seen = "The network sees the bright square, made smaller."
        keys = self._keys() if self._curator is not None else []
        first = ", ".join(f"{key} {isolated(each)}" for key, each in enumerate(keys[:_KEYS_SHOWN], 1))
        more = " …" if len(keys) > _KEYS_SHOWN else ""
        self.hint.setText(f"{seen} Del skips it; class: {first}{more}" if first else seen)

    def _add_keys(self) -> None:
        """As shortcuts, since buttons take arrow keys to move the focus."""
        key = QtCore.Qt.Key
        acts: dict[QtCore.Qt.Key, Callable[[], object]] = {
            key.Key_Left: lambda: self.step(-1), key.Key_Up: lambda: self.step(-1),
            key.Key_PageUp: lambda: self.step(-1), key.Key_Right: lambda: self.step(1),
            key.Key_Down: lambda: self.step(1), key.Key_PageDown: lambda: self.step(1),
            key.Key_Home: lambda: self.step(-len(self._samples)), key.Key_End: lambda: self.step(len(self._samples)),
            key.Key_Delete: self._skip, key.Key_Backspace: self._skip,
        }  # fmt: skip
        digits = [QtCore.Qt.Key(key.Key_1 + number) for number in range(9)]
        acts |= {digit: partial(self._give_key, number) for number, digit in enumerate(digits)}
        for each, act in acts.items():
            QtGui.QShortcut(QtGui.QKeySequence(each), self).activated.connect(act)
        self._undo = [
            QtGui.QShortcut(QtGui.QKeySequence(wanted), self)
            for wanted in (QtGui.QKeySequence.StandardKey.Undo, QtGui.QKeySequence.StandardKey.Redo)
        ]

    def undo_by(self, history: History) -> None:
        """Let a decision be taken back here, where the window's menu cannot be reached."""
        for shortcut, act in zip(self._undo, (history.undo, history.redo), strict=True):
            shortcut.activated.connect(act)

    def _skip(self) -> None:
        if self._curator is not None and self.sample not in self._dataset.left_out:
            self._curator.leave_out([self.sample.path])

    def _give_key(self, number: int) -> None:
        keys = self._keys()
        if self._curator is not None and number < len(keys):
            self._curator.relabel([self.sample.path], keys[number])

    def _arrived(self, key: str) -> None:
        if key == str(self.sample.path):
            self._show()

    @override
    def done(self, result: int) -> None:
        """Close, and read no more."""
        self._reader.close()
        super().done(result)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() in (QtCore.Qt.Key.Key_Space, QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter):
            self.accept()
        else:
            super().keyPressEvent(event)


def open_preview(
    studio: Studio, grid: GridView, sample: Sample, curator: Curator, keys: Callable[[], list[str]]
) -> None:
    """Let a person look through the pictures of a grid, beginning with one of them; the last one is marked after."""
    dataset, network = studio.dataset, studio.network
    assert dataset is not None
    samples, share = grid.grid.samples, network.crop_share if network is not None else 1.0
    dialog = Preview(samples, list(samples).index(sample), dataset, share, grid.window())
    dialog.decide_by(curator, keys)
    dialog.undo_by(studio.history)
    studio.dataset_changed.connect(dialog.show_dataset)
    dialog.exec()
    studio.dataset_changed.disconnect(dialog.show_dataset)
    grid.reveal([dialog.sample.path])
    dialog.deleteLater()


class Canvas(QtWidgets.QWidget):
    """A picture as large as there is room, everything outside the crop dimmed."""

    spoken_role = Role.Graphic

    shown = QtCore.Signal()
    """There is another picture."""

    def __init__(self, crop_share: float) -> None:
        super().__init__()
        self.setObjectName("preview_canvas")
        self._share = crop_share
        self._image = QtGui.QPixmap()
        self.setMinimumSize(320, 240)

    def show_image(self, image: QtGui.QPixmap, share: float | None = None) -> None:
        """Show a picture, and another square of it if one is given."""
        self._image = image
        self._share = self._share if share is None else share
        self.update()
        self.shown.emit()

    def crop(self) -> tuple[QtCore.QRectF, QtCore.QRectF]:
        """Where the picture lies, and where the square is that the network sees."""
        size = self._image.size().scaled(self.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        whole = QtCore.QRectF(left, top, size.width(), size.height())
        side = min(size.width(), size.height()) * self._share
        centre = whole.center()
        return whole, QtCore.QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._image.isNull():
            return
        whole, crop = self.crop()
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(whole, self._image, QtCore.QRectF(self._image.rect()))
        painter.fillRect(whole, QtGui.QColor(0, 0, 0, 120))
        painter.setClipRect(crop)
        painter.drawPixmap(whole, self._image, QtCore.QRectF(self._image.rect()))
        painter.setClipping(False)
        painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().accent), 2))
        painter.drawRect(crop)
