"""The training loop: a generator of events, on two screens.

It never yields inside a grad-mode or autocast context: those belong to the thread and would stay on for the consumer
while the generator is suspended.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import functional
from torch.optim.lr_scheduler import LRScheduler

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import Problem, TrainingDiverged
from cnnstudio.core.events import (
    EpochDone,
    EvaluationDone,
    Event,
    Progressed,
    RunCompleted,
    RunStopped,
    SplitScore,
    StepDone,
    Warned,
)
from cnnstudio.training.batches import BatchSource
from cnnstudio.training.checkpoint import Checkpoints, diverged
from cnnstudio.training.metrics import ScoreCounter
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.rest import rest_point
from cnnstudio.training.seeding import seed_epoch
from cnnstudio.training.state import FitState

_REPORT_SECONDS = 0.1


@dataclass(slots=True, kw_only=True)
class Plan:
    """The real objects a training needs, assembled once by ``plans``."""

    recipe: Recipe
    classes: int
    model: nn.Module
    """Owns the weights."""
    forward: Callable[[torch.Tensor], Any]
    """The model as Fabric runs it; gives logits N×classes (in train mode perhaps a tuple with auxiliary ones)."""
    train_mode: Callable[[nn.Module], object]
    """Switches to train mode; frozen parts stay in eval."""
    optimizer: Any
    scheduler: LRScheduler
    fabric: Fabric
    train: BatchSource
    validation: BatchSource | None
    checkpoints: Checkpoints
    score_start: bool
    """Whether the start is already a trained network, which the epochs have to beat."""
    on_batch_end: Callable[[], list[Event]] = list
    """Takes warnings that came up while reading pictures."""


def fit(plan: Plan, control: Control, state: FitState) -> Iterator[Event]:
    """Train ``plan.model`` and yield what happens; ``state`` says at every moment where it stands.

    Raises:
        StopRequested: after RunStopped was yielded.
        TrainingDiverged: the loss became infinite twice.
    """
    restore(plan, state)
    try:
        if state.epoch == 0:
            yield from open_training(plan, state, control)
        while not state.finished(plan.recipe):
            try:
                yield from run_epoch(plan, state, control)
            except TrainingDiverged:
                if state.rate_scale < 1:
                    raise
                yield roll_back(plan, state)
    except StopRequested:
        yield RunStopped(epoch=state.epoch)
        raise
    yield RunCompleted(epochs=state.epoch, best_epoch=state.best_epoch, seconds=state.seconds)


def open_training(plan: Plan, state: FitState, control: Control) -> Generator[Event, None, None]:
    """Score a warm start, and save the start, so that there is always something to go back to."""
    if plan.score_start and plan.validation is not None:
        score = yield from evaluate(plan, plan.validation, "validation", control)
        state.open_with(score)
        yield EvaluationDone(score=score)
    yield from plan.checkpoints.save(state, plan.model, plan.optimizer, plan.scheduler, is_best=plan.score_start)


def run_epoch(plan: Plan, state: FitState, control: Control) -> Generator[Event, None, None]:
    """Train, score and save one epoch."""
    start = time.perf_counter()
    rate = float(plan.scheduler.get_last_lr()[0])
    step = state.step
    train = yield from train_epoch(plan, state, control)
    validation = None
    if plan.validation is not None:
        validation = yield from evaluate(plan, plan.validation, "validation", control)
    is_best = state.close_epoch(train, validation)
    state.step = step + plan.train.steps()
    seconds = time.perf_counter() - start
    state.seconds += seconds
    yield from plan.checkpoints.save(state, plan.model, plan.optimizer, plan.scheduler, is_best=is_best)
    yield EpochDone(
        epoch=state.epoch,
        epochs=plan.recipe.epochs,
        seconds=seconds,
        learning_rate=rate,
        train_loss=train.loss,
        train_accuracy=train.accuracy,
        validation_loss=validation.loss if validation else None,
        validation_accuracy=validation.accuracy if validation else None,
        validation_images=validation.images if validation else 0,
        is_best=is_best,
    )


def train_epoch(plan: Plan, state: FitState, control: Control) -> Generator[Event, None, SplitScore]:
    """One pass over the training split; the score is counted while training."""
    seed_epoch(plan.recipe.seed, state.epoch)
    plan.train_mode(plan.model)
    counter = ScoreCounter(plan.classes)
    steps, start, reported = plan.train.steps(), time.perf_counter(), 0.0
    for number, (inputs, targets, _) in enumerate(plan.train.epoch(state.epoch), 1):
        yield from rest_point(control)
        loss = train_step(plan, inputs, targets, counter)
        yield from plan.on_batch_end()
        elapsed = time.perf_counter() - start
        if elapsed - reported > _REPORT_SECONDS or number == steps:
            reported = elapsed
            value = float(loss)
            if not math.isfinite(value):
                raise diverged(value)
            yield StepDone(
                epoch=state.epoch + 1,
                step=state.epoch * steps + number,
                steps=plan.recipe.epochs * steps,
                epochs=plan.recipe.epochs,
                loss=value,
                learning_rate=float(plan.scheduler.get_last_lr()[0]),
                images_per_second=counter.images / elapsed,
            )
    if not math.isfinite(counter.loss):
        raise diverged(counter.loss)
    return counter.score("train")


def train_step(plan: Plan, inputs: torch.Tensor, targets: torch.Tensor, counter: ScoreCounter) -> torch.Tensor:
    """One optimisation step; returns the loss without waiting for the device."""
    inputs, targets = plan.fabric.to_device((inputs, targets))
    logits, auxiliary = split_outputs(plan.forward(inputs))
    smoothing = plan.recipe.label_smoothing
    loss = functional.cross_entropy(logits, targets, label_smoothing=smoothing)
    for extra in auxiliary:
        loss = loss + 0.3 * functional.cross_entropy(extra, targets, label_smoothing=smoothing)
    plan.optimizer.zero_grad()
    plan.fabric.backward(loss)
    plan.optimizer.step()
    plan.scheduler.step()
    counter.add(logits, targets)
    return loss.detach()


def split_outputs(outputs: Any) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Main and auxiliary logits: in train mode googlenet and inception_v3 give named tuples.

    Auxiliary losses weigh 0.3, as in "Going Deeper with Convolutions" (Szegedy et al. 2014).
    """
    if isinstance(outputs, torch.Tensor):
        return outputs, []
    main, *auxiliary = outputs
    return main, [logits for logits in auxiliary if logits is not None]


