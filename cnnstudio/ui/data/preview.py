"""One picture, large, with the square that the network will see."""

from collections.abc import Sequence

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import Levels, Sample
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, button, label

_SIDE = 1200
"""Pixels that are read at most: enough for a screen."""


class Preview(QtWidgets.QDialog):
    """Left and right go through the pictures of the grid."""

    def __init__(
        self,
        samples: Sequence[Sample],
        at: int,
        classes: tuple[str, ...],
        crop_share: float,
        parent: QtWidgets.QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("picture_preview")
        self.setWindowTitle("Picture")
        self.resize(820, 720)
        self._samples, self._at, self._classes = samples, at, classes
        self.canvas = Canvas(crop_share)
        self._reader = Thumbnails(_SIDE, self, most=8)
        self._reader.ready.connect(self._arrived)
        self.caption = label("", wrap=True, name="preview_caption")
        before = button("Previous", "preview_previous", lambda: self.step(-1))
        after = button("Next", "preview_next", lambda: self.step(1))
        row = QtWidgets.QHBoxLayout()
        row.addWidget(self.caption, 1)
        row.addWidget(before)
        row.addWidget(after)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        self.step(0)

    @property
    def sample(self) -> Sample:
        """The picture that is shown."""
        return self._samples[self._at]

    def show_levels(self, levels: Levels) -> None:
        """What is black and white in pictures of more than 8 bits."""
        self._reader.show_levels(levels)
        self.step(0)

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
        if picture is not None and picture.isNull():
            self.canvas.show_image(picture)
            self.caption.setText(f"{sample.path.name} can no longer be read.")
            return
        self.canvas.show_image(picture or QtGui.QPixmap())
        place = f"{self._at + 1:,} of {len(self._samples):,}"
        self.caption.setText(
            f"{sample.path.name}: {self._classes[sample.label]}, {sample.split}. {place}. "
            "The network sees the bright square, made smaller."
        )

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
        step = {QtCore.Qt.Key.Key_Left: -1, QtCore.Qt.Key.Key_Right: 1}.get(QtCore.Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step(step)


class Canvas(QtWidgets.QWidget):
    """A picture as large as there is room, everything outside the crop dimmed."""

    shown = QtCore.Signal()
    """There is another picture."""

    def __init__(self, crop_share: float) -> None:
        super().__init__()
        self.setObjectName("preview_canvas")
        self._share = crop_share
        self._image = QtGui.QPixmap()
        self.setMinimumSize(320, 240)

    def show_image(self, image: QtGui.QPixmap) -> None:
        """Show a picture."""
        self._image = image
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
