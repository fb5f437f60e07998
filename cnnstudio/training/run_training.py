"""One training run from its recipe to its bundle: features or pictures, the loop, the best epoch, the final scores."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import count
from typing import TypeVar

import torch

from cnnstudio.compute.device import float32_depthwise
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import (
    CheckpointDamaged,
    Problem,
    SplitScore,
    StopRequested,
    StorageError,
    WeightsError,
    codec,
    events,
    give_back,
)
from cnnstudio.data import Split
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.runs import RECIPE_FILE, Run, RunState, write_answers, write_predictions
from cnnstudio.training import assembly, opening, recover
from cnnstudio.training.answering import Answered, gathered
from cnnstudio.training.final_scores import calibrated, results, score_head, score_network, with_pictures
from cnnstudio.training.head.preparing import prepare_head
from cnnstudio.training.head.solving import forget_refit, refit_start, solve_run
from cnnstudio.training.loop import Context, Plan, stoppable
from cnnstudio.training.loop.fit import fit
from cnnstudio.training.loop.scoring import answers
from cnnstudio.training.machine import precision, run_timing
from cnnstudio.training.recipe import DEPTHWISE

_Features = dict[Split, Features]
_PATIENCE_S = 60
T = TypeVar("T")


def train(training: opening.Training) -> Generator[events.Event, None, Run]:
    """Train, keep the best epoch as a bundle, and score it; returns the run as it is on disk then.

    Of several processes only the first scores and writes.

    Raises:
        CheckpointDamaged, NewerFormat: the run cannot be gone on with.
        RunError: its folder was moved or deleted.
        StorageError: what it gave cannot be written.
        StopRequested: a stop was asked for; the best epoch so far is kept as a bundle.
    """
    run, context = training.run, training.context
    yield from context.checkpoints.settle()
    if found := context.checkpoints.newest():
        training.state.become(found.state)
    yield _started(training)
    if context.base.notes:
        yield events.Warned(problem=Problem(kind=WeightsError.kind, title=" ".join(context.base.notes)))
    try:
        if "auto" in (context.recipe.precision, context.recipe.frozen):
            yield events.Progressed(done=0, total=0, text="Measuring how this computer computes it fastest")
        context = precision.decided(context)
        _record_recipe(run, context)
        if context.recipe.solves_head:
            answered = yield from solve_run(run, context, training.state)
        else:
            answered = yield from _fitted(training, context)
        if not context.world.is_first:
            return run
    except StopRequested:
        if context.world.is_first:
            scores = yield from _keep_best(training, context)
            _record(training, "stopped", scores)
        raise
    context = calibrated(context, answered)
    scored = yield from with_pictures(context, results(context, answered))
    compared = recover.epochs_compared(context.recipe, training.state.epoch, run.record.ancestry)
    scored = [part.judged(chosen_among=compared) if part.score.split == "validation" else part for part in scored]
    root, classes = context.dataset.root, context.dataset.classes
    yield from _kept(training, lambda: write_predictions(run.folder, answers(scored, root, classes)))
    for part in scored:
        yield events.EvaluationDone(score=part.score)
    scores = {part.score.split: part.score for part in scored}
    yield from _kept(training, lambda: recover.save_run_bundle(run, context.base, context.recipe, classes, scores))
    yield from _kept(training, lambda: recover.keep_last_layer(run, context.base, training.state))
    yield from _keep_answers(training, context, answered)
    yield from _kept(training, training.log.flush)
    scores = recover.scores_so_far(training.state, compared) | scores
    return (yield from _kept(training, lambda: _record(training, "finished", scores)))


def _fitted(training: opening.Training, context: Context) -> Generator[events.Event, None, list[Answered]]:
    """In epochs; the best of them is in the context's network then, and scored."""
    plan, features = yield from prepare(context)
    context = plan.context
    timed = run_timing.compared(training.context, plan, training.state)
    with float32_depthwise(plan.model, on=plan.depthwise_fp32), _stoppable(plan), timed:
        yield from fit(plan, training.state)
    plan.release()
    if not context.world.is_first:
        return []
    best = context.checkpoints.load_best()
    recover.load_trained(context.base.network.cpu(), best)
    if not training.state.best_epoch and _solved_start(training.context):
        return (yield from refit_start(training.run, context))
    forget_refit(training.run)
    if best.part == "head":
        return (yield from score_head(context, recover.head_of(best), features))
    return (yield from score_network(context))


def _solved_start(context: Context) -> bool:
    """Whether the network that the epochs began with had a last layer that was solved for."""
    base, recipe = context.base, context.recipe
    if recipe.how.on == "features" or recipe.head_solver != "regression":
        return False
    return base.solved_head or (base.pretrained and not base.trained_head)


def _keep_answers(
    training: opening.Training, context: Context, answered: list[Answered]
) -> Generator[events.Event, None, None]:
    """What a disk refuses is computed again when it is wanted, so that the training does not fail by it."""
    if any(part.split == "train" for part in answered):
        try:
            training.run.refuse_if_moved()
            write_answers(training.run.folder, gathered(answered, context.dataset, context.base.temperature))
        except StorageError as error:
            yield events.Warned(problem=error.problem)


