"""Which of the pictures that a network learned from are most like another one, in its own eyes."""

from pathlib import Path

import numpy as np
import torch

from cnnstudio.compute.engines import to_input
from cnnstudio.core import ALONE
from cnnstudio.inference.session import Session
from cnnstudio.networks import head
from cnnstudio.runs import Answers
from cnnstudio.understanding.why.values import Alike, Neighbours

_OF_ANSWER, _OF_RUNNER_UP = 3, 1
_THE_SAME = 0.999
"""Cosine from which two pictures count as one: a copy, or the same file in another size."""


def neighbours(answers: Answers, root: Path, query: np.ndarray, classes: tuple[int, ...]) -> Neighbours:
    """The three training pictures of the answer's class that are most like a picture, then one of the runner-up's.

    Of pictures that belong together (copies, a series) only the nearest is shown.

    Args:
        answers: of the run, with features.
        root: its folder of pictures.
        query: features D of the picture.
        classes: the answer and the runner-up, by number.

    Raises:
        ValueError: the answers have no features.
    """
    if answers.features is None:
        raise ValueError("answers without features")
    rows = answers.of_split("train")
    similarity = similarities(answers.features[rows], query)
    found: list[Alike] = []
    for label, count in zip(classes, (_OF_ANSWER, _OF_RUNNER_UP), strict=False):
        own = np.flatnonzero(answers.labels[rows] == label)
        order = own[np.argsort(-similarity[own], kind="stable")]
        for place in _apart(order, answers.groups[rows])[:count]:
            cosine = float(similarity[place])
            found.append(
                Alike(
                    path=root / answers.names[rows[place]],
                    label=answers.classes[label],
                    similarity=cosine,
                    same=cosine >= _THE_SAME,
                )
            )
    learned = bool(len(rows)) and bool(similarity.max() >= _THE_SAME)
    return Neighbours(alike=tuple(found), among=len(rows), learned=learned)


def similarities(features: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Cosines N float32 of features N×D with D others; 0 where one of them is nothing."""
    rows = features.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    products = rows @ query.astype(np.float32)
    found: np.ndarray = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return found


def features_of(session: Session, pixels: np.ndarray) -> np.ndarray:
    """What the last layer works on, D float32, of crop×crop×3 uint8."""
    with session.lock, torch.inference_mode():
        network = head.feature_network(session.network)
        values: np.ndarray = network(to_input(pixels[None], session.preprocess).contiguous())[0].numpy()
    return values


def _apart(order: np.ndarray, groups: np.ndarray) -> list[int]:
    """The first of each group, in this order."""
    seen: set[int] = set()
    found = []
    for place in order.tolist():
        group = int(groups[place])
        if group == ALONE or group not in seen:
            found.append(place)
            seen.add(group)
    return found
