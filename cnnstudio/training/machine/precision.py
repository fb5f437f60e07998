"""In which precision a run computes: measured where nobody chose, once, and from then on a part of its recipe."""

import copy
from dataclasses import replace

import torch

from cnnstudio.compute.device import DTYPES, has_depthwise
from cnnstudio.compute.fastest import faster_precision
from cnnstudio.core import DeviceError, PhaseStarted
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.runs.history import RunHistory
from cnnstudio.training.loop import Context
from cnnstudio.training.machine.step_speed import fastest_step
from cnnstudio.training.recipe import DEPTHWISE, FrozenPrecision, Precision, Recipe


def decided(context: Context) -> Context:
    """With a recipe that leaves no precision open; deciding once more changes nothing.

    All processes compute alike: the first one measures.

    Raises:
        DeviceError: the device cannot compute in the recipe's precision.
        StopRequested: a stop was asked for.
    """
    recipe, world = context.recipe, context.world
    for each in {recipe.plain_precision, recipe.frozen}:
        _refuse(each, context.device)
    frozen, precision = recipe.frozen, recipe.precision
    if frozen == "auto" and recipe.how.pretrained:
        frozen = world.from_first(_of_frozen_layers(context) if world.is_first else None)
    if precision == "auto":
        precision = world.from_first(_of_steps(context) if world.is_first else None)
    return replace(context, recipe=replace(recipe, precision=precision, frozen_precision=frozen))


def as_begun(recipe: Recipe, history: RunHistory, network: torch.nn.Module) -> Recipe:
    """The recipe of a run from before precision was a part of it, with what its log says of the steps it took."""
    told = [
        event.precision for event in history.events if isinstance(event, PhaseStarted) and event.name == recipe.mode
    ]
    if recipe.precision != "auto" or not told or (told[-1] == "bf16" and has_depthwise(network)):
        return recipe
    found: dict[str, Precision] = {"fp32": "fp32", "bf16": "bf16", "fp16": "fp16"}
    return replace(recipe, precision=found.get(told[-1], "auto"))


def step_name(recipe: Recipe) -> str:
    """Of what a step's speed depends on: network and mode."""
    return f"{recipe.network} {recipe.mode}"


def _of_frozen_layers(context: Context) -> FrozenPrecision:
    return faster_precision(context.base.without_head, context.device, name=context.recipe.network)


def _of_steps(context: Context) -> Precision:
    recipe, base = context.recipe, context.base
    if recipe.how.on == "features":
        return "fp32"
    network = copy.deepcopy(base.network).to(memory_format=torch.channels_last)  # a resume does not measure
    apply_mode(network, recipe.mode)
    shape = (recipe.batch_size, base.preprocess.crop)
    kind = fastest_step(network, context.device, shape, name=step_name(recipe), control=context.watch.control)
    return DEPTHWISE if kind.depthwise_fp32 else kind.precision


def _refuse(precision: str, device: torch.device) -> None:
    """Try one small step; what nobody chose is measured among what works."""
    if precision == "auto":
        return
    layer, dtype = torch.nn.Conv2d(3, 4, 3).to(device), DTYPES[precision]
    try:
        with torch.autocast(device.type, dtype, enabled=precision != "fp32"):
            values = layer(torch.zeros(1, 3, 8, 8, device=device))
        values.float().sum().backward()
    except (RuntimeError, ValueError, TypeError) as error:  # MPS without bf16 raises a TypeError
        raise DeviceError(
            f"The device {device.type} cannot compute in {precision}.",
            meaning="The recipe asks for it, or the run began on another computer that can.",
            remedy="Resume the run there, or start a new one with the precision automatic.",
            details=repr(error),
        ) from error
