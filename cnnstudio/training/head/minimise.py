"""L-BFGS (Liu and Nocedal 1989) for several convex problems at once, each with its own steps."""

from collections import deque
from collections.abc import Generator

import torch

from cnnstudio.core import Event, TrainingDiverged
from cnnstudio.training.head.regressions import Head, Regressions

_MEMORY, _MOST_STEPS, _MOST_HALVINGS = 10, 500, 20
_ENOUGH = 1e-4
"""Share of the promised decrease that a step has to give (Armijo)."""
_ROUNDING = 1e-7
"""Of a sum over pictures in float32."""


def minimise(problems: Regressions, start: Head, strength: float, tolerance: float) -> Generator[Event, None, Head]:
    """The heads with the lowest regularised loss, as near as ``tolerance`` of the loss.

    How near is told by half the decrease that the next step promises. What is left to gain is some times more, as long
    as few steps have told of the curvature: measured 3 to 10 times, with 1,280 features and 10 classes.

    Raises:
        StopRequested: a stop was asked for, which is looked for at every piece of the rows.
        TrainingDiverged: the features are no numbers.
    """
    unit = problems.bias_unit(strength)
    place = _flat(start, 1 / unit)
    loss, gradient = yield from _at(problems, place, strength, unit)
    past: deque[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = deque(maxlen=_MEMORY)
    for _ in range(_MOST_STEPS):
        if not bool(loss.isfinite().all()):
            raise _no_numbers()
        step = -_newton_like(gradient, past)
        promised = -_dot(gradient, step)
        near = promised / 2 <= tolerance * loss
        if bool(near.all()):
            break
        step[near], promised = 0, promised.masked_fill(near, 0)
        length = torch.ones_like(loss)
        for _ in range(_MOST_HALVINGS):
            there = place + _column(length) * step
            new_loss, new_gradient = yield from _at(problems, there, strength, unit)
            good = new_loss <= loss - _ENOUGH * length * promised + _ROUNDING * loss
            if bool(good.all()):
                break
            length = torch.where(good, length, length / 2)
        moved, turned = there - place, new_gradient - gradient
        curvature = _dot(moved, turned)
        past.append((moved, turned, torch.where(curvature > 0, 1 / curvature.clamp_min(1e-30), 0.0)))
        place, loss, gradient = there, new_loss, new_gradient
    return _unflat(problems, place, unit)


def _no_numbers() -> TrainingDiverged:
    return TrainingDiverged(
        "The network gives values for these pictures that are no numbers, so no last layer can be found on them.",
        meaning="Its weights are damaged, or too large for the precision of the computation.",
        remedy="Choose other weights, or the precision fp32.",
    )


def _newton_like(gradient: torch.Tensor, past: deque[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """The gradient times what the last steps tell of the inverse Hessian."""
    found, shares = gradient.clone(), []
    for moved, turned, inverse in reversed(past):
        share = inverse * _dot(moved, found)
        found -= _column(share) * turned
        shares.append(share)
    if past:
        moved, turned, _ = past[-1]
        found *= _column(_dot(moved, turned).clamp_min(0) / _dot(turned, turned).clamp_min(1e-30))
    else:
        found /= gradient.norm(dim=1, keepdim=True).clamp_min(1e-30)
    for (moved, turned, inverse), share in zip(past, reversed(shares), strict=True):
        found += _column(share - inverse * _dot(turned, found)) * moved
    return found


def _at(
    problems: Regressions, place: torch.Tensor, strength: float, unit: torch.Tensor
) -> Generator[Event, None, tuple[torch.Tensor, torch.Tensor]]:
    value = yield from problems.value_at(_unflat(problems, place, unit), strength)
    return value.loss, _flat(value.gradient, unit)


def _flat(head: Head, times: torch.Tensor) -> torch.Tensor:
    return torch.cat([head.weight.flatten(1), head.bias * times], 1)


def _unflat(problems: Regressions, place: torch.Tensor, unit: torch.Tensor) -> Head:
    weight, bias = place.split([problems.classes * problems.size, problems.classes], 1)
    return Head(weight.reshape(problems.count, problems.classes, problems.size), bias * unit)


def _dot(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    return (first * second).sum(1, dtype=torch.float64)


def _column(values: torch.Tensor) -> torch.Tensor:
    return values.float()[:, None]
