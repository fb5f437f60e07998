"""Assemble the real objects of a training, once: for a head on features, or for a network on pictures."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from cnnstudio.core.errors import ImageError
from cnnstudio.core.events import Event, Warned
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.loader import Skips
from cnnstudio.networks.freezing import ParameterGroup, apply_mode, set_train_mode
from cnnstudio.training.base import Base
from cnnstudio.training.batches import BatchSource, FeatureBatches, PictureBatches
from cnnstudio.training.checkpoint import Checkpoints
from cnnstudio.training.device import open_fabric
from cnnstudio.training.feature_cache import Features
from cnnstudio.training.fit import Plan
from cnnstudio.training.head import GROUP, LinearHead
from cnnstudio.training.optim import make_optimizer, make_schedule
from cnnstudio.training.recipe import Recipe


def head_plan(
    recipe: Recipe, classes: int, train: Features, validation: Features | None, checkpoints: Checkpoints
) -> Plan:
    """A linear head on features that lie in memory. It always runs on the CPU: copying would take longer."""
    model = LinearHead(train.values.shape[1], classes)
    model.standardise_by(train.values)

    def source(features: Features, *, shuffle: bool) -> FeatureBatches:
        return FeatureBatches(features.values, features.targets, recipe.batch_size, recipe.seed, shuffle)

    return _plan(
        recipe,
        classes,
        model,
        (GROUP,),
        torch.device("cpu"),
        "fp32",
        nn.Module.train,
        source(train, shuffle=True),
        source(validation, shuffle=False) if validation is not None else None,
        checkpoints,
        score_start=False,
    )


def network_plan(
    recipe: Recipe, base: Base, dataset: Dataset, device: torch.device, skips: Skips, checkpoints: Checkpoints
) -> Plan:
    """A whole network on pictures; what is frozen follows from the recipe's mode."""
    warnings: list[Event] = []

    def on_skip(error: ImageError) -> None:
        warnings.append(Warned(problem=error.problem))

    def take_warnings() -> list[Event]:
        taken, warnings[:] = list(warnings), []
        return taken

    def pictures(split: str, *, train: bool) -> PictureBatches:
        samples = [sample for sample in dataset.samples if sample.split == split]
        augment = recipe.augment if train else None
        return PictureBatches(samples, base.preprocess, recipe.batch_size, recipe.seed, skips, augment, on_skip)

    validation = pictures("validation", train=False)
    plan = _plan(
        recipe,
        len(dataset.classes),
        base.network.to(memory_format=torch.channels_last),
        apply_mode(base.network, recipe.mode),
        device,
        recipe.precision,
        set_train_mode,
        pictures("train", train=True),
        validation if validation.images else None,
        checkpoints,
        score_start=base.trained_head,
    )
    return replace(plan, on_batch_end=take_warnings)


def _plan(
    recipe: Recipe,
    classes: int,
    model: nn.Module,
    groups: tuple[ParameterGroup, ...],
    device: torch.device,
    precision: str,
    train_mode: Callable[[nn.Module], object],
    train: BatchSource,
    validation: BatchSource | None,
    checkpoints: Checkpoints,
    *,
    score_start: bool,
) -> Plan:
    fabric = open_fabric(device, precision)
    optimizer = make_optimizer(model, groups, recipe)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    return Plan(
        recipe=recipe,
        classes=classes,
        model=model,
        forward=wrapped,
        train_mode=train_mode,
        optimizer=wrapped_optimizer,
        scheduler=make_schedule(optimizer, recipe, recipe.epochs * train.steps()),
        fabric=fabric,
        train=train,
        validation=validation,
        checkpoints=checkpoints,
        score_start=score_start,
    )
