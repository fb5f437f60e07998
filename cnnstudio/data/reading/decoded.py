"""Decoded pictures kept in memory while they fit: from the second epoch on nothing is decoded again."""

import math
import threading
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.data.reading.image_reader import read_image
from cnnstudio.data.spec import AugmentSpec, PreprocessSpec


class DecodedPictures:
    """Reads pictures of at least ``side`` pixels where the file has them, and remembers them up to ``budget`` bytes.

    What is read does not depend on whether it was remembered, so the budget changes the speed and nothing else.
    """

    def __init__(self, side: int, budget: int) -> None:
        self._side = side
        self._left = budget
        self._kept: dict[Path, np.ndarray] = {}
        self._lock = threading.Lock()

    def read(self, path: Path) -> Image.Image:
        """As ``read_image``.

        Raises:
            ImageError: the file cannot be read.
        """
        kept = self._kept.get(path)
        if kept is not None:
            return Image.fromarray(kept)
        image = read_image(path, self._side)
        size = 3 * image.width * image.height
        with self._lock:
            fits = size <= self._left
            self._left -= size if fits else 0
        if fits:
            self._kept[path] = np.asarray(image)
        return image


def side_for_training(spec: PreprocessSpec, changes: AugmentSpec | None) -> int:
    """Shorter side that a random crop can be taken from without enlarging it, in pixels."""
    kept = 1 - (changes.crop if changes else 0.0)
    return max(spec.resize, math.ceil(spec.crop / math.sqrt(max(kept, 0.05))))
