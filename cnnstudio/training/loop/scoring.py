"""One confusion matrix as the sufficient statistic of everything that is shown, and a finished network scored."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch.nn import functional

from cnnstudio.compute.engines import FrozenNetwork
from cnnstudio.compute.feature_cache import Features
from cnnstudio.compute.frozen_pass import Reading, frozen_pass
from cnnstudio.core import TOP5_FROM, Event, ImageError, OutOfMemory, SplitScore, Warned, wilson_interval
from cnnstudio.data import PreprocessSpec, Sample
from cnnstudio.data.reading import read_for_evaluation
from cnnstudio.runs import Answer, shown_path
from cnnstudio.training.loop.distributed import World

T = TypeVar("T")


class ScoreCounter:
    """Adds up logits batch by batch; every picture counts once, whatever the batches."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self._confusion = torch.zeros(classes, classes, dtype=torch.int64)
        self._losses = torch.zeros(classes, dtype=torch.float64)
        self._in_top5 = torch.zeros((), dtype=torch.int64)
        self._images = 0

    @property
    def images(self) -> int:
        """Pictures counted so far."""
        return self._images

    @property
    def loss(self) -> float:
        """Mean cross-entropy per picture, in nats; 0 when nothing was counted."""
        return float(self._losses.sum()) / max(1, self.images)

    @property
    def accuracy(self) -> float:
        """Share of right answers in [0, 1]; 0 when nothing was counted."""
        return int(self._confusion.diagonal().sum()) / max(1, self.images)

    @torch.no_grad()
    def add(self, logits: torch.Tensor, targets: torch.Tensor) -> None:
        """Count a batch: logits N×classes, targets N. Adds on the device of the logits, without waiting for it."""
        logits, targets = logits.detach().float(), targets.to(logits.device)
        if self._confusion.device != logits.device:
            double = torch.float32 if logits.device.type == "mps" else torch.float64
            self._confusion, self._in_top5 = self._confusion.to(logits.device), self._in_top5.to(logits.device)
            self._losses = self._losses.to(device=logits.device, dtype=double)
        self._images += len(targets)
        losses = functional.cross_entropy(logits, targets, reduction="none")
        self._losses.index_add_(0, targets, losses.to(self._losses.dtype))
        pairs = targets * self.classes + logits.argmax(1)
        self._confusion.view(-1).scatter_add_(0, pairs, torch.ones_like(pairs))  # bincount reads its maximum back
        if self.classes >= TOP5_FROM:
            self._in_top5 += (logits.topk(5).indices == targets[:, None]).any(1).sum()

    def add_up(self, world: World) -> None:
        """Add what the other processes counted; each picture still counts once."""
        images = torch.tensor(self._images, device=self._confusion.device)
        world.sum_(self._confusion, self._losses, self._in_top5, images)
        self._images = int(images)

    def score(self, split: str) -> SplitScore:
        """What was counted, as a value, every picture by itself."""
        right, sizes = int(self._confusion.diagonal().sum()), self._confusion.sum(1)
        return SplitScore(
            split=split,
            images=self.images,
            loss=self.loss,
            accuracy=self.accuracy,
            top5_accuracy=int(self._in_top5) / max(1, self.images) if self.classes >= TOP5_FROM else None,
            interval=wilson_interval(right, self.images) if split != "train" else None,
            confusion=tuple(tuple(row) for row in self._confusion.tolist()),
            balanced_loss=float((self._losses / sizes)[sizes > 0].mean()) if self.images else 0.0,
        )


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

    def judged(self, **of_score: Any) -> "Scored":
        """With the intervals that its pictures and their groups give, once these fields of the score are as said."""
        labels = [sample.label for sample in self.samples]
        right = [label == said for label, said in zip(labels, self.predicted, strict=True)]
        groups = [sample.group for sample in self.samples]
        return replace(self, score=replace(self.score, **of_score).judged(right, labels, groups))


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
    values, scored = yield from outputs_of(frozen, samples, spec, reading, f"Scoring the {split} pictures")
    return score_logits(values if scored else torch.zeros(0, classes), scored, split, classes)


def outputs_of(
    frozen: FrozenNetwork, samples: Sequence[Sample], spec: PreprocessSpec, reading: Reading, text: str
) -> Generator[Event, None, tuple[torch.Tensor, list[Sample]]]:
    """What a network makes of pictures, each read like a prediction: N×… and the N that could be read.

    Yields:
        As ``score_pictures``.
    """
    found: dict[int, torch.Tensor] = {}

    def read(index: int) -> np.ndarray | ImageError:
        return read_for_evaluation(samples[index], spec)

    def take(indices: Sequence[int], values: torch.Tensor) -> None:
        found.update(zip(indices, values, strict=True))

    yield from frozen_pass(samples, frozen, read, take, reading, text)
    values = torch.stack(list(found.values())) if found else torch.zeros(0)
    return values, [samples[index] for index in found]


@torch.inference_mode()
def logits_of(head: torch.nn.Module, features: Features) -> torch.Tensor:
    """What a head answers to the first view N×D of features, N×C."""
    head.eval()
    return torch.cat([head(rows) for rows in features.values[0].split(_ROWS)])


def where_there_is_room(
    device: torch.device, work: Callable[[torch.device], Generator[Event, None, T]]
) -> Generator[Event, None, T]:
    """Score on ``device``, or on the CPU, which gives the same, where others took the memory of the device meanwhile.

    Yields:
        What ``work`` yields, and Warned before it begins again.

    Raises:
        OutOfMemory: the CPU has not enough, either.
    """
    try:
        return (yield from work(device))
    except OutOfMemory as error:
        if device.type == "cpu":
            raise
        problem = replace(error.problem, meaning="The training is done, and the CPU scores it.", remedy="")
    yield Warned(problem=problem)
    return (yield from work(torch.device("cpu")))


def answers(scored: Iterable[Scored], root: Path, classes: Sequence[str]) -> Iterator[Answer]:
    """The single answers as they are kept beside a run; ``root`` is the folder of pictures."""
    for part in scored:
        for sample, predicted, probability in zip(part.samples, part.predicted, part.probabilities, strict=True):
            shown = shown_path(sample.path, root)
            yield Answer(shown, part.score.split, classes[sample.label], classes[predicted], probability)


def score_logits(logits: torch.Tensor, samples: Sequence[Sample], split: str, classes: int) -> Scored:
    """Score N×C logits of N pictures."""
    counter = ScoreCounter(classes)
    if samples:
        counter.add(logits, torch.tensor([sample.label for sample in samples]))
    probabilities, predicted = (
        logits.softmax(1).max(1) if samples else (torch.zeros(0), torch.zeros(0, dtype=torch.int64))
    )
    scored = Scored(
        score=counter.score(split),
        samples=tuple(samples),
        predicted=tuple(predicted.tolist()),
        probabilities=tuple(probabilities.tolist()),
    )
    return scored.judged()
