"""The training loop: a generator of events, on two screens.

It never yields inside a grad-mode or autocast context: those belong to the thread and would stay on for the consumer
while the generator is suspended.
"""

import math
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace

import torch

from cnnstudio.core import (
    CheckpointDamaged,
    Problem,
    SplitScore,
    StopRequested,
    TrainingDiverged,
    counted,
    events,
    rest_point,
)
from cnnstudio.networks.freezing import open_groups
from cnnstudio.training.loop.batches import BatchSource, seed_epoch
from cnnstudio.training.loop.checkpoint import Checkpoint, FitState, diverged, not_of_this_run, put_weights
from cnnstudio.training.loop.inside import looking
from cnnstudio.training.loop.optimizer import rate_factor
from cnnstudio.training.loop.paired import Answers, Right
from cnnstudio.training.loop.plan import Plan
from cnnstudio.training.loop.scoring import ScoreCounter
from cnnstudio.training.loop.step import StepBrokenOff, split_outputs, train_step

_REPORT_SECONDS = 0.1
_SHARE_FOR_STATISTICS = 16
"""Below it the statistics of batch norm are noisy enough to cost accuracy (Wu & He 2018, "Group Normalization")."""


def fit(plan: Plan, state: FitState) -> Iterator[events.Event]:
    """Train ``plan.model`` and yield what happens; ``state`` says at every moment where it stands.

    Raises:
        CheckpointDamaged, NewerFormat: what was saved cannot be gone on from.
        RunError: the run's folder was moved or deleted.
        StopRequested: after RunStopped was yielded.
        TrainingDiverged: the loss became infinite twice.
    """
    restore(plan, state)
    if (log := plan.context.checkpoints.log) is not None and plan.world.is_first:
        log.rewind(state.epoch)
    yield from _told_of_small_shares(plan)
    try:
        if state.epoch == 0:
            yield from save_start(plan, state)
        while not state.finished(plan.recipe):
            try:
                yield from run_epoch(plan, state)
            except TrainingDiverged:
                if state.rate_scale < 1:
                    raise
                yield roll_back(plan, state)
            except StepBrokenOff:
                if plan.weight_by_weight:
                    raise
                yield once_more(plan, state)
    except StopRequested:
        yield from plan.context.checkpoints.write()
        yield events.RunStopped(epoch=state.epoch)
        raise
    yield events.RunCompleted(epochs=state.epoch, best_epoch=state.best_epoch, seconds=state.seconds)


def _told_of_small_shares(plan: Plan) -> Iterator[events.Event]:
    """Batch norm in each process sees its own pictures only; more than one process may need a larger batch."""
    size = plan.world.size
    share = plan.recipe.batch_size // size
    if size > 1 and share < _SHARE_FOR_STATISTICS and plan.statistics():
        yield events.Warned(
            problem=Problem(
                kind="processes",
                title=f"Each process gets {counted(share, 'picture')} of a batch, which is few for batch norm.",
                meaning="The network may become less accurate than one that a single process trains.",
                remedy=f"Choose a batch size of at least {_SHARE_FOR_STATISTICS * size}, or fewer processes.",
            )
        )


def save_start(plan: Plan, state: FitState) -> Generator[events.Event, None, None]:
    """Score a warm start, and save the start, so that there is always something to go back to."""
    if plan.starts_trained and plan.validation is not None:
        score, right = yield from evaluate(plan, plan.validation, "validation")
        state.open_with(score, right, balanced=plan.recipe.balances)
        yield events.EvaluationDone(score=score)
    yield from save(plan, state, is_best=plan.starts_trained)


