"""Optimiser and schedule from a recipe."""

import math
from collections.abc import Iterable

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from cnnstudio.networks.freezing import ParameterGroup
from cnnstudio.training.recipe import Recipe

_WARM_UP_SHARE = 0.05


def make_optimizer(
    model: nn.Module, groups: Iterable[ParameterGroup], recipe: Recipe, scale: float = 1.0
) -> torch.optim.Optimizer:
    """One optimiser with a learning rate per group; norms and biases are not decayed.

    Args:
        model: owns the parameters named in ``groups``.
        groups: ``head`` learns at the recipe's rate, every other group at ``backbone_lr_scale`` times it (from scratch
            all learn at the full rate).
        recipe: rates, decay and kind.
        scale: multiplies every rate; one half after a training diverged.
    """
    parameters = dict(model.named_parameters())
    settings = []
    for group in groups:
        full = group.name == "head" or recipe.mode in ("head", "scratch")
        rate = scale * recipe.learning_rate * (1.0 if full else recipe.backbone_lr_scale)
        members = [parameters[name] for name in group.parameters]
        for decay, chosen in ((recipe.weight_decay, _weights(members)), (0.0, _norms_and_biases(members))):
            if chosen:
                settings.append({"params": chosen, "lr": rate, "weight_decay": decay, "group": group.name})
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(settings, momentum=0.9, nesterov=True)
    return (torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam)(settings)


def make_schedule(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int) -> LRScheduler:
    """The learning rate over ``steps`` optimisation steps, as a multiple of each group's own rate.

    ``cosine`` warms up over the first 5 % and falls to zero (Loshchilov & Hutter 2017); ``one-cycle`` rises over 30 %
    from a 25th and falls to zero (Smith & Topin 2018).
    """
    return LambdaLR(optimizer, lambda step: _factor(recipe.schedule, step, max(1, steps)))


def _factor(schedule: str, step: int, steps: int) -> float:
    if schedule == "constant":
        return 1.0
    rise = max(1, round((0.3 if schedule == "one-cycle" else _WARM_UP_SHARE) * steps))
    low = 1 / 25 if schedule == "one-cycle" else 0.0
    if step < rise:
        return low + (1 - low) * (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, steps - rise))))


def _weights(parameters: list[nn.Parameter]) -> list[nn.Parameter]:
    return [parameter for parameter in parameters if parameter.ndim > 1]


def _norms_and_biases(parameters: list[nn.Parameter]) -> list[nn.Parameter]:
    return [parameter for parameter in parameters if parameter.ndim <= 1]
