"""The picture that operations are tried on, and the ways to another one."""

from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.data import Dataset
from cnnstudio.data.reading import SUFFIXES
from cnnstudio.jobs.specs import KeepPasted, OpenForLab
from cnnstudio.ui.lab.operation.drawing_board import DrawingBoard
from cnnstudio.ui.lab.operation.folder_pictures import FolderPictures
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import drawing, icon
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar, button, clipboard, combo, local_paths, pixels_of
from cnnstudio.ui.widgets.file_dialogs import ask_file

SIDES = (8, 16, 32, 64, 128, 256, 512)
_SIDE = 256
_BOARD = 32
_SCENE = "A drawn landscape"
_DRAWN = "Your drawing"


class PictureSource(QtWidgets.QWidget):
    """Never without a picture: one of the open folder, or a drawn landscape, until a person opens or draws one."""

    changed = QtCore.Signal()
    """``pixels`` are others."""

    def __init__(self, studio: Studio, notice: NoticeBar) -> None:
        super().__init__()
        self._studio, self._notice = studio, notice
        self._path: Path | None = None
        self.pixels = np.zeros((1, 1, 3), np.uint8)
        """H×W×3 uint8."""
        self.name = ""
        self.board = DrawingBoard()
        self.board.drawn.connect(self._take_drawing)
        self._draws = self._chosen = False
        self.entry = button("Picture", "lab_picture_menu", self._show_menu, icon_name="image")
        self.entry.setToolTip("Another picture: opened, pasted, from the open folder, or drawn. Or drop one here.")
        self.side = combo("lab_side", "Size of the picture", [(f"{side} px", side) for side in SIDES])
        self.side.setCurrentIndex(SIDES.index(_SIDE))
        self.side.setToolTip("The longer side of the picture. In a small one, every pixel can be seen.")
        self.side.currentIndexChanged.connect(self._resized)
        self.menu = QtWidgets.QMenu(self)
        self.menu.setObjectName("lab_picture_choices")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self.entry)
        row.addWidget(self.side)
        studio.dataset_changed.connect(self._begin)
        self._begin(studio.dataset)

    @property
    def longest(self) -> int:
        """The side that was chosen, in pixels."""
        return int(self.side.currentData())

    @property
    def path(self) -> Path | None:
        """Of the picture's file; None of one that is drawn."""
        return None if self._draws else self._path

    @property
    def draws(self) -> bool:
        """Whether the picture is a drawing that a person can go on with."""
        return self._draws

    def open_picture(self, path: Path) -> None:
        """Take this one from now on."""
        self._chosen, self._draws, self._path = True, False, path
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

    def choose_from_folder(self) -> None:
        """Show some of the open folder's pictures to choose from."""
        dataset = self._studio.dataset
        if dataset is not None:
            dialog = FolderPictures(dataset, self.window())
            dialog.chosen.connect(self.open_picture)
            dialog.open()

    def draw(self) -> None:
        """Begin to draw, on a board as large as the picture was, but so small that every pixel is seen."""
        self._chosen = self._draws = True
        wanted = min(self.longest, _BOARD)
        with QtCore.QSignalBlocker(self.side):
            self.side.setCurrentIndex(SIDES.index(wanted))
        self.board.begin(wanted)

    def show_landscape(self) -> None:
        """Go back to what is there before anything is opened."""
        self._chosen, self._draws, self._path = True, False, None
        self._read()

    def _show_menu(self) -> None:
        self.menu.clear()
        entries = [("Open…", "image", self.choose_picture), ("Paste", "paste", self.paste)]
        if self._studio.dataset is not None:
            entries.append(("From the open folder…", "open-folder", self.choose_from_folder))
        entries += [("Draw one", "edit", self.draw), ("The landscape", "sample", self.show_landscape)]
        for text, icon_name, act in entries:
            self.menu.addAction(icon(icon_name), text).triggered.connect(act)
        self.menu.popup(self.entry.mapToGlobal(QtCore.QPoint(0, self.entry.height())))

    def _begin(self, dataset: Dataset | None) -> None:
        """With one of the open folder's pictures, unless a person has chosen or drawn another."""
        if not self._chosen:
            samples = (dataset.split("validation") or dataset.samples) if dataset else ()
            self._path = samples[0].path if samples else None
            self._read()

    def _resized(self) -> None:
        if self._draws:
            self.board.begin(self.longest)
        else:
            self._read()

    def _read(self) -> None:
        if self._path is None:
            self._take(_SCENE, scene(self.longest))
            return
        path, side = self._path, self.longest
        self._studio.submit(
            OpenForLab(pictures=(path,), side=side),
            done=lambda pixels: self._take_read(path, side, pixels),
            failed=self._notice.show_problem,
        )

    def _take_read(self, path: Path, side: int, pixels: np.ndarray) -> None:
        if (path, side) == (self._path, self.longest) and not self._draws:
            self._take(path.name, pixels)

    def _take_drawing(self) -> None:
        if self._draws:
            self._take(_DRAWN, self.board.pixels)

    def _take(self, name: str, pixels: np.ndarray) -> None:
        self._notice.hide()
        self.pixels, self.name = pixels, isolated(name)
        self.changed.emit()


def scene(side: int) -> np.ndarray:
    """A landscape, side×side×3 uint8."""
    image = QtGui.QImage(side, side, QtGui.QImage.Format.Format_RGB888)
    painter = QtGui.QPainter(image)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    drawing("lab", "scene").render(painter, QtCore.QRectF(0, 0, side, side))
    painter.end()
    return pixels_of(image)