def run_epoch(plan: Plan, state: FitState) -> Generator[events.Event, None, None]:
    """Train, score and save one epoch."""
    start = time.perf_counter()
    rate = float(plan.optimizer.param_groups[0]["lr"])
    step = state.step
    train = yield from train_epoch(plan, state)
    validation: SplitScore | None = None
    right: Right = ()
    if plan.validation is not None:
        validation, right = yield from evaluate(plan, plan.validation, "validation")
    balanced = plan.recipe.balances
    is_best = state.close_epoch(train, validation, right, newest=plan.newest_counts, balanced=balanced)
    state.step = step + plan.train.steps()
    seconds = time.perf_counter() - start
    state.seconds += seconds
    yield events.EpochDone(  # before the checkpoint, whose saving brings the line to disk
        epoch=state.epoch,
        epochs=plan.recipe.epochs,
        seconds=seconds,
        learning_rate=rate,
        train_loss=train.loss,
        train_accuracy=train.accuracy,
        validation_loss=validation.loss if validation else None,
        validation_accuracy=validation.accuracy if validation else None,
        validation_images=validation.images if validation else 0,
        validation_balanced_accuracy=validation.balanced_accuracy if validation else None,
        is_best=is_best,
    )
    yield from save(plan, state, is_best=is_best)


def save(plan: Plan, state: FitState, *, is_best: bool) -> Generator[events.Event, None, None]:
    """Hand over to the checkpoints what this epoch left."""
    at_once = state.epoch == 0 or state.finished(plan.recipe)
    yield from plan.context.checkpoints.save(plan.checkpoint(state), is_best=is_best, at_once=at_once)


def train_epoch(plan: Plan, state: FitState) -> Generator[events.Event, None, SplitScore]:
    """One pass over the training split; the score is counted while training."""
    seed_epoch(plan.recipe.seed, state.epoch, plan.world.rank)
    if plan.recipe.gradual_unfreezing:
        open_groups(plan.model, plan.groups, open_depth(plan, state.epoch))
    plan.to_train_mode()
    counter = ScoreCounter(plan.classes)
    steps, start, reported, value = plan.train.steps(), time.perf_counter(), 0.0, 0.0

    def together(stop: bool) -> bool:
        """Whether any process was asked to stop. One whose loss is no number ends the step in all of them."""
        stops, diverges = plan.world.any_each([stop, not math.isfinite(value)])
        if diverges:
            raise diverged(value)
        return stops

    for number, batch in enumerate(plan.train.epoch(state.epoch), 1):
        yield from rest_point(plan.context.watch.control, together)
        with looking(plan.inside, state.epoch * steps + number) as look:
            loss = train_step(plan, batch, counter)
        yield from plan.on_batch_end()
        if look is not None:
            yield look.seen(epoch=state.epoch + 1, pictures=len(batch.targets))
        elapsed = time.perf_counter() - start
        if elapsed - reported > _REPORT_SECONDS or number == steps:
            reported = elapsed
            value = float(loss)
            if not math.isfinite(value):
                continue
            yield events.StepDone(
                epoch=state.epoch + 1,
                step=state.epoch * steps + number,
                steps=plan.steps,
                epochs=plan.recipe.epochs,
                loss=value,
                learning_rate=float(plan.optimizer.param_groups[0]["lr"]),
                images_per_second=plan.world.size * counter.images / elapsed,
            )
    counter.add_up(plan.world)
    if plan.world.any_of(not math.isfinite(value + counter.loss)):
        raise diverged(counter.loss)
    plan.world.mean_(plan.statistics())
    return replace(counter.score("train"), origin="while-training")


def open_depth(plan: Plan, epoch: int) -> int:
    """How far down layers are trained in ``epoch``, from 0: one stage after the other joins in the first half."""
    deepest = max(group.depth for group in plan.groups)
    return math.ceil((deepest + 1) * epoch / max(1, plan.recipe.epochs / 2))


