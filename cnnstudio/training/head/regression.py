"""The strength of a regularised last layer, chosen by cross-validation, and the layer itself.

    solved = yield from solve(pictures, classes=10, balanced=False, control=control)

Five heads, each without a fifth of the training pictures, are solved for from strong regularisation to weak; the
strength with the lowest loss on what they did not learn from is taken. Then two heads are fitted with it: one on
training pictures alone, which answers the validation pictures, and the one that is delivered, on both. Pictures never
take part in what answers them, not even in its means and deviations, and validation pictures choose nothing.
"""

import math
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, Event, Progressed, StrengthTried
from cnnstudio.data import Sample
from cnnstudio.data.splits import class_weights
from cnnstudio.training.head.folds import ALWAYS_LEARNED, FOLDS, folds_of
from cnnstudio.training.head.minimise import minimise
from cnnstudio.training.head.regressions import Block, Head, Regressions
from cnnstudio.training.loop.head import LinearHead
from cnnstudio.training.loop.watched import Watched

_PER_DECADE = 2
_FIRST, _STRONGEST, _WEAKEST = 6, 10, -6
"""Where the search begins, and its ends: strengths of 10 ** (number / _PER_DECADE)."""
_USUAL = 2
"""What is taken where there is nothing to choose by."""
_PLANNED, _PATIENCE = 7, 2
"""Strengths that are tried in any case one expects; and how many in a row are worse before the search ends."""
_ROUGH, _FINE = 1e-3, 1e-4
"""Share of the loss that may be left to gain, while strengths are compared and at the end."""
_MOST_WORK, _PER_CLASS = 1e9, 10
"""Pictures × features × classes up to which all pictures take part in choosing, and pictures of a class that do so in
any case: of very many, a part chooses as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What is learned from."""

    train: Features
    """V×N×D; the first view is the picture as it is, and the only one that is ever answered."""
    validation: Features | None
    """1×M×D."""
    names: Sequence[str]
    """Of the N training pictures, relative to the dataset's folder; folds follow from them alone."""
    groups: Sequence[int]
    """Of the N training pictures; see ``folds``."""

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All of them, training pictures first."""
        return self.train.samples + (self.validation.samples if self.validation else ())

    @property
    def targets(self) -> torch.Tensor:
        """Their classes."""
        return torch.tensor([sample.label for sample in self.samples])

    def blocks(self, weights: torch.Tensor) -> list[Block]:
        """Rows to learn from, with their weights (N + M)×K."""
        count = len(self.train.samples)
        found = _blocks(self.train, weights[:count])
        if self.validation is not None:
            found.append(Block(self.validation.values[0], self.validation.targets, weights[count:]))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What became of it."""

    head: LinearHead
    """Learned from all pictures."""
    from_train: LinearHead
    """Learned from training pictures alone, with the same strength; the same head where there are no others."""
    strength: float
    answered: np.ndarray
    """Which of the N + M pictures were answered by a head that did not learn from them: of those of validation all."""
    logits: torch.Tensor
    """Those answers, (N + M)×C."""


def solve(pictures: Pictures, *, classes: int, balanced: bool, control: Control) -> Generator[Event, None, Solved]:
    """Choose the strength and fit the heads.

    Args:
        pictures: to learn from.
        classes: how many.
        balanced: whether every class counts alike, in learning and in choosing.
        control: asked for pause and stop.

    Yields:
        StrengthTried for each strength, PicturesAnswered where there are validation pictures, Progressed.

    Raises:
        StopRequested: a stop was asked for.
        TrainingDiverged: the features are no numbers.
    """
    targets, count = pictures.targets, len(pictures.train.samples)
    weights = torch.ones(len(targets))
    if balanced:
        weights = torch.from_numpy(class_weights(targets.numpy(), classes))[targets]
    folds = folds_of(pictures.names, targets[:count].tolist(), pictures.groups, _share(pictures.train, classes))
    logits = torch.zeros(len(targets), classes)
    answered = np.append(folds >= 0, np.ones(len(targets) - count, bool))
    strength = _strength(_USUAL)
    if (folds >= 0).any():
        part = folds >= ALWAYS_LEARNED
        chosen = torch.from_numpy(part)
        choice = Choice(_some(pictures.train, part), folds[part], weights[:count][chosen], classes, control)
        choice.watch(pictures.validation)
        strength, logits[:count][chosen] = yield from choice.best()
    yield Progressed(done=0, total=0, text="Solving for the last layer")
    learns = torch.zeros(len(targets), 2)
    learns[:, 0], learns[:count, 1] = weights, weights[:count]
    final = Regressions(pictures.blocks(learns), classes, control)
    yield from final.standardise()
    heads = yield from minimise(final, final.start(), strength, _FINE)
    if pictures.validation is not None:
        of_train = torch.ones(len(targets) - count, dtype=torch.int64)
        logits[count:] = final.logits(heads, pictures.validation.values[0], of_train)
    return Solved(
        head=_linear(final, heads, 0),
        from_train=_linear(final, heads, 1),
        strength=strength,
        answered=answered,
        logits=logits,
    )


