"""Top-k for a picture."""

import time
from pathlib import Path

import numpy as np
import torch

from cnnstudio.core.errors import ImageError
from cnnstudio.data.reading.image_reader import read_image
from cnnstudio.data.reading.preprocess import resize_and_crop
from cnnstudio.data.reading.transforms import to_input
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.inference.session import Session


def predict(session: Session, path: Path, top: int = 5) -> Prediction:
    """The most likely classes of a picture; a picture that cannot be read gives the reason instead."""
    start = time.perf_counter()
    try:
        pixels = read_pixels(session, path)
    except ImageError as error:
        return Prediction(path=path, top=(), error=str(error))
    probabilities = predict_probabilities(session, pixels[None])[0]
    best = np.argsort(-probabilities, kind="stable")[: min(top, len(session.classes))]
    scores = tuple(ClassScore(session.classes[i], float(probabilities[i])) for i in best)
    return Prediction(path=path, top=scores, milliseconds=1000 * (time.perf_counter() - start))


def read_pixels(session: Session, path: Path) -> np.ndarray:
    """What the network sees of a picture, crop×crop×3 uint8.

    Raises:
        ImageError: it cannot be read.
    """
    return resize_and_crop(read_image(path), session.preprocess)


@torch.inference_mode()
def predict_probabilities(session: Session, pixels: np.ndarray) -> np.ndarray:
    """Softmax probabilities N×classes float32 for pixels N×crop×crop×3 uint8."""
    with session.lock:
        logits = session.network(to_input(pixels, session.preprocess).contiguous())
    result: np.ndarray = logits.softmax(1).numpy()
    return result
