"""Learning-rate range test: train with a rate that grows from step to step, and look where the loss falls best.

Smith 2017, "Cyclical Learning Rates for Training Neural Networks".
"""

import math
from collections.abc import Generator, Iterator

from cnnstudio.core import Event, Progressed, rest_point
from cnnstudio.training.loop import Batch, Plan, ScoreCounter, seed_epoch, train_step
from cnnstudio.training.machine.estimate import RateCurve, suggest

LOWEST, HIGHEST = 1e-6, 1.0
_SMOOTHING = 0.9
_EXPLODED = 4.0
"""Times the lowest loss: further up everything only gets worse."""


def find_rate(plan: Plan, steps: int = 80) -> Generator[Event, None, RateCurve]:
    """Try rates from 1e-6 to 1 for the head, the other groups in proportion. Afterwards the model is of no use.

    Yields:
        Progressed per step.

    Raises:
        StopRequested: a stop was asked for.
    """
    seed_epoch(plan.recipe.seed, 0)
    plan.to_train_mode()
    share = [group["initial_lr"] / plan.recipe.learning_rate for group in plan.optimizer.param_groups]
    rates: list[float] = []
    losses: list[float] = []
    average = 0.0
    for number, batch in zip(range(steps), _endless(plan), strict=False):
        rate = LOWEST * (HIGHEST / LOWEST) ** (number / (steps - 1))
        for group, part in zip(plan.optimizer.param_groups, share, strict=True):
            group["lr"] = rate * part
        loss = float(train_step(plan, batch, ScoreCounter(plan.classes)))
        average = _SMOOTHING * average + (1 - _SMOOTHING) * loss
        smooth = average / (1 - _SMOOTHING ** (number + 1))
        if not math.isfinite(smooth) or (losses and smooth > _EXPLODED * min(losses)):
            break
        rates.append(rate)
        losses.append(smooth)
        yield Progressed(done=number + 1, total=steps, text="Trying learning rates")
        yield from rest_point(plan.context.watch.control)
    return RateCurve(rates=tuple(rates), losses=tuple(losses), suggestion=suggest(tuple(rates), tuple(losses)))


def _endless(plan: Plan) -> Iterator[Batch]:
    epoch = 0
    while True:
        yield from plan.train.epoch(epoch)
        epoch += 1
