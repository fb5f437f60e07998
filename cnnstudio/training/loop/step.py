"""One step of a training, and the learning-rate range test.

Smith 2017, "Cyclical Learning Rates for Training Neural Networks".
"""

import math
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torchvision.transforms import v2

from cnnstudio.compute.memory import free_memory, not_enough, unless_out_of_memory
from cnnstudio.core import Control, Event, OutOfMemory, Progressed, rest_point
from cnnstudio.networks.freezing import BATCH_NORM
from cnnstudio.training.loop.batches import Batch, seed_epoch
from cnnstudio.training.loop.plan import Plan
from cnnstudio.training.loop.scoring import ScoreCounter
from cnnstudio.training.machine.estimate import RateCurve, suggest

AUXILIARY_WEIGHT = 0.3
"""Of auxiliary losses, as in "Going Deeper with Convolutions" (Szegedy et al. 2014)."""
MAX_HALVINGS = 5
_AT_ONCE_ON_CPU = 16
"""Pictures of a piece of a batch there, where few fill the cores: two pieces of 16 take 0.6 to 0.7 of the memory of 32
at once, and 0.94 to 1.05 of the time of three networks' steps; pieces of 8 take 1.1."""


class StepBrokenOff(OutOfMemory):
    """The memory was not enough while the optimiser changed the weights, of which some are changed and some are not."""


