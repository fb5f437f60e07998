"""Files for TensorBoard's projector: points, what is known of them, and a small copy of each picture. No torch."""

import math
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import numpy as np
from PIL import Image

from cnnstudio.core import ImageError, printable
from cnnstudio.data.reading import read_thumbnail

MOST_POINTS = 20_000
"""The projector reads 100,000 at most, and a browser fewer: with 1,280 values each these are 230 MB of text."""
LARGEST_SIDE, _TILE = 8192, 50
"""Of the picture with all small copies, which has to be square, and of one of them."""
_QUALITY = 85
_CONFIG = """embeddings {{
  tensor_name: "pictures"
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
  sprite {{
    image_path: "sprite.jpg"
    single_image_dim: {tile}
    single_image_dim: {tile}
  }}
}}
"""


class Projector:
    """The folder ``projector``, as a context manager; whole when it is left without an error."""

    def __init__(self, folder: Path, pictures: int) -> None:
        """Begin it.

        Args:
            folder: to be made.
            pictures: how many points there are at most.
        """
        self._folder, self.count = folder, 0
        self._columns = max(1, math.isqrt(max(0, pictures - 1)) + 1)
        self.tile = min(_TILE, LARGEST_SIDE // self._columns)
        self._sprite = Image.new("RGB", (self._columns * self.tile,) * 2, "white")
        self._tensors: TextIO
        self._metadata: TextIO

    def __enter__(self) -> Self:
        """Raises OSError where it cannot be written."""
        self._folder.mkdir()
        self._tensors = (self._folder / "tensors.tsv").open("w", encoding="utf-8")
        self._metadata = (self._folder / "metadata.tsv").open("w", encoding="utf-8")
        self._metadata.write("path\tclass\tsplit\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tensors.close()
        self._metadata.close()
        if error is None:
            self._sprite.save(self._folder / "sprite.jpg", quality=_QUALITY)
            (self._folder / "projector_config.pbtxt").write_text(_CONFIG.format(tile=self.tile), encoding="utf-8")

    def add(self, values: np.ndarray, about: Sequence[str], small: Image.Image) -> None:
        """One point: D values, path, class and split, and its small copy of ``tile`` pixels."""
        self._tensors.write("\t".join(f"{value:.6g}" for value in values.tolist()) + "\n")
        self._metadata.write("\t".join(_cell(text) for text in about) + "\n")
        row, column = divmod(self.count, self._columns)
        self._sprite.paste(small, (column * self.tile, row * self.tile))
        self.count += 1


def small_copy(path: str, side: int) -> Image.Image:
    """The middle of a picture as a square; a grey one where it cannot be read."""
    try:
        image = Image.fromarray(read_thumbnail(Path(path), 4 * side))
    except ImageError:
        return Image.new("RGB", (side, side), "grey")
    short = min(image.size)
    left, top = ((length - short) // 2 for length in image.size)
    return image.resize((side, side), Image.Resampling.BILINEAR, (left, top, left + short, top + short))


def _cell(text: str) -> str:
    return " ".join(printable(text).split()) or "–"
