"""Assemble the real objects of a training, once: for a head on features, or for a network on pictures or maps.

Before that, what the frozen layers of a run make of its pictures: features for a head, feature maps for a last stage.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace

import torch
from torch.optim.swa_utils import AveragedModel

from cnnstudio.compute.device import FABRIC_PRECISION
from cnnstudio.compute.engines import FrozenLayers, FrozenNetwork
from cnnstudio.compute.fastest import fastest_frozen
from cnnstudio.compute.feature_cache import Features, Views, compute_features, compute_maps, count_cached, open_store
from cnnstudio.compute.feature_store import FeatureStore
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import Event, ImageError, PhaseStarted, RecipeError, Warned, available_memory
from cnnstudio.data import PreprocessSpec, Split
from cnnstudio.data.reading import DecodedPictures, side_for_training
from cnnstudio.data.splits import class_weights
from cnnstudio.networks import PREPARING, freezing
from cnnstudio.training.loop import ALONE, GROUP, Context, LinearHead, Part, Plan, World, open_fabric, trained_names
from cnnstudio.training.loop.batches import BatchSource, FeatureBatches, PictureBatches
from cnnstudio.training.loop.inside import Inside
from cnnstudio.training.loop.optimizer import as_begun, make_optimizer, make_schedule
from cnnstudio.training.loop.step import learns_statistics, pieces_at_first
from cnnstudio.training.loop.watched import Watched
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.rules import PASTING

MEMORY_SHARE = 0.4
"""Of the free memory, for feature maps or decoded pictures; the training itself needs the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPart:
    """Reads pictures and sends them through frozen layers, for one run."""

    context: Context

    @property
    def reading(self) -> Reading:
        """What every pass over the pictures obeys and counts."""
        return Reading(self.context.watch.control, self.context.skips)

    def features(self, splits: Sequence[Split], *, views: int = 1) -> Generator[Event, None, dict[Split, Features]]:
        """Pooled features, kept on disk: those to learn from as fast as this machine can, all others exact."""
        yield PhaseStarted(name="features", trainable_parameters=0, precision=_told(self.context.recipe))
        found: dict[Split, Features] = {}
        for split in splits:
            if split == "train":
                found |= yield from self._by_split(self.fastest_features_network(), (split,), views)
            else:
                found |= yield from self.exact_features(split)
        return found

    def fastest_features_network(self) -> FrozenNetwork:
        """The network without its head."""
        return self._fastest(self.context.base.without_head, self.context.recipe.network)

    def cached(self, *splits: Split, views: int = 1) -> int:
        """How many looks at the pictures of some splits have their features on disk; 0 without pretrained weights."""
        if not self.context.base.weights_hash:
            return 0
        exact = "train" not in splits
        frozen = self._exact_features_network() if exact else self.fastest_features_network()
        looks = {split: self._views(split, views, exact=exact) for split in splits}
        return sum(
            count_cached(self.context.dataset.split(split), look, self._store(frozen, look))
            for split, look in looks.items()
        )

    def exact_features(
        self, split: Split, device: torch.device | None = None
    ) -> Generator[Event, None, dict[Split, Features]]:
        """Pooled features in full precision on a device, or the run's: what is shown is what later predictions give."""
        return (yield from self._by_split(self._exact_features_network(device), (split,), 1, exact=True))

    def maps(self, cut: freezing.CutNetwork, views: int) -> Generator[Event, None, dict[Split, Features]]:
        """Feature maps at the cut, float16 in memory: too large for the disk."""
        yield PhaseStarted(name="features", trainable_parameters=0, precision=_told(self.context.recipe))
        trunk = FrozenLayers(torch.nn.Sequential(cut.trunk, _ToHalf()), self.context.base.preprocess)
        frozen = self._fastest(trunk, f"{self.context.recipe.network}-trunk")
        found: dict[Split, Features] = {}
        for split in ("train", "validation"):
            samples, look = self.context.dataset.split(split), self._views(split, views)
            part = yield from compute_maps(samples, frozen, look, self.reading, PREPARING[split])
            if part.samples:
                found[split] = part
        return found

    def cut(self) -> freezing.CutNetwork | None:
        """Where a last stage is trained on feature maps; None when the network or the memory does not allow it."""
        network = self.context.base.network
        if self.context.recipe.mix in PASTING:  # maps lie in many orders, and some are tokens
            return None
        groups = freezing.apply_mode(network, self.context.recipe.mode)
        found = freezing.cut_below(network, [name for group in groups for name in group.parameters])
        if found is None:
            return None
        pictures = self.context.recipe.views * len(self.context.dataset.split("train")) + len(
            self.context.dataset.split("validation")
        )
        needed = bytes_per_picture(found.trunk, self.context.base.preprocess) * pictures
        return found if needed < MEMORY_SHARE * available_memory() else None

    def _exact_features_network(self, device: torch.device | None = None) -> FrozenNetwork:
        return self.context.base.without_head.opened(device or self.context.device, "fp32")

    def _fastest(self, layers: FrozenLayers, name: str) -> FrozenNetwork:
        return fastest_frozen(layers, self.context.device, name=name, precision=self.context.recipe.frozen)

    def _views(self, split: Split, count: int, *, exact: bool = False) -> Views:
        spec = self.context.base.preprocess
        if split != "train" or count == 1:
            return Views(spec=spec, exact=exact)
        return Views(spec=spec, count=count, augment=self.context.recipe.augment, seed=self.context.recipe.seed)

    def _store(self, frozen: FrozenNetwork, look: Views) -> FeatureStore:
        root, base = self.context.dataset.root, self.context.base
        return open_store(root, self.context.recipe.network, base.weights_hash, look, frozen)

    def _by_split(
        self, frozen: FrozenNetwork, splits: Sequence[Split], views: int, *, exact: bool = False
    ) -> Generator[Event, None, dict[Split, Features]]:
        found: dict[Split, Features] = {}
        for split in splits:
            look = self._views(split, views, exact=exact)
            part = yield from compute_features(
                self.context.dataset.split(split),
                frozen,
                look,
                self._store(frozen, look),
                self.reading,
                PREPARING[split],
            )
            if part.samples:
                found[split] = part
        return found


