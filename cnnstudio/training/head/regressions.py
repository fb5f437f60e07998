"""Several logistic regressions on the same rows at once: each pass over the features serves all of them.

They differ in the weight that each row has for them, which is 0 where one does not learn from it. All is computed in
pieces that fit into memory and in one order, so that features may be mapped from a file.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from cnnstudio.core import Control, Event, rest_point

_ROWS, _VALUES = 4096, 1 << 22
"""Of features, and of logits, that are looked at together."""
_DAMPING = 2.0
"""See ``Regressions``."""
_DIRECTIONS = 10
"""See ``bias_unit``: 3 to 30 do nearly as well on real features."""
_ROUNDING = 1e-5
"""Of a feature's mean square: below it, what differs from picture to picture is noise of float32."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows: features N×D, classes N, and the weight of each row in every regression, N×K float32."""

    features: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor

    def pieces(self, rows: int) -> Iterator["Block"]:
        """The same, so many rows at a time."""
        for start in range(0, len(self.targets), rows):
            end = start + rows
            yield Block(self.features[start:end].float(), self.targets[start:end], self.weights[start:end])


class Head(NamedTuple):
    """K last layers on standardised features: weights K×C×D and biases K×C."""

    weight: torch.Tensor
    bias: torch.Tensor


class Value(NamedTuple):
    """Of K regressions at some place: what is to be minimised, K float64, and its gradient."""

    loss: torch.Tensor
    gradient: Head


class Regressions:
    """K regularised logistic regressions, each on the features as its own rows have them.

    Features are centred and divided by ``sqrt(s² + (2 m)²)``, s being a feature's deviation and m the median over
    features that differ at all: dividing by the deviation alone would make as much of features that hardly ever differ
    as of all others.
    """

    def __init__(self, blocks: Sequence[Block], classes: int, control: Control) -> None:
        self.blocks, self.classes, self.control = blocks, classes, control
        self.count, self.size = blocks[0].weights.shape[1], blocks[0].features.shape[1]
        self._rows = max(64, min(_ROWS, _VALUES // (self.count * classes)))
        self.mean = torch.zeros(self.count, self.size)
        self.deviation = torch.ones(self.count, self.size)
        self._learned, self._length = torch.ones(self.count), torch.ones(self.count)

    def standardise(self) -> Generator[Event, None, None]:
        """Take mean and deviation from the rows that each learns from."""
        total = torch.zeros(self.count, dtype=torch.float64)
        sums = torch.zeros(self.count, self.size, dtype=torch.float64)
        squares = torch.zeros_like(sums)
        for piece in self._pieces():
            yield from rest_point(self.control)
            features, weights = piece.features.double(), piece.weights.double()
            total += weights.sum(0)
            sums += weights.T @ features
            squares += weights.T @ features.square()
        mean, size = sums / total[:, None], (squares / total[:, None]).sqrt()
        variance = (size.square() - mean.square()).clamp_min(0)
        differs = variance.sqrt() > _ROUNDING * size
        typical = variance.sqrt().where(differs, torch.nan).nanmedian(1, keepdim=True).values.nan_to_num(1.0)
        self.mean = mean.float()
        damped = (variance + (_DAMPING * typical).square()).sqrt()
        self.deviation = damped.where(differs, damped.maximum(size)).clamp_min(1e-30).float()
        self._learned, self._length = total.float(), (variance / self.deviation.square()).sum(1).float()

    def bias_unit(self, strength: float) -> torch.Tensor:
        """K×1, in which biases bend the loss about as much as weights do.

        Else they are found last of all, where the penalty or few long rows make the loss steep in the weights: an end
        is taken for near that is not. Rows bend it by the curvature of equally likely classes, and by their squared
        length along the directions that matter, of which there are some ten.
        """
        curvature = self._learned * (1 - 1 / max(2, self.classes)) / max(2, self.classes)
        return (strength / curvature + self._length / _DIRECTIONS).sqrt().clamp_min(1e-3)[:, None]

    def start(self) -> Head:
        """Every class equally likely."""
        return Head(torch.zeros(self.count, self.classes, self.size), torch.zeros(self.count, self.classes))

    def value_at(self, head: Head, strength: float) -> Generator[Event, None, Value]:
        """Cross-entropies added up, and ``strength / 2`` times the squared weights; biases are free."""
        plain, bias = self._on_plain_features(head)
        loss = strength / 2 * head.weight.double().square().sum((1, 2))
        of_weight, of_bias = torch.zeros_like(plain), torch.zeros_like(head.bias)
        for piece in self._pieces():
            yield from rest_point(self.control)
            logits = torch.addmm(bias.view(-1), piece.features, plain.view(-1, self.size).T)
            answers = logits.view(-1, self.count, self.classes).log_softmax(2)
            true = piece.targets.view(-1, 1, 1).expand(-1, self.count, 1)
            loss -= (answers.gather(2, true).squeeze(2) * piece.weights).sum(0, dtype=torch.float64)
            wrong = answers.exp_().scatter_add_(2, true, torch.full(true.shape, -1.0)).mul_(piece.weights[:, :, None])
            of_bias += wrong.sum(0)
            of_weight += (wrong.view(len(wrong), -1).T @ piece.features).view_as(of_weight)
        of_weight -= of_bias[:, :, None] * self.mean[:, None]
        of_weight /= self.deviation[:, None]
        return Value(loss, Head(of_weight.add_(head.weight, alpha=strength), of_bias))

    def logits(self, head: Head, features: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """Logits N×C of the regression that is ``chosen`` for each row of ``features`` N×D."""
        weight, bias = self._on_plain_features(head)
        found = torch.zeros(len(features), self.classes)
        for number in range(self.count):
            rows = (chosen == number).nonzero().flatten()
            for some in rows.split(_ROWS):
                found[some] = torch.addmm(bias[number], features[some].float(), weight[number].T)
        return found

    def mean_answers(self, head: Head, features: torch.Tensor) -> torch.Tensor:
        """Probabilities N×C of a few rows N×D that none of the regressions learns from, their mean."""
        of_each = (torch.full((len(features),), number) for number in range(self.count))
        return torch.stack([self.logits(head, features, each).softmax(1) for each in of_each]).mean(0)

    def _pieces(self) -> Iterator[Block]:
        for block in self.blocks:
            yield from block.pieces(self._rows)

    def _on_plain_features(self, head: Head) -> Head:
        weight = head.weight / self.deviation[:, None]
        return Head(weight, head.bias - (weight * self.mean[:, None]).sum(2))