def _kept(training: opening.Training, write: Callable[[], T]) -> Generator[events.Event, None, T]:
    """Write a part of what a training gave, which is worth waiting for: a full disk is said, and tried again.

    Raises:
        RunError: the run's folder was moved or deleted.
        StorageError: it cannot be written, nor could it for a minute.
    """
    for attempt in count():
        training.run.refuse_if_moved()
        try:
            return write()
        except StorageError as error:
            if not error.may_pass or attempt == _PATIENCE_S or training.context.watch.control.wait_for_stop(1):
                raise
            if attempt == 0:
                meaning = "The training is done, and what it gave waits up to a minute for room."
                yield events.Warned(problem=replace(error.problem, meaning=meaning))
    raise AssertionError


def prepare(context: Context) -> Generator[events.Event, None, tuple[Plan, _Features]]:
    """Everything up to the first step: features or a warmed-up head, the fastest way to compute, the plan.

    Returns the plan and, for a head, the features it is trained on.
    """
    context = precision.decided(context)
    features: _Features = {}
    if context.recipe.how.on == "features":
        part = assembly.FrozenPart(context=context)
        features = yield from part.features(("train", "validation"), views=context.recipe.views)
        plan = assembly.head_plan(context, features["train"], features.get("validation"))
    else:
        plan = yield from _network_plan(context)
    trained = sum(parameter.numel() for parameter in plan.model.parameters() if parameter.requires_grad)
    computes = "fp32" if plan.part == "head" else plan.recipe.plain_precision
    yield events.PhaseStarted(name=context.recipe.mode, trainable_parameters=trained, precision=computes)
    return plan, features


def _network_plan(context: Context) -> Generator[events.Event, None, Plan]:
    base = context.base
    if base.pretrained and not base.trained_head:
        if context.checkpoints.newest() is None:  # a checkpoint already holds the trained head
            yield from prepare_head(context)
        context = replace(context, base=replace(base, trained_head=True))
    apply_mode(base.network, context.recipe.mode)
    base.network.to(memory_format=torch.channels_last)
    plan = yield from _plan(context)
    give_back()  # the gaps that features and measurements left, into which no block of a step fits
    plan.depthwise_fp32 = context.recipe.precision == DEPTHWISE
    return plan


def _plan(context: Context) -> Generator[events.Event, None, Plan]:
    """On feature maps where the layers below are frozen and the maps fit into memory, else on pictures."""
    part = assembly.FrozenPart(context=context)
    cut = part.cut() if context.recipe.how.on == "maps" and context.world.size == 1 else None
    if cut is None:
        return assembly.network_plan(context)
    maps = yield from part.maps(cut, context.recipe.views)
    return assembly.stage_plan(context, cut, maps)


def _stoppable(plan: Plan) -> AbstractContextManager[None]:
    """Alone only: one process that ends a step early leaves the others waiting for its gradients.

    A head's steps are over before anyone could wait for them.
    """
    if plan.part == "head" or plan.world.size > 1:
        return nullcontext()
    return stoppable(plan.model, plan.context.watch.control)


def _keep_best(training: opening.Training, context: Context) -> Generator[events.Event, None, dict[str, SplitScore]]:
    """After a stop: the best so far becomes the bundle, be it an epoch or a start that could already predict."""
    run = training.run
    try:
        best = context.checkpoints.load_best()
        recover.load_trained(context.base.network.cpu(), best)
    except FileNotFoundError:
        return {}
    except CheckpointDamaged as error:
        yield events.Warned(problem=error.problem)
        return {}
    compared = recover.epochs_compared(context.recipe, training.state.epoch, run.record.ancestry)
    scores = recover.scores_so_far(best.state, compared, context.dataset.split("validation"))
    try:
        run.refuse_if_moved()
        recover.save_run_bundle(run, context.base, context.recipe, context.dataset.classes, scores)
    except StorageError as error:  # it is made of the checkpoint when it is wanted
        yield events.Warned(problem=error.problem)
    return scores


def _record(training: opening.Training, state: RunState, scores: dict[str, SplitScore]) -> Run:
    training.run.refuse_if_moved()
    return training.run.update(
        state=state,
        owner=None,
        epochs_done=training.state.epoch,
        best_epoch=training.state.best_epoch,
        seconds=training.state.seconds,
        scores=scores,
        skipped_images=len(training.context.skips.failed),
    )


def _record_recipe(run: Run, context: Context) -> None:
    """With what was measured, so that a resume, and whoever uses the recipe again, does not measure anew."""
    plain = codec.to_plain(context.recipe)
    if context.world.is_first and run.record.recipe != plain:
        run.refuse_if_moved()
        context.recipe.save(run.folder / RECIPE_FILE)
        run.update(recipe=plain)


def _started(training: opening.Training) -> events.RunStarted:
    context, recipe = training.context, training.context.recipe
    repeat = training.run.record.repeat
    return events.RunStarted(
        run=str(training.run.folder),
        network=recipe.network,
        mode=recipe.mode,
        device=str(context.device),
        precision=recipe.precision,
        epochs=recipe.epochs,
        first_epoch=training.state.epoch + 1,
        train_images=len(context.dataset.split("train")),
        validation_images=len(context.dataset.split("validation")),
        repeat=repeat.number if repeat else 0,
        repeats=repeat.of if repeat else 0,
    )
