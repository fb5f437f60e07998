"""From what a network computed to the answers to pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnstudio.compute.frozen_pass import Outputs
from cnnstudio.inference.judging import parted
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.networks.refusal import Judged

if TYPE_CHECKING:
    from cnnstudio.inference.session import Session


def answer_of(session: Session, path: Path, probabilities: np.ndarray, top: int, milliseconds: float) -> Prediction:
    """The best of a picture's probabilities; an error where they are no numbers."""
    if not np.isfinite(probabilities).all():
        problem = f"{path.name}: the network gave no numbers. Its weights are damaged, or made for other pictures."
        return Prediction(path=path, top=(), error=problem)
    return Prediction(path=path, top=_best(session, probabilities, top), milliseconds=milliseconds)


def with_verdicts(session: Session, found: Sequence[Prediction], judged: Judged | None) -> list[Prediction]:
    """With the verdicts on their pictures; one without an answer has none."""
    if judged is None:
        return list(found)
    nearest = [session.pictures.get(place) for place in judged.nearest.tolist()]
    ranks = judged.ranks.min(1).tolist()
    return [
        replace(each, verdict=verdict, rank=rank, nearest=path) if each.top else each
        for each, verdict, rank, path in zip(found, judged.verdicts, ranks, nearest, strict=True)
    ]


def _best(session: Session, probabilities: np.ndarray, top: int) -> tuple[ClassScore, ...]:
    best = np.argsort(-probabilities, kind="stable")[: min(top, len(session.classes))]
    return tuple(ClassScore(session.classes[i], float(probabilities[i])) for i in best)


def answers_of(
    session: Session, paths: Sequence[Path] | Mapping[int, Path], outputs: Outputs, top: int, seconds: float
) -> list[Prediction]:
    """Of one batch, in the order of its pictures; ``paths`` by the indices in ``outputs``."""
    share = 1000 * seconds / (len(outputs.indices) + len(outputs.errors))
    found = {index: Prediction(path=paths[index], top=(), error=str(error)) for index, error in outputs.errors}
    if outputs.values is not None:
        probabilities, judged = parted(outputs.values, session.refusal, len(session.classes))
        rows = [
            answer_of(session, paths[index], row, top, share)
            for index, row in zip(outputs.indices, probabilities, strict=True)
        ]
        found |= dict(zip(outputs.indices, with_verdicts(session, rows, judged), strict=True))
    return [found[index] for index in sorted(found)]
