"""What the stage shows of a batch: tiles, colours, sizes, and the pixel that it begins with."""

import numpy as np

from cnnstudio.lab import Drawn
from cnnstudio.ui.lab.operation.tiles import Tiles


def tiles_of(planes: np.ndarray) -> Tiles:
    """Of N×C×H×W."""
    return Tiles(planes.shape[0], planes.shape[2], planes.shape[3])


def pictures_of(drawn: Drawn, channel: int) -> np.ndarray:
    """N×H×W×3: in colour where there are three channels, else one of them."""
    channels = drawn.channels.shape[1]
    if channels in (1, 3):
        return drawn.pictures
    return np.repeat(drawn.channels[:, min(channel, channels - 1), ..., None], 3, -1)


def striking(levels: np.ndarray) -> tuple[int, int]:
    """Column and row of a pixel, not at the edge, that differs most from what is usual."""
    height, width = levels.shape
    top, left = height // 5, width // 5
    inner = levels[top : height - top, left : width - left].astype(np.int16)
    inner = np.abs(inner - int(np.median(inner[::4, ::4])))
    row, column = np.unravel_index(int(inner.argmax()), inner.shape)
    return int(column) + left, int(row) + top


def size_words(shape: tuple[int, ...]) -> str:
    """Without the number of pictures where there is one."""
    return " × ".join(str(length) for length in (shape[1:] if shape[0] == 1 else shape))
