"""Optimiser and schedule from a recipe."""

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from cnnstudio.networks.freezing import ParameterGroup
from cnnstudio.training.recipe import Recipe

_ONE_CYCLE_RISE = 0.3
_STEPS_DOWN = 3


def make_optimizer(model: nn.Module, groups: Iterable[ParameterGroup], recipe: Recipe) -> torch.optim.Optimizer:
    """One optimiser with a learning rate per group, which decays what the groups say.

    Args:
        model: owns the parameters named in ``groups``; names it does not have, such as auxiliary heads, are left out.
        groups: ``head`` learns at the recipe's rate, every other group at ``backbone_lr_scale`` times it (from scratch
            all learn at the full rate), and less by ``layer_decay`` for each stage further down.
        recipe: rates, decay and kind.
    """
    recipe = recipe.resolved()
    parameters = dict(model.named_parameters())
    settings = []
    for group in groups:
        full = group.name == "head" or not recipe.how.pretrained
        scale = (1.0 if full else recipe.backbone_lr_scale) * recipe.layer_decay ** max(0, group.depth - 1)
        rate = recipe.learning_rate * scale
        for decay, names in zip((recipe.weight_decay, 0.0), _by_decay(group, parameters), strict=True):
            if names:
                chosen = [parameters[name] for name in names]
                settings.append({"params": chosen, "lr": rate, "weight_decay": decay, "group": group.name})
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(settings, momentum=0.9, nesterov=True)
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(settings, alpha=0.9, momentum=0.9, eps=1e-3)
    return (torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam)(settings)


def _by_decay(group: ParameterGroup, there: Container[str]) -> tuple[list[str], list[str]]:
    """Its parameters that are decayed, and the others."""
    names = [name for name in group.parameters if name in there]
    return [name for name in names if name in group.decayed], [name for name in names if name not in group.decayed]


def as_begun(
    groups: tuple[ParameterGroup, ...], model: nn.Module, saved: Mapping[str, Any]
) -> tuple[ParameterGroup, ...]:
    """The groups of a training that goes on, decayed as the saved state of its optimiser has it.

    Up to version 0.1.0 everything with more than one dimension was, such as position tables.
    """
    parameters = dict(model.named_parameters())
    before = tuple(
        replace(group, decayed=frozenset(n for n in group.parameters if n in parameters and parameters[n].ndim > 1))
        for group in groups
    )

    def sizes(of: tuple[ParameterGroup, ...]) -> list[int]:
        return [len(names) for group in of for names in _by_decay(group, parameters) if names]

    found = saved.get("param_groups", ())
    told = [len(each.get("params", ())) for each in found if isinstance(each, Mapping)]
    return before if told == sizes(before) != sizes(groups) else groups


def make_schedule(optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int) -> LRScheduler:
    """The learning rate over ``steps`` optimisation steps, as a multiple of each group's own rate.

    All rise over the recipe's ``warm_up``. ``cosine`` then falls to zero (Loshchilov & Hutter 2017); ``step`` falls to
    a tenth three times; ``one-cycle`` rises over at least 30 %, from a 25th, and falls to zero (Smith & Topin 2018).
    """
    return LambdaLR(optimizer, lambda step: rate_factor(recipe, step, max(1, steps)))


def rate_factor(recipe: Recipe, step: int, steps: int) -> float:
    """Multiple of the learning rate at ``step`` (from 0) of ``steps``; in [0, 1]."""
    cycle = recipe.schedule == "one-cycle"
    rise = round(max(recipe.warm_up, _ONE_CYCLE_RISE if cycle else 0.0) * steps)
    low = 1 / 25 if cycle else 0.0
    if step < rise:
        return low + (1 - low) * (step + 1) / rise
    if recipe.schedule == "constant":
        return 1.0
    done = min(1.0, (step - rise) / max(1, steps - rise))
    if recipe.schedule == "step":
        return 0.1 ** min(_STEPS_DOWN, int(done * (_STEPS_DOWN + 1)))
    return 0.5 * (1 + math.cos(math.pi * done))
