"""Score a finished network, every picture once, and keep the single answers."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnstudio.compute.engines.frozen import FrozenNetwork
from cnnstudio.compute.feature_cache import Features
from cnnstudio.compute.frozen_pass import Reading, frozen_pass
from cnnstudio.core.errors import ImageError
from cnnstudio.core.events import Event
from cnnstudio.core.scores import SplitScore
from cnnstudio.data.dataset import Sample
from cnnstudio.data.reading.loader import read_for_evaluation
from cnnstudio.data.spec import PreprocessSpec
from cnnstudio.runs.predictions import Answer, shown_path
from cnnstudio.training.loop.metrics import ScoreCounter

_ROWS = 1 << 16
"""Features that go through a head at a time: more need not fit into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The score of a split and the answer for each of its pictures."""

    score: SplitScore
    samples: tuple[Sample, ...]
    predicted: tuple[int, ...]
    probabilities: tuple[float, ...]
    """Of the predicted class."""


def score_pictures(
    frozen: FrozenNetwork,
    samples: Sequence[Sample],
    spec: PreprocessSpec,
    reading: Reading,
    *,
    split: str,
    classes: int,
) -> Generator[Event, None, Scored]:
    """Score a network on pictures, each read like a prediction.

    Args:
        frozen: the network in full precision, so that the numbers are those of later predictions.
        samples: the pictures.
        spec: the network's preprocessing.
        reading: what is obeyed and counted.
        split: for the score and the progress.
        classes: how many the network knows.

    Yields:
        Progressed per batch, Warned for pictures that had to be left out.
    """
    found: dict[int, torch.Tensor] = {}

    def read(index: int) -> np.ndarray | ImageError:
        return read_for_evaluation(samples[index], spec)

    def take(indices: Sequence[int], values: torch.Tensor) -> None:
        found.update(zip(indices, values, strict=True))

    yield from frozen_pass(samples, frozen, read, take, reading, f"Checking on {split} pictures")
    logits = torch.stack(list(found.values())) if found else torch.zeros(0, classes)
    return _scored(logits, [samples[index] for index in found], split, classes)


@torch.inference_mode()
def score_features(head: nn.Module, features: Features, split: str, classes: int) -> Scored:
    """Score a head on the first view N×D of features."""
    head.eval()
    logits = torch.cat([head(rows) for rows in features.values[0].split(_ROWS)])
    return _scored(logits, features.samples, split, classes)


def answers(scored: Iterable[Scored], root: Path, classes: Sequence[str]) -> Iterator[Answer]:
    """The single answers as they are kept beside a run; ``root`` is the folder of pictures."""
    for part in scored:
        for sample, predicted, probability in zip(part.samples, part.predicted, part.probabilities, strict=True):
            shown = shown_path(sample.path, root)
            yield Answer(shown, part.score.split, classes[sample.label], classes[predicted], probability)


def _scored(logits: torch.Tensor, samples: Sequence[Sample], split: str, classes: int) -> Scored:
    counter = ScoreCounter(classes)
    if samples:
        counter.add(logits, torch.tensor([sample.label for sample in samples]))
    probabilities, predicted = (
        logits.softmax(1).max(1) if samples else (torch.zeros(0), torch.zeros(0, dtype=torch.int64))
    )
    return Scored(
        score=counter.score(split),
        samples=tuple(samples),
        predicted=tuple(predicted.tolist()),
        probabilities=tuple(probabilities.tolist()),
    )
