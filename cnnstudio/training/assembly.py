"""Assemble the real objects of a training, once: for a head on features, or for a network on pictures or maps."""

from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from cnnstudio.compute.device import FABRIC_PRECISION
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core.errors import ImageError
from cnnstudio.core.events import Event, Warned
from cnnstudio.core.machine import available_memory
from cnnstudio.data.reading.decoded import DecodedPictures, side_for_training
from cnnstudio.data.spec import Split
from cnnstudio.data.splits.stratified import class_weights
from cnnstudio.networks.cut import CutNetwork
from cnnstudio.networks.freezing import ParameterGroup, apply_mode
from cnnstudio.training.context import Context
from cnnstudio.training.frozen_part import MEMORY_SHARE
from cnnstudio.training.loop.batches import BatchSource, FeatureBatches, PictureBatches
from cnnstudio.training.loop.checkpoint import Part, trained_names
from cnnstudio.training.loop.distributed import ALONE, open_fabric
from cnnstudio.training.loop.head import GROUP, LinearHead
from cnnstudio.training.loop.optim import make_optimizer, make_schedule
from cnnstudio.training.loop.plan import Plan
from cnnstudio.training.recipe import Recipe

_Sources = tuple[BatchSource, BatchSource | None]
"""For training, and for choosing the best epoch."""


def head_plan(context: Context, train: Features, validation: Features | None) -> Plan:
    """A linear head on features that lie in memory. It always runs on the CPU: copying would take longer."""
    model = LinearHead(train.values.shape[-1], context.classes)
    model.standardise_by(train.values.flatten(0, 1))
    return _plan(context, "head", model, (GROUP,), _feature_sources(context.recipe, train, validation))


def stage_plan(context: Context, cut: CutNetwork, maps: dict[Split, Features]) -> Plan:
    """The upper part of a network on the feature maps that the frozen part made."""
    groups = apply_mode(context.base.network, context.recipe.mode)
    sources = _feature_sources(context.recipe, maps["train"], maps.get("validation"))
    return _plan(context, "network", cut.top, groups, sources)


def network_plan(context: Context) -> Plan:
    """A whole network on pictures; what is frozen follows from the recipe's mode."""
    recipe, base, world = context.recipe, context.base, context.world
    warnings: list[Event] = []

    def on_skip(error: ImageError) -> None:
        warnings.append(Warned(problem=error.problem))

    def take_warnings() -> list[Event]:
        taken, warnings[:] = list(warnings), []
        return taken

    budget = int(MEMORY_SHARE * available_memory() / world.size)
    checking = PictureBatches(
        samples=context.dataset.split("validation"),
        spec=base.preprocess,
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        skips=context.skips,
        decoded=DecodedPictures(side_for_training(base.preprocess, recipe.augment), budget),
        threads=recipe.threads,
        world=world,
        on_skip=on_skip,
    )
    training = replace(
        checking,
        samples=context.dataset.split("train"),
        augment=recipe.augment,
        balanced=recipe.balance == "sampling",
    )
    groups = apply_mode(base.network, recipe.mode)
    network = base.network.to(memory_format=torch.channels_last)
    plan = _plan(context, "network", network, groups, (training, checking if checking.images else None))
    plan.on_batch_end = take_warnings
    return plan


def _feature_sources(recipe: Recipe, train: Features, validation: Features | None) -> _Sources:
    training = FeatureBatches(
        features=train.values,
        targets=train.targets,
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        shuffle=True,
        balanced=recipe.balance == "sampling",
    )
    if validation is None:
        return training, None
    checking = replace(training, features=validation.values, targets=validation.targets, shuffle=False, balanced=False)
    return training, checking


def _plan(
    context: Context, part: Part, model: nn.Module, groups: tuple[ParameterGroup, ...], sources: _Sources
) -> Plan:
    recipe, alone = context.recipe, part == "head"
    world, device = (ALONE, torch.device("cpu")) if alone else (context.world, context.device)
    precision: Any = FABRIC_PRECISION["fp32" if alone else recipe.precision]
    fabric = open_fabric(device, precision, world, idle_parameters=recipe.gradual_unfreezing)
    model = model.to(fabric.device)
    optimizer = make_optimizer(model, groups, recipe)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    train, validation = sources
    weights = None
    if recipe.balance == "weights":
        weights = torch.from_numpy(class_weights(train.labels, context.classes)).to(fabric.device)
    return Plan(
        context=context,
        part=part,
        model=model,
        forward=wrapped,
        groups=groups,
        saved=trained_names(model),
        optimizer=wrapped_optimizer,
        scheduler=make_schedule(optimizer, recipe, recipe.epochs * train.steps()),
        fabric=fabric,
        train=train,
        validation=validation,
        class_weights=weights,
        average=_average(model, recipe.ema) if recipe.ema else None,
        world=world,
    )


def _average(model: nn.Module, decay: float) -> AveragedModel:
    """Follows quickly at first: a network that learned for ten steps should not average over a thousand."""

    def follow(old: torch.Tensor, new: torch.Tensor, steps: torch.Tensor | int) -> torch.Tensor:
        if not old.is_floating_point():  # batch norm counts its batches
            return new
        return old.lerp(new, 1 - min(decay, (1 + int(steps)) / (10 + int(steps))))

    return AveragedModel(model, avg_fn=follow, use_buffers=True)
