"""The batch that batch normalisation and dropout are tried on."""

from pathlib import Path

import numpy as np
from PySide6 import QtCore

from cnnstudio.core import counted
from cnnstudio.jobs.specs import OpenForLab
from cnnstudio.ui.state import Studio

_OTHERS = 5
_SIDE = 128
_BRIGHTNESS = (0.35, 0.65, 1.0)


class BatchPictures(QtCore.QObject):
    """The picture that is looked at, with others of the open folder; without a folder, in four brightnesses."""

    changed = QtCore.Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._read: tuple[tuple[Path, ...], int] = ((), 0)
        self._pixels = np.zeros((0, 1, 1, 3), np.uint8)
        self._asked: tuple[tuple[Path, ...], int] = ((), 0)

    def of(self, picture: np.ndarray, path: Path | None, side: int) -> tuple[np.ndarray, str]:
        """N×H×W×3 uint8, and what they are in words; what has to be read first comes with ``changed``."""
        side = min(side, _SIDE)
        wanted = (self._paths(path), side)
        if len(wanted[0]) > 1:
            if self._read == wanted:
                return self._pixels, f"{counted(len(self._pixels), 'picture')} of the folder"
            if self._asked != wanted:
                self._asked = wanted
                job = OpenForLab(pictures=wanted[0], side=side)
                self._studio.submit(job, done=lambda pixels: self._take(wanted, pixels))
        return in_brightnesses(picture, side), "The picture in four brightnesses"

    def _paths(self, path: Path | None) -> tuple[Path, ...]:
        dataset = self._studio.dataset
        if dataset is None or path is None:
            return ()
        others = [sample.path for sample in dataset.samples if sample.path != path]
        step = max(1, len(others) // _OTHERS)
        return (path, *others[::step][:_OTHERS])

    def _take(self, wanted: tuple[tuple[Path, ...], int], pixels: np.ndarray) -> None:
        self._read, self._pixels = wanted, pixels
        self.changed.emit()


def in_brightnesses(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture H×W×3 uint8, no larger than ``side``, from dark to pale: 4×h×w×3 uint8."""
    step = -(-max(picture.shape[:2]) // side)
    small = picture[::step, ::step].astype(np.float32)
    dark = [small * share for share in _BRIGHTNESS]
    return np.stack([*dark, 255 - (255 - small) * 0.45]).astype(np.uint8)
