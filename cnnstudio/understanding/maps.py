"""From a run's answers to the map of its pictures, and to what the run before made of the same ones. No torch."""

from pathlib import Path

import numpy as np

from cnnstudio.runs import Answers
from cnnstudio.understanding.outcomes import PictureMap


def map_of(root: Path, answers: Answers, places: np.ndarray) -> PictureMap:
    """Pictures at their places N×2 float32."""
    return PictureMap(
        root=root,
        classes=answers.classes,
        names=answers.names,
        labels=answers.labels,
        answers=answers.predicted,
        sure=answers.probabilities.max(1),
        splits=answers.splits,
        held_out=answers.held_out,
        places=places,
    )


def seen_before(found: PictureMap, earlier: Answers, places: np.ndarray) -> PictureMap | None:
    """The same pictures in the same order, as an earlier network had them.

    Args:
        found: the map of a run.
        earlier: what the run said that it continues.
        places: M×2 float32 of its pictures, NaN for those that it did not have.

    Returns:
        None where it told other classes apart, or has none of these pictures.
    """
    known = {name: row for row, name in enumerate(earlier.names)}
    rows = np.array([known.get(name, -1) for name in found.names], np.int64)
    there = rows >= 0
    if earlier.classes != found.classes or not there.any():
        return None
    own = rows[there]
    place = np.full((len(rows), 2), np.nan, np.float32)
    answers, labels, sure = found.labels.copy(), found.labels.copy(), np.zeros(len(rows), np.float32)
    splits, held_out = found.splits.copy(), np.zeros(len(rows), bool)
    place[there], answers[there], labels[there] = places[own], earlier.predicted[own], earlier.labels[own]
    sure[there], held_out[there] = earlier.probabilities.max(1)[own], earlier.held_out[own]
    splits[there] = earlier.splits[own]
    return PictureMap(
        root=found.root, classes=found.classes, names=found.names, labels=labels, answers=answers, sure=sure,
        splits=splits, held_out=held_out, places=place,
    )  # fmt: skip
