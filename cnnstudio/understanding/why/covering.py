"""What the answer hangs on, asked in the plainest way: cover a part of the picture and answer again."""

from collections.abc import Sequence

import numpy as np

from cnnstudio.core import Watch
from cnnstudio.data import PreprocessSpec
from cnnstudio.inference.session import Session, predict_probabilities
from cnnstudio.understanding.why.values import SQUARES, Box, Occlusion, average_colour

_AT_ONCE = 7
_TINY = 1e-12
"""The smallest probability that a score is computed from."""


def occlusion(session: Session, pixels: np.ndarray, classes: Sequence[int], watch: Watch) -> Occlusion:
    """Cover every square of a grid in turn, and answer each time: the reference for every network.

    Args:
        session: the model.
        pixels: what it sees, crop×crop×3 uint8.
        classes: by number.
        watch: told of squares done, asked for a stop between them.

    Raises:
        StopRequested: a stop was asked for.
    """
    squares = [square(number) for number in range(SQUARES * SQUARES)]
    found: list[np.ndarray] = []
    for start in range(0, len(squares), _AT_ONCE):
        watch.check()
        covered = [cover(pixels, box) for box in squares[start : start + _AT_ONCE]]
        found.append(predict_probabilities(session, np.stack(covered)))
        watch.progress(min(start + _AT_ONCE, len(squares)), len(squares), "Covering one part after the other")
    whole = predict_probabilities(session, pixels[None])[0]
    parts = np.concatenate(found)
    chosen = list(classes)
    drops = (_scores(whole) - _scores(parts))[:, chosen].T.reshape(len(chosen), SQUARES, SQUARES)
    falls = (whole - parts)[:, chosen].T.reshape(len(chosen), SQUARES, SQUARES)
    return Occlusion(classes=tuple(classes), drops=drops.astype(np.float32), falls=falls.astype(np.float32))


def square(number: int) -> Box:
    """A square of the grid, row by row."""
    row, column = divmod(number, SQUARES)
    step = 1 / (SQUARES + 1)
    return (column * step, row * step, (column + 2) * step, (row + 2) * step)


def cover(pixels: np.ndarray, box: Box, spec: PreprocessSpec | None = None) -> np.ndarray:
    """A copy of H×W×3 uint8 with a part covered.

    Args:
        pixels: what the network sees.
        box: the part.
        spec: whose average is the colour, the same for all pictures; None is the picture's own, less foreign to it.
    """
    height, width, _ = pixels.shape
    left, top, right, bottom = box
    rows = slice(round(max(0.0, top) * height), round(min(1.0, bottom) * height))
    columns = slice(round(max(0.0, left) * width), round(min(1.0, right) * width))
    covered = pixels.copy()
    covered[rows, columns] = average_colour(pixels) if spec is None else np.round(255 * np.array(spec.mean))
    return covered


def _scores(probabilities: np.ndarray) -> np.ndarray:
    """Logits whose mean over the classes is 0, which is all that probabilities tell of them."""
    logs = np.log(np.maximum(probabilities.astype(np.float64), _TINY))
    centred: np.ndarray = logs - logs.mean(-1, keepdims=True)
    return centred
