"""The picture that operations are tried on, and the ways to another one."""

from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.data.reading import SUFFIXES
from cnnstudio.jobs.specs import KeepPasted, OpenForLab
from cnnstudio.ui.lab.operation.plane_view import PlaneView
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import drawing
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar, button, clipboard, combo, image_of, label, local_paths, pixels_of
from cnnstudio.ui.widgets.file_dialogs import ask_file

SIDES = (16, 32, 64, 128, 256, 512)
_SIDE = 256
_SCENE = "A drawn landscape"


class PictureWell(QtWidgets.QFrame):
    """Never empty: a picture of the open folder, or a drawn landscape, until a person opens one."""

    changed = QtCore.Signal()
    """``pixels`` are others."""

    def __init__(self, studio: Studio, notice: NoticeBar) -> None:
        super().__init__()
        self.setObjectName("lab_well")
        self.setProperty("kind", "card")
        self._studio, self._notice = studio, notice
        self._path: Path | None = None
        self.pixels = np.zeros((1, 1, 3), np.uint8)
        """H×W×3 uint8."""
        self.name = label("", "heading", name="lab_picture_name")
        self.side = combo("lab_side", "Size of the picture", [(f"{side} px", side) for side in SIDES])
        self.side.setCurrentIndex(SIDES.index(_SIDE))
        self.side.setToolTip("The longer side of the picture. In a small one, every pixel can be seen.")
        self.side.currentIndexChanged.connect(self._read)
        self.open_button = button("Open…", "lab_open", self.choose_picture, icon_name="image")
        self.paste_button = button("Paste", "lab_paste", self.paste, icon_name="paste")
        self.view = PlaneView("lab_picture", "The picture")
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self.name, 1)
        for part in (self.side, self.open_button, self.paste_button):
            head.addWidget(part)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S, theme.M, theme.M)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        studio.dataset_changed.connect(lambda _: self._forget())
        self._forget()

    @property
    def longest(self) -> int:
        """The side that was chosen, in pixels."""
        return int(self.side.currentData())

    def open_picture(self, path: Path) -> None:
        """Take this one from now on."""
        self._path = path
        self._read()

    def paste(self) -> None:
        """Take what is on the clipboard: a copied file, or a copied picture."""
        mime = clipboard()
        if paths := local_paths(mime):
            self.open_picture(paths[0])
        elif mime.hasImage():
            job = KeepPasted(pixels=pixels_of(QtGui.QGuiApplication.clipboard().image()))
            self._studio.submit(job, done=self.open_picture, failed=self._notice.show_problem)
        else:
            self._notice.show_text(
                "There is no picture on the clipboard.", "Copy one first, then paste it here.", "info"
            )

    def choose_picture(self) -> None:
        """Ask for a picture."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        start = str(self._path.parent) if self._path else ""
        chosen = ask_file(self, "Open a picture", f"Pictures ({patterns});;All files (*)", "pictures", start)
        if chosen is not None:
            self.open_picture(chosen)

    def _forget(self) -> None:
        """Begin with one of the open folder's pictures."""
        dataset = self._studio.dataset
        samples = (dataset.split("validation") or dataset.samples) if dataset else ()
        self._path = samples[0].path if samples else None
        self._read()

    def _read(self) -> None:
        if self._path is None:
            self._take(_SCENE, scene(self.longest))
            return
        path, side = self._path, self.longest
        self._studio.submit(
            OpenForLab(pictures=(path,), side=side),
            done=lambda pixels: self._take(path.name, pixels) if (path, side) == (self._path, self.longest) else None,
            failed=self._notice.show_problem,
        )

    def _take(self, name: str, pixels: np.ndarray) -> None:
        self._notice.hide()
        self.pixels = pixels
        self.name.setText(isolated(name))
        self.view.show_image(image_of(pixels))
        self.changed.emit()

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(360, 360)


def scene(side: int) -> np.ndarray:
    """A landscape, side×side×3 uint8."""
    image = QtGui.QImage(side, side, QtGui.QImage.Format.Format_RGB888)
    painter = QtGui.QPainter(image)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    drawing("lab", "scene").render(painter, QtCore.QRectF(0, 0, side, side))
    painter.end()
    return pixels_of(image)