def _told(recipe: Recipe) -> str:
    """The precision of the frozen layers, for events."""
    return "" if recipe.frozen == "auto" else recipe.frozen


class _ToHalf(torch.nn.Module):
    """Half the memory to move and to keep."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values.half()


def bytes_per_picture(trunk: torch.nn.Module, spec: PreprocessSpec) -> int:
    """Of what ``trunk`` makes of one picture, as float16."""
    with torch.inference_mode():
        return 2 * int(trunk(torch.zeros(1, spec.channels, spec.crop, spec.crop)).numel())


_Sources = tuple[BatchSource, BatchSource | None, Watched | None]
"""For training, for choosing the best epoch, and of the latter some to watch."""


def head_plan(context: Context, train: Features, validation: Features | None) -> Plan:
    """A linear head on features that lie in memory. It always runs on the CPU: copying would take longer."""
    model = LinearHead(train.values.shape[-1], context.classes)
    model.standardise_by(train.values.flatten(0, 1))
    return _plan(context, "head", model, (GROUP,), _feature_sources(context.recipe, train, validation))


def stage_plan(context: Context, cut: freezing.CutNetwork, maps: dict[Split, Features]) -> Plan:
    """The upper part of a network on the feature maps that the frozen part made."""
    groups = freezing.apply_mode(context.base.network, context.recipe.mode)
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
        decoded=DecodedPictures(side_for_training(base.preprocess, recipe.augment), budget, base.preprocess.levels),
        threads=recipe.threads,
        world=world,
        on_skip=on_skip,
        control=context.watch.control,
    )
    training = replace(
        checking,
        samples=context.dataset.split("train"),
        augment=recipe.augment,
        balanced=recipe.balance == "sampling",
    )
    groups = freezing.apply_mode(base.network, recipe.mode)
    network = base.network.to(memory_format=torch.channels_last)
    judging = (checking, Watched(checking.samples)) if checking.images else (None, None)
    plan = _plan(context, "network", network, groups, (training, *judging))
    plan.on_batch_end, plan.pieces = take_warnings, pieces_at_first(plan)
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
        return training, None, None
    checking = replace(training, features=validation.values, targets=validation.targets, shuffle=False, balanced=False)
    return training, checking, Watched(validation.samples)


def _plan(
    context: Context, part: Part, model: torch.nn.Module, groups: tuple[freezing.ParameterGroup, ...], sources: _Sources
) -> Plan:
    recipe, alone = context.recipe, part == "head"
    world, device = (ALONE, torch.device("cpu")) if alone else (context.world, context.device)
    _refuse_single_pictures(recipe, model, world)
    fabric = open_fabric(device, FABRIC_PRECISION["fp32" if alone else recipe.plain_precision])
    model = model.to(fabric.device)
    world.same_([*model.parameters(), *model.buffers()])
    keep = part == "network" and recipe.how.pretrained and context.base.trained_head  # else there are none worth it
    if (found := context.checkpoints.newest()) is not None:
        groups = as_begun(groups, model, found.optimizer)
        keep = keep and set(found.model) != trained_names(model, keep_statistics=False)  # as saved up to version 0.1.0
    optimizer = make_optimizer(model, groups, recipe)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    train, validation, watched = sources
    steps = recipe.epochs * train.steps()
    weights = None
    if recipe.balance == "weights":
        weights = torch.from_numpy(class_weights(train.labels, context.classes)).to(fabric.device)
    return Plan(
        context=context,
        part=part,
        model=model,
        forward=wrapped,
        groups=groups,
        saved=trained_names(model, keep_statistics=keep),
        keep_statistics=keep,
        optimizer=wrapped_optimizer,
        scheduler=make_schedule(optimizer, recipe, steps),
        fabric=fabric,
        train=train,
        validation=validation,
        watched=watched,
        inside=Inside(model, recipe.watch_inside, steps) if recipe.watch_inside else None,
        class_weights=weights,
        average=_average(model, recipe.ema) if recipe.ema else None,
        world=world,
    )


def _refuse_single_pictures(recipe: Recipe, model: torch.nn.Module, world: World) -> None:
    """Batch norms that start from nothing would never learn what pictures look like; pretrained ones know it.

    Raises:
        RecipeError: the processes' batches have one picture each, and the network cannot learn from these.
    """
    if recipe.how.pretrained or recipe.batch_size >= 2 * world.size or not learns_statistics(model):
        return
    raise RecipeError(
        "This network cannot learn from scratch from one picture at a time.",
        meaning="Its batch normalisation needs at least two, to see how they differ.",
        remedy=f"Choose a batch size of {2 * world.size} or more; 32 is usual.",
    )


def _average(model: torch.nn.Module, decay: float) -> AveragedModel:
    """Follows quickly at first: a network that learned for ten steps should not average over a thousand."""

    def follow(olds: Iterable[torch.Tensor], news: Iterable[torch.Tensor], steps: torch.Tensor | int) -> None:
        share = 1 - torch.as_tensor((1 + steps) / (10 + steps)).clamp(max=decay)  # on the device: reading it would wait
        for old, new in zip(olds, news, strict=True):
            if old.is_floating_point():
                old.lerp_(new, share.to(old.dtype))
            else:  # batch norm counts its batches
                old.copy_(new)

    return AveragedModel(model, multi_avg_fn=follow, use_buffers=True)