def train_step(plan: Plan, batch: Batch, counter: ScoreCounter) -> torch.Tensor:
    """One step of the optimiser; returns the loss without waiting for the device.

    When memory runs out, the batch is computed in twice as many pieces, at most five times. The step stays the same,
    since the pieces' gradients add up. Of several processes all take as many pieces as the one with the least memory.

    Raises:
        OutOfMemory: even the smallest piece does not fit.
        StepBrokenOff: the gradients were there, but the optimiser could not take its step to the end.
    """
    loss, logits, targets = _gradients_that_fit(plan, batch)
    if plan.inside is not None:
        plan.inside.note_gradients(1.0 if plan.scaler is None else plan.scaler.get_scale())
    if plan.world.any_of(not unless_out_of_memory(partial(_take_step, plan))):
        free_memory(plan.fabric.device)
        problem = not_enough(max(1, len(targets) // plan.pieces), "train this network").problem
        raise StepBrokenOff(problem.title, meaning=problem.meaning, remedy=problem.remedy)
    if len(targets):
        counter.add(logits, targets)
    return loss


def _gradients_that_fit(plan: Plan, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Loss, logits and targets of a batch; its gradients are those of all processes together."""
    trained = [weight for weight in plan.model.parameters() if weight.requires_grad]
    for halvings in range(MAX_HALVINGS + 1):
        done = unless_out_of_memory(partial(_gradients, plan, batch))
        last = done is None and (halvings == MAX_HALVINGS or 2 * plan.pieces > len(batch.targets))
        failed, gives_up, *reached = plan.world.any_each(
            [done is None, last, *(weight.grad is not None for weight in trained if plan.world.size > 1)]
        )
        if done is not None and not failed:
            _average_gradients(plan, trained, reached)
            return done
        done = None  # it holds memory
        plan.optimizer.zero_grad()
        free_memory(plan.fabric.device)
        if gives_up:
            break
        plan.pieces *= 2
    raise not_enough(max(1, len(batch.targets) // plan.pieces), "train this network")


def _average_gradients(plan: Plan, trained: list[nn.Parameter], reached: list[bool]) -> None:
    """Over all processes; what had no gradient in any of them has none afterwards, and stays as it is."""
    if plan.world.size == 1:
        return
    taking_part = [weight for weight, found in zip(trained, reached, strict=True) if found]
    for weight in taking_part:
        if weight.grad is None:
            weight.grad = torch.zeros_like(weight)
    plan.world.mean_(weight.grad for weight in taking_part if weight.grad is not None)


@contextmanager
def stoppable(network: nn.Module, control: Control) -> Iterator[None]:
    """While open, a stop is also looked for at every layer, on the way forward and on the way back.

    A step of a large network takes seconds, and people wait for a second at most. What the step did so far is lost, and
    so is the epoch: a stop goes back to the end of the last one anyway.
    """

    def on_output(_module: nn.Module, _inputs: object, output: object) -> None:
        control.check()
        if isinstance(output, torch.Tensor) and output.requires_grad:
            output.register_hook(lambda _gradient: control.check())

    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(on_output) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _gradients(plan: Plan, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Loss, logits and targets of this process's share of a batch, whose gradients are in the model then."""
    inputs, targets = plan.on_device(batch.inputs), plan.on_device(batch.targets)
    plan.optimizer.zero_grad()
    total = torch.zeros((), device=targets.device)
    if not len(targets):
        return total, torch.zeros(0, plan.classes, device=targets.device), targets
    mixed, soft = blend(plan.recipe.mix, plan.classes)(inputs, targets)
    pieces = min(plan.pieces, max(1, len(targets) // 2))  # batch norm needs two
    logits = []
    for part, wanted in zip(mixed.tensor_split(pieces), soft.tensor_split(pieces), strict=True):  # no piece of one
        with _resting_norms(plan.model, on=len(part) == 1):
            outputs, auxiliary = split_outputs(plan.forward(part))
        loss = _loss(plan, outputs, wanted)
        for extra in auxiliary:
            loss = loss + AUXILIARY_WEIGHT * _loss(plan, extra, wanted)
        loss = loss * (len(part) / len(targets))
        plan.fabric.backward(loss * batch.weight)
        total += loss.detach()
        logits.append(outputs.detach())
    return total, torch.cat(logits), targets


def _take_step(plan: Plan) -> bool:
    """Change the weights by the gradients that are there. Broken off, it cannot be repeated."""
    if plan.recipe.gradient_clip:
        plan.fabric.clip_gradients(
            plan.forward,
            plan.optimizer,
            max_norm=plan.recipe.gradient_clip,
            error_if_nonfinite=False,  # asking waits for the device; fp16 skips such steps, and else the loss tells
        )
    plan.optimizer.step()
    with _without_warnings() if plan.scaler is not None and plan.scheduler.last_epoch == 0 else nullcontext():
        plan.scheduler.step()  # it warns where fp16 skipped the first step
    if plan.average is not None:
        plan.average.update_parameters(plan.model)
    return True


@contextmanager
def _without_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _resting_norms(network: nn.Module, *, on: bool) -> Iterator[None]:
    """While open and on, batch norms use the statistics they have: one picture has no variance to learn from."""
    resting = [norm for norm in network.modules() if isinstance(norm, BATCH_NORM) and norm.training] if on else []
    for norm in resting:
        norm.eval()
    try:
        yield
    finally:
        for norm in resting:
            norm.train()


def learns_statistics(network: nn.Module) -> bool:
    """Whether it has a batch norm that is trained, which needs two pictures at a time for each process."""
    return any(
        isinstance(norm, BATCH_NORM) and any(weight.requires_grad for weight in norm.parameters())
        for norm in network.modules()
    )


def pieces_at_first(plan: Plan) -> int:
    """In how many pieces a batch of pictures is computed while memory suffices: more than one on a CPU only."""
    if plan.fabric.device.type != "cpu" or (learns_statistics(plan.model) and not plan.keep_statistics):
        return 1
    return math.ceil(plan.recipe.batch_size / plan.world.size / _AT_ONCE_ON_CPU)


def _loss(plan: Plan, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy; targets are class indices N or, when pictures were blended, shares N×classes."""
    smoothing, weights = plan.recipe.label_smoothing, plan.class_weights
    loss = functional.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing, reduction="none")
    return loss.mean()


def blend(mix: str, classes: int) -> Callable[[torch.Tensor, torch.Tensor], tuple[Any, Any]]:
    """Blends the pictures of a batch and turns targets into shares, as torchvision v2 does; or does nothing.

    Mixup takes features, tokens and feature maps, too (manifold mixup, Verma et al. 2019); cutmix N×C×H×W only.
    """
    if mix == "none":
        return lambda inputs, targets: (inputs, targets)
    mixup, cutmix = v2.MixUp(alpha=0.2, num_classes=classes), v2.CutMix(num_classes=classes)

    def mixed(inputs: torch.Tensor, targets: torch.Tensor) -> tuple[Any, Any]:
        as_pictures = inputs if inputs.ndim == 4 else inputs.flatten(1)[:, :, None, None]
        blended, shares = mixup(as_pictures, targets)
        return blended.reshape(inputs.shape), shares

    choices = {"mixup": [mixed], "cutmix": [cutmix], "both": [mixed, cutmix]}
    chosen = v2.RandomChoice(choices[mix])
    return lambda inputs, targets: chosen(inputs, targets)


def split_outputs(outputs: Any) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Main and auxiliary logits: in train mode googlenet and inception_v3 give named tuples."""
    if isinstance(outputs, torch.Tensor):
        return outputs, []
    main, *auxiliary = outputs
    return main, [logits for logits in auxiliary if logits is not None]


LOWEST, HIGHEST = 1e-6, 1.0
_SMOOTHING = 0.9
_EXPLODED = 4.0
"""Times the lowest loss: further up everything only gets worse."""
_NEXT_TO_NOTHING = 0.25
"""In nats; below it one batch has several times the loss of another, whatever the rate."""


def find_rate(plan: Plan, steps: int = 80) -> Generator[Event, None, RateCurve]:
    """Try rates from 1e-6 to 1 for the head, the other groups in proportion. Afterwards the model is of no use.

    Yields:
        Progressed per step.

    Raises:
        StopRequested: a stop was asked for.
    """
    seed_epoch(plan.recipe.seed, 0, plan.world.rank)
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
        if not math.isfinite(smooth) or (losses and smooth > _EXPLODED * max(_NEXT_TO_NOTHING, min(losses))):
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
