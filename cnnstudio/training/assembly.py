"""Assemble the real objects of a training, once: for a head on features, or for a network on pictures or maps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from cnnstudio.compute.device import FABRIC_PRECISION
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core.errors import ImageError
from cnnstudio.core.events import Event, Warned
from cnnstudio.core.machine import available_memory
from cnnstudio.data.dataset import Dataset, Sample
from cnnstudio.data.reading.decoded import DecodedPictures, side_for_training
from cnnstudio.data.reading.loader import Skips
from cnnstudio.data.spec import Split
from cnnstudio.data.splits.stratified import class_weights
from cnnstudio.networks.freezing import ParameterGroup, apply_mode, set_train_mode
from cnnstudio.training.base import Base
from cnnstudio.training.frozen_part import MEMORY_SHARE
from cnnstudio.training.loop.batches import BatchSource, FeatureBatches, PictureBatches
from cnnstudio.training.loop.checkpoint import Checkpoints, trained_names
from cnnstudio.training.loop.distributed import ALONE, World, open_fabric
from cnnstudio.training.loop.head import GROUP, LinearHead
from cnnstudio.training.loop.optim import make_optimizer, make_schedule
from cnnstudio.training.loop.plan import Plan
from cnnstudio.training.recipe import Recipe


def head_plan(
    recipe: Recipe, classes: int, train: Features, validation: Features | None, checkpoints: Checkpoints
) -> Plan:
    """A linear head on features that lie in memory. It always runs on the CPU: copying would take longer."""
    model = LinearHead(train.values.shape[-1], classes)
    model.standardise_by(train.values.flatten(0, 1))
    return _plan(
        recipe,
        classes,
        model,
        (GROUP,),
        torch.device("cpu"),
        "fp32",
        nn.Module.train,
        feature_batches(recipe, train, shuffle=True),
        feature_batches(recipe, validation, shuffle=False) if validation else None,
        checkpoints,
        labels=train.samples,
        score_start=False,
    )


def stage_plan(
    recipe: Recipe,
    top: nn.Module,
    groups: tuple[ParameterGroup, ...],
    classes: int,
    maps: dict[Split, Features],
    device: torch.device,
    checkpoints: Checkpoints,
) -> Plan:
    """The upper part of a network on the feature maps that the frozen part made."""
    return _plan(
        recipe,
        classes,
        top,
        groups,
        device,
        recipe.precision,
        set_train_mode,
        feature_batches(recipe, maps["train"], shuffle=True),
        feature_batches(recipe, maps["validation"], shuffle=False) if "validation" in maps else None,
        checkpoints,
        labels=maps["train"].samples,
        score_start=True,
    )


def network_plan(
    recipe: Recipe,
    base: Base,
    dataset: Dataset,
    device: torch.device,
    skips: Skips,
    checkpoints: Checkpoints,
    world: World = ALONE,
) -> Plan:
    """A whole network on pictures; what is frozen follows from the recipe's mode."""
    warnings: list[Event] = []

    def on_skip(error: ImageError) -> None:
        warnings.append(Warned(problem=error.problem))

    def take_warnings() -> list[Event]:
        taken, warnings[:] = list(warnings), []
        return taken

    budget = int(MEMORY_SHARE * available_memory() / world.size)
    decoded = DecodedPictures(side_for_training(base.preprocess, recipe.augment), budget)

    def pictures(split: Split, *, train: bool) -> PictureBatches:
        return PictureBatches(
            samples=dataset.split(split),
            spec=base.preprocess,
            batch_size=recipe.batch_size,
            seed=recipe.seed,
            skips=skips,
            decoded=decoded,
            augment=recipe.augment if train else None,
            balanced=train and recipe.balance == "sampling",
            threads=recipe.threads,
            world=world,
            on_skip=on_skip,
        )

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
        labels=dataset.split("train"),
        score_start=base.trained_head,
        world=world,
    )
    plan.on_batch_end = take_warnings
    return plan


def feature_batches(recipe: Recipe, features: Features, *, shuffle: bool) -> FeatureBatches:
    """Features as batches; shuffled ones are for training."""
    return FeatureBatches(
        features=features.values,
        targets=features.targets,
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        shuffle=shuffle,
        balanced=shuffle and recipe.balance == "sampling",
    )


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
    labels: tuple[Sample, ...],
    score_start: bool,
    world: World = ALONE,
) -> Plan:
    fabric_precision: Any = FABRIC_PRECISION[precision]
    fabric = open_fabric(device, fabric_precision, world, idle_parameters=recipe.gradual_unfreezing)
    model = model.to(fabric.device)
    optimizer = make_optimizer(model, groups, recipe)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    weights = None
    if recipe.balance == "weights":
        weights = torch.from_numpy(class_weights(np.array([sample.label for sample in labels]), classes)).to(
            fabric.device
        )
    return Plan(
        recipe=recipe,
        classes=classes,
        model=model,
        forward=wrapped,
        train_mode=train_mode,
        groups=groups,
        saved=trained_names(model),
        optimizer=wrapped_optimizer,
        scheduler=make_schedule(optimizer, recipe, recipe.epochs * train.steps()),
        fabric=fabric,
        train=train,
        validation=validation,
        checkpoints=checkpoints,
        score_start=score_start,
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
