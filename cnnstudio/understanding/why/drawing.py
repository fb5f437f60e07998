"""Evidence as colour over the picture: orange speaks for, blue against. NumPy and Pillow only."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from cnnstudio.core import write_atomically
from cnnstudio.understanding.why.values import Explanation

FOR, AGAINST = (230, 110, 0), (20, 90, 220)
"""Orange and blue, which eyes that see no red or green tell apart."""
_NOTHING = 0.1
"""Of the largest place; what is below is not drawn."""
_THICK = 0.85
"""Opacity of the strongest place, at full strength."""
_GAP, _CAPTION = 8, 18


def overlay(pixels: np.ndarray, evidence: np.ndarray, largest: float, strength: float = 1.0) -> np.ndarray:
    """The picture H×W×3 uint8 with a signed map on it.

    Args:
        pixels: H×W×3 uint8.
        evidence: h×w, on the whole picture.
        largest: size that is drawn at its thickest, one for all maps of a picture.
        strength: 0 draws nothing, 1 the usual.
    """
    height, width, _ = pixels.shape
    small = Image.fromarray((evidence / (largest or 1.0)).astype(np.float32))
    shares = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))
    size = np.clip((np.abs(shares) - _NOTHING) / (1 - _NOTHING), 0, 1)
    opacity = (np.clip(strength, 0, 1) * _THICK * size)[..., None]
    colour = np.where(shares[..., None] > 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32))
    return np.round(pixels * (1 - opacity) + colour * opacity).astype(np.uint8)


def draw_explanation(found: Explanation, path: Path) -> None:
    """Write a PNG: what the network saw, then what speaks for and against the answer and the runner-up.

    Raises:
        StorageError: it cannot be written.
    """
    pictures = [found.pixels]
    pictures += [overlay(found.pixels, each, found.evidence.largest) for each in found.evidence.maps]
    scores = found.evidence.probabilities[list(found.evidence.classes)]
    titles = ["what the network saw"]
    titles += [f"{name}, {100 * score:.1f} %" for name, score in zip(found.names, scores, strict=True)]
    side = len(found.pixels)
    sheet = Image.new("RGB", (len(pictures) * (side + _GAP) + _GAP, side + 2 * _GAP + _CAPTION), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (picture, title) in enumerate(zip(pictures, titles, strict=True)):
        left = _GAP + number * (side + _GAP)
        sheet.paste(Image.fromarray(picture), (left, _GAP))
        draw.text((left, _GAP + side + 2), title, fill=(60, 60, 60))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
