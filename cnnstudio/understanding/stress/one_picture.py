"""One picture, changed, and its answers."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.data import Levels, stamp
from cnnstudio.data.reading import read_image
from cnnstudio.inference.results import ClassScore
from cnnstudio.inference.session import Session, predict_probabilities
from cnnstudio.understanding.stress.changes import Change

_TOP = 3


def changed(
    session: Session, picture: Path, change: Change, strength: float
) -> tuple[np.ndarray, tuple[ClassScore, ...]]:
    """What the network sees of it, crop×crop×3 uint8, and the likeliest classes.

    Raises:
        ImageError: it cannot be read.
    """
    pixels = change.seen(_read(picture, stamp(picture), session.preprocess.levels), session.preprocess, strength)
    probabilities = predict_probabilities(session, pixels[None])[0]
    best = np.argsort(-probabilities, kind="stable")[:_TOP]
    return pixels, tuple(ClassScore(session.classes[place], float(probabilities[place])) for place in best)


@lru_cache(maxsize=2)
def _read(picture: Path, _stamp: tuple[int, int], levels: Levels) -> Image.Image:
    return read_image(picture, levels)