def evaluate(plan: Plan, source: BatchSource, split: str, control: Control) -> Generator[Event, None, SplitScore]:
    """Score a split, every picture once."""
    plan.model.eval()
    counter = ScoreCounter(plan.classes)
    reported = time.perf_counter()
    for inputs, targets, _ in source.epoch(0):
        yield from rest_point(control)
        counter.add(eval_logits(plan, inputs), targets)
        if time.perf_counter() - reported > 1:
            reported = time.perf_counter()
            yield Progressed(done=counter.images, total=source.images, text=f"Checking on {split} pictures")
    return counter.score(split)


@torch.inference_mode()
def eval_logits(plan: Plan, inputs: torch.Tensor) -> torch.Tensor:
    """Logits N×classes in eval mode."""
    logits, _ = split_outputs(plan.forward(plan.fabric.to_device(inputs)))
    return logits


def restore(plan: Plan, state: FitState) -> None:
    """Bring the plan and the state to the newest checkpoint, if there is one."""
    content = plan.checkpoints.restore()
    if content is None:
        return
    plan.model.load_state_dict(content["model"], strict=False)
    plan.optimizer.load_state_dict(content["optimizer"])
    plan.scheduler.load_state_dict(content["scheduler"])
    for name in FitState.__dataclass_fields__:
        setattr(state, name, getattr(content["state"], name))


def roll_back(plan: Plan, state: FitState) -> Warned:
    """Go back to the last good state with half the learning rate, once."""
    restore(plan, state)
    state.rate_scale = 0.5
    for index, group in enumerate(plan.optimizer.param_groups):
        group["lr"] *= 0.5
        group["initial_lr"] *= 0.5
        plan.scheduler.base_lrs[index] *= 0.5
    return Warned(
        problem=Problem(
            kind="diverged",
            title="The error became infinite, so the learning rate was halved.",
            meaning=f"The training went back to the end of epoch {state.epoch} and goes on from there.",
        )
    )