def evaluate(plan: Plan, source: BatchSource, split: str) -> Generator[events.Event, None, tuple[SplitScore, Right]]:
    """Score a split, every picture once; with which of them were recognised."""
    plan.scored.eval()
    plan.optimizer.zero_grad()  # gradients are as large as the weights
    counter, answers = ScoreCounter(plan.classes), Answers()
    watched = plan.watched if source is plan.validation else None
    reported = time.perf_counter()
    for batch in source.epoch(0):
        yield from rest_point(plan.context.watch.control, plan.world.any_of)
        if len(batch.targets):
            logits = eval_logits(plan, batch.inputs)
            counter.add(logits, batch.targets)
            answers.add(logits, batch.targets)
            if watched is not None:
                watched.note(batch.places, logits)
        if time.perf_counter() - reported > 1:
            reported = time.perf_counter()
            yield events.Progressed(done=counter.images, total=source.images, text=f"Scoring the {split} pictures")
    counter.add_up(plan.world)
    if watched is not None:
        yield watched.answered()
    return counter.score(split), answers.by_class(plan.classes, source.images, plan.world)


@torch.inference_mode()
def eval_logits(plan: Plan, inputs: torch.Tensor) -> torch.Tensor:
    """Logits N×classes in eval mode; in pieces where the memory is not enough.

    Raises:
        OutOfMemory: not even one picture at a time fits.
    """

    def compute(part: torch.Tensor) -> torch.Tensor:
        with plan.fabric.autocast():
            logits, _ = split_outputs(plan.scored(plan.on_device(part)))
        return logits.float()

    return torch.cat(plan.scored_at_once.computed(compute, inputs))


def restore(plan: Plan, state: FitState) -> None:
    """Bring the plan and the state to the newest checkpoint, if there is one.

    Raises:
        CheckpointDamaged, NewerFormat: it is not usable, or another training's.
    """
    checkpoints = plan.context.checkpoints
    found = checkpoints.take_newest()
    if found is None:
        return
    try:
        _restore(plan, found)
    except CheckpointDamaged:
        found = checkpoints.one_before()
        if found is None:
            raise
        _restore(plan, found)
    state.become(found.state)


def _restore(plan: Plan, found: Checkpoint) -> None:
    if found.part != plan.part or set(found.model) != plan.saved:
        raise not_of_this_run("it holds other layers")
    put_weights(plan.model, found.model)
    if plan.average is not None:
        put_weights(plan.average.module, found.average)
        plan.average.n_averaged.fill_(max(1, found.state.step))
    try:
        plan.optimizer.load_state_dict(found.optimizer)
        if plan.scaler is not None and found.scaler:
            plan.scaler.load_state_dict(found.scaler)
        plan.scheduler.load_state_dict(found.scheduler)
        factor = rate_factor(plan.recipe, found.state.step, plan.steps)
        for group, base in zip(plan.optimizer.param_groups, plan.scheduler.base_lrs, strict=True):
            group["lr"] = base * factor  # trained longer, the rate is not what it was at the end
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise not_of_this_run(repr(error)) from error


def roll_back(plan: Plan, state: FitState) -> events.Warned:
    """Go back to the last good state with half the learning rate, once."""
    restore(plan, state)
    state.rate_scale = 0.5
    for index, group in enumerate(plan.optimizer.param_groups):
        group["lr"] *= 0.5
        group["initial_lr"] *= 0.5
        plan.scheduler.base_lrs[index] *= 0.5
    return events.Warned(
        problem=Problem(
            kind="diverged",
            title="The error became infinite, so the learning rate was halved.",
            meaning=f"The training went back to the end of epoch {state.epoch} and continues from there.",
        )
    )


def once_more(plan: Plan, state: FitState) -> events.Warned:
    """Go back to the last good state, and have the optimiser take less memory from there on."""
    if plan.scaler is not None:
        with suppress(AssertionError):  # nothing was noted for the step yet
            plan.scaler.update()  # or the next step would find this one's notes
    restore(plan, state)
    plan.weight_by_weight = True
    for group in plan.optimizer.param_groups:
        group["foreach"] = False
    return events.Warned(
        problem=Problem(
            kind="memory",
            title="The memory was not enough for a step, so the weights are now changed one after the other.",
            meaning=f"The training went back to the end of epoch {state.epoch} and continues from there.",
        )
    )
