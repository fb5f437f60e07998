"""Feature maps as one picture file."""

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from cnnstudio.core.atomic import write_atomically
from cnnstudio.inference.results import FeatureMaps

_MIN_TILE, _GAP, _CAPTION = 96, 6, 14


def draw_sheet(maps: FeatureMaps, path: Path) -> None:
    """Write a PNG: the network's view of the picture, then the maps with their channel numbers.

    Raises:
        StorageError: it cannot be written.
    """
    count, height, width = maps.tiles.shape
    scale = max(1, math.ceil(_MIN_TILE / max(height, width)))
    tile = (width * scale, height * scale)
    columns = math.ceil(math.sqrt(count + 1))
    rows = math.ceil((count + 1) / columns)
    cell = (tile[0] + _GAP, tile[1] + _GAP + _CAPTION)
    sheet = Image.new("RGB", (columns * cell[0] + _GAP, rows * cell[1] + _GAP), "white")
    draw = ImageDraw.Draw(sheet)
    pictures = [(Image.fromarray(maps.input_image).resize(tile), "input")]
    pictures += [(_enlarged(m, tile), str(c)) for m, c in zip(maps.tiles, maps.channels, strict=True)]
    for number, (picture, caption) in enumerate(pictures):
        row, column = divmod(number, columns)
        place = (_GAP + column * cell[0], _GAP + row * cell[1])
        sheet.paste(picture, place)
        draw.text((place[0], place[1] + tile[1] + 1), caption, fill=(90, 90, 90))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def _enlarged(pixels: np.ndarray, size: tuple[int, int]) -> Image.Image:
    return Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).convert("RGB")