def look_at_noise(features: torch.Tensor, classes: int) -> None:
    """What each step of choosing costs, on N×D features."""
    targets = torch.arange(len(features)) % classes
    problems = Regressions([Block(features, targets, torch.ones(len(features), FOLDS))], classes, Control())
    deque(problems.value_at(problems.start(), 1.0), maxlen=0)


class Choice:
    """Cross-validation over strengths."""

    def __init__(
        self, train: Features, folds: np.ndarray, weights: torch.Tensor, classes: int, control: Control
    ) -> None:
        """Prepare it.

        Args:
            train: V×N×D; the first view alone is answered.
            folds: N, see ``folds``; at least one picture is in one.
            weights: N, of each picture in learning and in choosing.
            classes: how many.
            control: asked for pause and stop.
        """
        self._plain, self._folds, self._weights = train.values[0], torch.from_numpy(folds), weights
        self._targets, self._held = train.targets, torch.from_numpy(folds >= 0)
        learns = torch.stack([weights * (self._folds != fold) for fold in range(int(folds.max()) + 1)], 1)
        self._problems = Regressions(_blocks(train, learns), classes, control)
        self._tried: dict[int, float] = {}
        self._best: tuple[int, Head] | None = None
        self._watched: tuple[Watched, torch.Tensor] | None = None

    def watch(self, validation: Features | None) -> None:
        """Tell with each strength what it makes of a few of these, which choose nothing."""
        if validation is not None:
            watched = Watched(validation.samples)
            self._watched = watched, validation.values[0][list(watched.places)]

    def best(self) -> Generator[Event, None, tuple[float, torch.Tensor]]:
        """The strength with the lowest loss, and the logits of every picture by a head that did not learn from it."""
        yield from self._problems.standardise()
        head, number, worse = self._problems.start(), _FIRST, 0
        while worse < _PATIENCE and number >= _WEAKEST:
            head, is_best = yield from self._try(head, number, _PATIENCE - worse)
            worse, number = 0 if is_best else worse + 1, number - 1
        assert self._best is not None
        number, head = self._best
        while self._best[0] == number < _STRONGEST:  # the best so far is the strongest that was tried
            if number + 1 in self._tried:
                break
            head, _ = yield from self._try(head, number + 1, 1)
            number = self._best[0]
        number, head = self._best
        strength = _strength(number)
        head = yield from minimise(self._problems, head, strength, _FINE)
        return strength, self._answers(head)

    def _try(self, head: Head, number: int, ahead: int) -> Generator[Event, None, tuple[Head, bool]]:
        done = len(self._tried)
        total = max(_PLANNED, done + ahead)
        yield Progressed(done=done, total=total, text="Choosing the strength by cross-validation")
        head = yield from minimise(self._problems, head, _strength(number), _ROUGH)
        logits = self._answers(head)[self._held]
        targets, weights = self._targets[self._held], self._weights[self._held]
        losses = functional.cross_entropy(logits, targets, reduction="none").double()
        loss = float((losses * weights).sum() / weights.sum())
        self._tried[number] = loss
        is_best = self._best is None or loss < self._tried[self._best[0]]
        if is_best:
            self._best = number, head
        yield StrengthTried(
            strength=_strength(number),
            loss=loss,
            accuracy=float((logits.argmax(1) == targets).double().mean()),
            images=len(targets),
            done=done + 1,
            total=total,
            is_best=is_best,
        )
        if self._watched is not None:
            watched, features = self._watched
            yield watched.told(self._problems.mean_answers(head, features))
        return head, is_best

    def _answers(self, head: Head) -> torch.Tensor:
        return self._problems.logits(head, self._plain, self._folds)


def _blocks(train: Features, weights: torch.Tensor) -> list[Block]:
    """The views of a picture share its weight, N×K."""
    return [Block(view, train.targets, weights / len(train.values)) for view in train.values]


def _some(train: Features, chosen: np.ndarray) -> Features:
    """Those at N truths."""
    if chosen.all():
        return train
    return Features(
        train.values[:, torch.from_numpy(chosen)], tuple(train.samples[index] for index in np.flatnonzero(chosen))
    )


def _share(train: Features, classes: int) -> float:
    """Of the pictures, how many choose."""
    views, count, size = train.values.shape
    work = float(views * count * size * classes)
    return min(1.0, max(_MOST_WORK / work, _PER_CLASS * classes / count))


def _strength(number: int) -> float:
    return math.pow(10, number / _PER_DECADE)


def _linear(problems: Regressions, heads: Head, number: int) -> LinearHead:
    found = LinearHead(problems.size, problems.classes)
    with torch.no_grad():
        found.mean.copy_(problems.mean[number])
        found.deviation.copy_(problems.deviation[number])
        found.linear.weight.copy_(heads.weight[number])
        found.linear.bias.copy_(heads.bias[number])
    return found
