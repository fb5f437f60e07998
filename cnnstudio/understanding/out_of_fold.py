"""Answers to every picture by a last layer that did not learn from it, nor from what belongs with it."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, Event, Progressed, StrengthTried, Watch
from cnnstudio.training.head.folds import folds_of
from cnnstudio.training.head.minimise import minimise
from cnnstudio.training.head.regression import Choice
from cnnstudio.training.head.regressions import Block, Regressions
from cnnstudio.understanding.seen import Seen

T = TypeVar("T")
_MOST_WORK, _PER_CLASS = 1e9, 10
"""Pictures × features × classes up to which all pictures choose the strength, and at least so many of a class."""
_FEW, _REPEATS = 2000, 3
"""Below so many pictures, answers of so many divisions into folds are averaged."""
_USUAL = 10.0
_TEXT = "Trying last layers"
_FINE = 1e-4
"""Share of the loss that may be left to gain."""


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """What became of each picture."""

    probabilities: np.ndarray
    """N×C float32; of a picture that nobody could answer, zeros."""
    answered: np.ndarray
    """N truths. The only picture or group of its class is always learned from."""
    strength: float
    """Of the regularisation."""
    repeats: int

    @property
    def answers(self) -> np.ndarray:
        """The most probable class of each picture, N int64."""
        found: np.ndarray = self.probabilities.argmax(1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Pictures in folds, for last layers of which each learns from what is not in its own fold."""

    features: torch.Tensor
    """N×D float32."""
    targets: torch.Tensor
    """N int64."""
    folds: torch.Tensor
    """N int64; see ``head.folds``."""
    classes: int

    @classmethod
    def of(cls, seen: Seen, repeat: int = 0) -> "Folded":
        """Divide them; each ``repeat`` is another division."""
        names = [f"{repeat}/{name}" for name in seen.names] if repeat else seen.names
        folds = folds_of(names, seen.labels.tolist(), seen.groups)
        values = torch.from_numpy(np.ascontiguousarray(seen.features))
        return cls(values, torch.from_numpy(seen.labels), torch.from_numpy(folds), len(seen.classes))

    def logits(
        self, strength: float, control: Control, learned: torch.Tensor | None = None, tolerance: float = _FINE
    ) -> Generator[Event, None, torch.Tensor]:
        """Of every picture in a fold, N×C; all others get those of no meaning.

        Args:
            strength: of the regularisation.
            control: asked for pause and stop.
            learned: places of the pictures that may be learned from; None is all.
            tolerance: share of the loss that may be left to gain.

        Raises:
            StopRequested: a stop was asked for.
        """
        rows = torch.arange(len(self.targets)) if learned is None else learned
        own = self.folds[rows]
        weights = torch.stack([(own != fold).float() for fold in range(int(self.folds.max()) + 1)], 1)
        features = self.features if learned is None else self.features[rows]
        problems = Regressions([Block(features, self.targets[rows], weights)], self.classes, control)
        yield from problems.standardise()
        head = yield from minimise(problems, problems.start(), strength, tolerance)
        return problems.logits(head, self.features, self.folds)


def chosen_strength(seen: Seen, control: Control) -> Generator[Event, None, float]:
    """The strength of the regularisation with the lowest loss on what was not learned from."""
    count, size = seen.features.shape
    classes = len(seen.classes)
    work = float(count * size * classes)
    share = min(1.0, max(_MOST_WORK / max(1.0, work), _PER_CLASS * classes / max(1, count)))
    folds = folds_of(seen.names, seen.labels.tolist(), seen.groups, share)
    if not (folds >= 0).any():
        return _USUAL
    part = folds >= -1
    some = seen if part.all() else seen.only(part)
    train = Features(torch.from_numpy(np.ascontiguousarray(some.features))[None], some.samples)
    choice = Choice(train, folds[part], torch.ones(len(some.samples)), classes, control)
    choosing = choice.best()
    while True:
        try:
            event = next(choosing)
        except StopIteration as end:
            strength, _ = end.value
            return float(strength)
        if isinstance(event, Progressed):
            yield replace(event, text=_TEXT)
        elif not isinstance(event, StrengthTried):  # which are told of trainings
            yield event


def answer_out_of_fold(
    seen: Seen, control: Control, repeats: int = 0, strength: float = 0.0, learned: np.ndarray | None = None
) -> Generator[Event, None, OutOfFold]:
    """Answer every picture.

    Args:
        seen: the pictures.
        control: asked for pause and stop.
        repeats: divisions into folds whose answers are averaged; 0 is three for fewer than 2,000 pictures, else one.
        strength: of the regularisation; 0 is the one that cross-validation chooses.
        learned: N truths, which pictures are learned from; None is all of them.

    Yields:
        Progressed.

    Raises:
        StopRequested: a stop was asked for.
        TrainingDiverged: the features are no numbers.
    """
    count = len(seen.samples)
    total = np.zeros((count, len(seen.classes)), np.float64)
    answered = np.zeros(count, bool)
    strength = strength or (yield from chosen_strength(seen, control))
    rows = None if learned is None else torch.from_numpy(np.flatnonzero(learned))
    repeats = repeats or (_REPEATS if count < _FEW else 1)
    for repeat in range(repeats):
        yield Progressed(done=repeat, total=repeats, text=_TEXT)
        folded = Folded.of(seen, repeat)
        answered = (folded.folds >= 0).numpy()  # who is alone in its class is so in every division
        if not answered.any():
            break
        logits = yield from folded.logits(strength, control, rows)
        total += logits.softmax(1).numpy()
    total[~answered] = 0
    return OutOfFold((total / repeats).astype(np.float32), answered, strength, repeats)


def exhausted(events: Generator[Event, None, T], watch: Watch) -> T:
    """What a generator returns in the end; its events are passed on."""
    while True:
        try:
            watch.emit(next(events))
        except StopIteration as end:
            found: T = end.value
            return found
