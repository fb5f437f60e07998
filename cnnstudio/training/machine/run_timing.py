"""A short measurement of a recipe on this machine, on a few of its own pictures; remembered."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from cnnstudio.compute.device import device_name, float32_depthwise
from cnnstudio.compute.engines import FrozenNetwork, open_frozen
from cnnstudio.compute.feature_cache import Features
from cnnstudio.compute.frozen_pass import Read, Reading, frozen_pass
from cnnstudio.core import (
    Control,
    FormatError,
    Others,
    available_memory,
    codec,
    forget,
    known_value,
    remembered,
    taken_memory,
)
from cnnstudio.data import Sample, Split
from cnnstudio.data.reading import DecodedPictures, Skips, read_fast, read_for_evaluation, side_for_training
from cnnstudio.networks import freezing, head
from cnnstudio.training.assembly import MEMORY_SHARE, FrozenPart, bytes_per_picture, head_plan, network_plan, stage_plan
from cnnstudio.training.base import Base
from cnnstudio.training.head.regression import look_at_noise
from cnnstudio.training.loop import Batch, Context, FeatureBatches, FitState, Plan, ScoreCounter, train_step
from cnnstudio.training.loop.fit import eval_logits
from cnnstudio.training.machine.estimate import Amount, Estimate, Speed, epoch_range, estimate
from cnnstudio.training.machine.precision import decided, step_name
from cnnstudio.training.machine.step_speed import StepKind, is_kind, step_key
from cnnstudio.training.recipe import DEPTHWISE, Recipe

_BATCHES = 5
_MAX_SECONDS = 6.0
_PASS_PICTURES = 96
_FAR_OFF = 2.0
_TELLING_S = 1.0
"""An epoch that is shorter is mostly made of other things."""
_NOISE_PICTURES = 20_000
_ON_THE_WAY_BACK = 1.2
"""Of what autograd keeps: the gradients of the largest layers, and gaps between blocks."""
_BESIDES = 250 * 2**20
"""Compiled kernels and their packed weights, batches that are read ahead, the larger ones of validation."""


def estimate_run(context: Context) -> Estimate:
    """Time and memory of a run; a network with random weights costs as much as another. It is changed by this."""
    recipe, dataset = context.recipe, context.dataset
    taken = taken_memory() if context.device.type == "cpu" else 0  # before anything is measured, which takes some, too
    part = FrozenPart(context=context)
    cut = part.cut() if recipe.how.on == "maps" else None
    key = _key(context, on_maps=cut is not None)
    plain = remembered(key, lambda: codec.to_plain(_measured(part, cut)), _is_speed)
    amount = Amount(
        train=len(dataset.split("train")),
        validation=len(dataset.split("validation")),
        test=len(dataset.split("test")),
        cached=part.cached("train", views=recipe.views if recipe.how.on == "features" else 1),
        validation_cached=part.cached("validation"),
        test_cached=part.cached("test"),
    )
    speed = codec.from_plain(Speed, plain, what="measurement")
    room = int(MEMORY_SHARE * available_memory())
    found = estimate(recipe, amount, speed, on_maps=cut is not None, room=room)
    return replace(found, memory=found.memory + taken) if found.memory else found


@contextmanager
def compared(context: Context, plan: Plan, state: FitState) -> Iterator[None]:
    """Compare the epochs that are trained while it is open with what was measured before, and ``doubt`` that.

    Args:
        context: of the training, as it was opened.
        plan: of the training.
        state: where it stands.
    """
    epochs, seconds, others = state.epoch, state.seconds, Others()
    yield
    if state.epoch > epochs and context.world.size == 1 and not others.disturb:
        on_maps = plan.part == "network" and isinstance(plan.train, FeatureBatches)
        doubt(context, (state.seconds - seconds) / (state.epoch - epochs), on_maps=on_maps)


def doubt(context: Context, epoch_seconds: float, *, on_maps: bool) -> None:
    """Forget what was measured for a recipe where its epochs took less than half as long, or more than twice.

    Args:
        context: of a training, as it was opened.
        epoch_seconds: what an epoch took, on a computer that had nothing else to do.
        on_maps: whether it learned from feature maps.
    """
    recipe, side = context.recipe, context.base.preprocess.crop
    amount = Amount(
        train=len(context.dataset.split("train")), validation=len(context.dataset.split("validation")), test=0
    )
    if epoch_seconds < _TELLING_S:
        return
    key = _key(context, on_maps=on_maps)
    if _is_speed(plain := known_value(key)):
        quick, slow = epoch_range(recipe, amount, codec.from_plain(Speed, plain, what="measurement"))
        if not quick / _FAR_OFF <= epoch_seconds <= _FAR_OFF * slow:
            forget(key)
    key = step_key(step_name(recipe), (recipe.batch_size, side), context.device)
    if not on_maps and is_kind(plain := known_value(key)):  # pictures may come more slowly, but not more quickly
        kind = codec.from_plain(StepKind, plain, what="measurement")
        if amount.train / epoch_seconds > _FAR_OFF * kind.images_per_second:
            forget(key)


def _key(context: Context, *, on_maps: bool) -> str:
    recipe = context.recipe
    parts = (
        f"speed of {recipe.network} {recipe.mode}",
        f"head by {recipe.head_solver}",
        f"{context.base.preprocess.crop} px",
        f"batches of {recipe.batch_size}",
        recipe.precision,
        device_name(context.device),
        "maps" if on_maps else "pictures",
        f"torch {torch.__version__}",
    )
    return ", ".join(parts)


def _is_speed(plain: object) -> bool:
    try:
        speed = codec.to_plain(codec.from_plain(Speed, plain))
    except FormatError:
        return False
    return all(0 <= value < math.inf for value in speed.values())


def _measured(part: FrozenPart, cut: freezing.CutNetwork | None) -> Speed:
    context = part.context
    recipe, base, spec, control = context.recipe, context.base, context.base.preprocess, context.watch.control
    samples = _spread(context.dataset.split("train"), max(_PASS_PICTURES, _BATCHES * recipe.batch_size))
    few = samples[:_PASS_PICTURES]
    exact = open_frozen(base.network, spec, context.device, "fp32")
    speed = Speed(scoring=_pass(exact, few, lambda i: read_for_evaluation(few[i], spec), control))
    if recipe.how.pretrained:
        features = part.fastest_features_network()
        speed = replace(
            speed,
            features=_pass(features, few, lambda i: read_fast(few[i], spec), control),
            head=_head(context),
        )
    if recipe.how.on != "features":
        speed = _training(context, cut, speed, samples)
    return speed


def _pass(frozen: FrozenNetwork, samples: Sequence[Sample], read: Read, control: Control) -> float:
    """Pictures per second from file to output, after a warm-up."""
    seconds = 0.0
    for chosen in (samples[:16], samples):
        start = time.perf_counter()
        reading = Reading(control, Skips(total=10**9))
        for _ in frozen_pass(chosen, frozen, read, lambda _indices, _values: None, reading, "Measuring"):
            pass
        seconds = time.perf_counter() - start
    return len(samples) / seconds


def _head(context: Context) -> float:
    """Pictures per second through a linear head, on noise: two epochs, or two looks of those that solve for it."""
    pictures, classes = len(context.dataset.split("train")), context.classes
    if context.recipe.head_solver == "regression":
        noise = torch.randn(min(pictures, _NOISE_PICTURES), head.feature_size(context.base.network))
        return _rate((len(noise), partial(look_at_noise, noise, classes)) for _ in range(3))
    samples = tuple(Sample(path=Path(str(i)), label=i % classes, split="train") for i in range(pictures))
    features = Features(torch.randn(1, pictures, head.feature_size(context.base.network)), samples)
    plan = head_plan(replace(context, recipe=replace(context.recipe, mode="head")), features, None)
    counter = ScoreCounter(classes)
    return _rate(
        (len(batch.targets), partial(train_step, plan, batch, counter))
        for epoch in range(2)
        for batch in plan.train.epoch(epoch)
    )


def _training(context: Context, cut: freezing.CutNetwork | None, speed: Speed, samples: tuple[Sample, ...]) -> Speed:
    recipe, base = context.recipe, context.base
    freezing.apply_mode(base.network, recipe.mode)
    base.network.to(memory_format=torch.channels_last)
    recipe = replace(decided(context).recipe, balance="none")
    with float32_depthwise(base.network, on=recipe.precision == DEPTHWISE):
        begun = replace(base, trained_head=base.trained_head or base.pretrained)  # as a run is after its head
        plan = _plan(replace(context, recipe=recipe, base=begun), cut, samples)
        counter = ScoreCounter(plan.classes)
        plan.to_train_mode()
        training, training_again = (
            _rate((len(batch.targets), partial(train_step, plan, batch, counter)) for batch in plan.train.epoch(epoch))
            for epoch in (0, 1)
        )
        saved = _saved_bytes(plan, counter)
        memory = int(_ON_THE_WAY_BACK * saved) + _parameter_bytes(plan) + _BESIDES
        plan.model.eval()
        assert plan.validation is not None
        checking, checking_again = (
            _rate(
                (len(batch.targets), partial(eval_logits, plan, batch.inputs)) for batch in plan.validation.epoch(epoch)
            )
            for epoch in (0, 1)
        )
    return replace(
        speed,
        training=training,
        checking=checking,
        training_again=max(training, training_again),
        checking_again=max(checking, checking_again),
        memory=memory,
        kept=_kept(base, recipe, cut, samples),
    )


def _kept(base: Base, recipe: Recipe, cut: freezing.CutNetwork | None, samples: tuple[Sample, ...]) -> int:
    """Bytes per picture, as feature maps or decoded."""
    if cut is not None:
        return bytes_per_picture(cut.trunk, base.preprocess)
    decoded = DecodedPictures(side_for_training(base.preprocess, recipe.augment), 0, base.preprocess.levels)
    sizes = [decoded.read(sample.path).image.size for sample in samples[:8]]
    return 3 * sum(width * height for width, height in sizes) // max(1, len(sizes))


def _plan(context: Context, cut: freezing.CutNetwork | None, samples: tuple[Sample, ...]) -> Plan:
    """As a run has it, on a few pictures, or on noise in the shape of their feature maps."""
    checked = tuple(replace(sample, split="validation") for sample in samples[:_PASS_PICTURES])
    few = replace(context.dataset, samples=(*samples, *checked))
    context = replace(context, dataset=few, skips=Skips(total=10**9))
    if cut is None:
        return network_plan(context)
    spec = context.base.preprocess
    with torch.inference_mode():
        shape = cut.trunk(torch.zeros(1, spec.channels, spec.crop, spec.crop)).shape[1:]
    maps = torch.randn(1, len(samples), *shape).half()
    found: dict[Split, Features] = {
        "train": Features(maps, samples), "validation": Features(maps[:, : len(checked)], checked),
    }  # fmt: skip
    return stage_plan(context, cut, found)


def _rate(work: Iterable[tuple[int, Callable[[], object]]]) -> float:
    """Pictures per second: the first piece warms up, and it ends after a few seconds. Waiting for pictures counts."""
    begun = start = time.perf_counter()
    done, first = 0, 0.0
    for number, (pictures, act) in enumerate(work):
        act()
        if number == 0:
            start = time.perf_counter()
            first = pictures / (start - begun)
            continue
        done += pictures
        if time.perf_counter() - begun > _MAX_SECONDS:
            break
    return done / (time.perf_counter() - start) if done else first


def _saved_bytes(plan: Plan, counter: ScoreCounter) -> int:
    """What autograd keeps for the way back of a piece of a batch."""
    kept: dict[int, int] = {}
    batch = next(plan.train.epoch(0))
    at_once = math.ceil(len(batch.targets) / plan.pieces)
    plan.pieces = 1

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        train_step(plan, Batch(batch.inputs[:at_once], batch.targets[:at_once]), counter)
    return sum(kept.values())


def _parameter_bytes(plan: Plan) -> int:
    """Gradients and the optimiser's two moments for what is trained; the weights are among what autograd keeps."""
    trained = sum(parameter.numel() for parameter in plan.model.parameters() if parameter.requires_grad)
    return 4 * 3 * trained


def _spread(samples: tuple[Sample, ...], count: int) -> tuple[Sample, ...]:
    """Some of the samples, from all over the folder."""
    return samples[:: max(1, len(samples) // count)][:count]
