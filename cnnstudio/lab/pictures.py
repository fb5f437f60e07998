"""Pictures to try operations on: a person's own, small enough to answer at once, or a drawn one. No torch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from cnnstudio.data.reading import read_image

SIDE = 256
"""Pixels of the longer side."""


def read_small(path: Path, side: int = SIDE) -> np.ndarray:
    """A picture with its longer side at most ``side`` pixels: H×W×3 uint8.

    As Pillow's own ``thumbnail`` makes it of the whole picture, so that a script gets the same pixels.

    Raises:
        ImageError: it cannot be read.
    """
    image = read_image(path)
    image.thumbnail((side, side))
    return np.asarray(image)


def read_alike(paths: Sequence[Path], side: int = SIDE) -> np.ndarray:
    """Several pictures, the middle of each as a square: N×side×side×3 uint8.

    Raises:
        ImageError: one cannot be read.
    """
    return np.stack([np.asarray(ImageOps.fit(read_image(path), (side, side))) for path in paths])


def drawn_picture(side: int = SIDE) -> np.ndarray:
    """A picture with what operations answer to, side×side×3 uint8.

    Flat parts, edges of every direction, stripes from wide to narrow, a soft slope and noise, in colours.
    """
    unit = side / 8
    image = Image.new("RGB", (side, side), (236, 232, 220))
    draw = ImageDraw.Draw(image)

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return tuple(unit * place for place in (left, top, right, bottom))

    draw.rectangle(box(0.4, 0.4, 2.6, 2.6), fill=(196, 62, 52))
    draw.ellipse(box(2.9, 0.4, 5.1, 2.6), fill=(52, 104, 176), outline=(20, 30, 60), width=max(1, side // 85))
    draw.polygon([(unit * x, unit * y) for x, y in ((5.5, 2.6), (6.6, 0.4), (7.7, 2.6))], fill=(64, 140, 76))
    draw.line(box(0.4, 5.1, 2.6, 2.9), fill=(30, 30, 30), width=max(1, side // 64))
    draw.line(box(0.4, 2.9, 2.6, 5.1), fill=(30, 30, 30), width=max(1, side // 128))
    pixels = np.asarray(image).copy()
    rows, slope = slice(round(2.9 * unit), round(5.1 * unit)), slice(round(2.9 * unit), round(7.7 * unit))
    along = np.linspace(0, 1, slope.stop - slope.start)
    pixels[rows, slope] = (255 * along[None, :, None] * np.array([1.0, 0.8, 0.5])).astype(np.uint8)
    rows, stripes = slice(round(5.4 * unit), round(7.6 * unit)), slice(round(0.4 * unit), round(5.1 * unit))
    places = np.arange(stripes.stop - stripes.start)
    wave = np.cos(2 * np.pi * np.cumsum(np.linspace(1 / 24, 1 / 3, len(places))))
    pixels[rows, stripes] = (127.5 + 120 * wave).astype(np.uint8)[None, :, None]
    noisy = slice(round(5.5 * unit), round(7.7 * unit))
    noise = np.random.default_rng(0).integers(60, 200, (rows.stop - rows.start, noisy.stop - noisy.start, 3))
    pixels[rows, noisy] = noise.astype(np.uint8)
    return pixels
