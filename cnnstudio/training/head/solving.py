"""A run whose last layer is solved for, from its features to the scores.

Validation and training pictures are answered by heads that did not learn from them. The head that is delivered has
learned from both, and answers test pictures. Features of validation and test pictures are exact, as those of later
predictions; training pictures are read fast, for learning and where they are answered.
"""

import time
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import torch
from safetensors.torch import save

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import (
    Event,
    PhaseStarted,
    RunCompleted,
    RunStopped,
    StopRequested,
    only_progress,
    write_atomically,
)
from cnnstudio.data import Split
from cnnstudio.runs import Run
from cnnstudio.training.answering import Answered, answered_by
from cnnstudio.training.assembly import FrozenPart
from cnnstudio.training.base import TRAIN_HEAD_FILE
from cnnstudio.training.final_scores import exact_features
from cnnstudio.training.head.regression import Pictures, Solved, solve
from cnnstudio.training.loop import Checkpoint, Context, FitState, LinearHead


def solve_run(run: Run, context: Context, state: FitState) -> Generator[Event, None, list[Answered]]:
    """Solve, save, and put the head into the context's network.

    A stop or a kill costs what was computed since the features, and whoever resumes computes the same once more.

    Args:
        run: where the head from training pictures alone is kept, for runs that continue this one.
        context: of a recipe that asks for a regression.
        state: kept up to date; there are no epochs in it.

    Returns:
        The answers to training, validation and test pictures, as far as there are such.

    Raises:
        RunError, StorageError: the run cannot be written.
        StopRequested: a stop was asked for.
        TrainingDiverged: the features are no numbers.
    """
    part, checkpoints = FrozenPart(context=context), context.checkpoints
    features = yield from part.features(("train", "validation"), views=context.recipe.views)
    start = LinearHead(features["train"].values.shape[-1], context.classes)
    learned = start.linear.weight.numel() + start.linear.bias.numel()
    yield PhaseStarted(name=context.recipe.mode, trainable_parameters=learned, precision="fp32")
    if checkpoints.log is not None and context.world.is_first:
        checkpoints.log.rewind(0)
    begun = time.perf_counter()
    try:
        yield from checkpoints.save(_checkpoint(start, FitState(seconds=state.seconds)), is_best=False, at_once=True)
        solved = yield from solved_on(context, features)
    except StopRequested:
        yield RunStopped(epoch=0)
        raise
    state.seconds += time.perf_counter() - begun
    answered = out_of_fold(context, features, solved)
    by_split = {part.split: part.scored(context.classes).score for part in answered if part.held_out.any()}
    state.best_train, state.best_validation = by_split.get("train"), by_split.get("validation")
    if context.world.is_first:
        keep_train_head(run, solved.from_train)  # before the checkpoint: from then on the run may be continued
    yield from checkpoints.save(_checkpoint(solved.head, state), is_best=True, at_once=True)
    solved.head.put_into(context.base.network.cpu())
    yield RunCompleted(epochs=0, best_epoch=0, seconds=state.seconds)
    if not context.world.is_first:
        return answered
    return [*answered, *(yield from _test_answers(part, solved.head))]


def refit_start(run: Run, context: Context) -> Generator[Event, None, list[Answered]]:
    """Solve again where a training of more layers ends as it began: it gives no less than one of the last layer then.

    Its start has learned from training pictures alone, since validation pictures were to judge the epochs.

    Args:
        run: records it, and keeps the start for runs that continue this one.
        context: with a network as it was at the start, into which the last layer is put.

    Returns, raises:
        As ``solve_run``.
    """
    part = FrozenPart(context=context)
    features = yield from only_progress(part.features(("train", "validation")))
    solved = yield from only_progress(solved_on(context, features))
    answered = out_of_fold(context, features, solved)
    answered += yield from _test_answers(part, solved.head)
    keep_train_head(run, solved.from_train)
    run.update(refit_head=True)  # before there is a bundle: what it has learned from is read from the record
    solved.head.put_into(context.base.network.cpu())
    return answered


def forget_refit(run: Run) -> None:
    """The network that is delivered is that of an epoch, or a start that was not solved for.

    Raises:
        RunError, StorageError: the run cannot be written.
    """
    if run.record.refit_head:
        run.refuse_if_moved()
        run.update(refit_head=False)
        (run.folder / TRAIN_HEAD_FILE).unlink(missing_ok=True)


def _test_answers(part: FrozenPart, head: LinearHead) -> Generator[Event, None, list[Answered]]:
    test = yield from exact_features(part, "test")
    return [answered_by(head, test[split], split) for split in test]


def keep_train_head(run: Run, head: LinearHead) -> None:
    """Write the head that another run may start from: this run's own has learned from validation pictures, too.

    Raises:
        RunError: the folder was moved or deleted.
        StorageError: it cannot be written.
    """
    run.refuse_if_moved()
    weight, bias = head.on_plain_features()
    write_atomically(run.folder / TRAIN_HEAD_FILE, save({"weight": weight, "bias": bias}))


def solved_on(context: Context, features: dict[Split, Features]) -> Generator[Event, None, Solved]:
    """Solve on what there is of training and validation pictures; see ``regression.solve``."""
    samples = features["train"].samples
    pictures = Pictures(
        train=features["train"],
        validation=features.get("validation"),
        names=[context.dataset.name_of(sample.path) for sample in samples],
        groups=[sample.group for sample in samples],
    )
    balanced, control = context.recipe.balances, context.watch.control
    return (yield from solve(pictures, classes=context.classes, balanced=balanced, control=control))


def out_of_fold(context: Context, features: dict[Split, Features], solved: Solved) -> list[Answered]:
    """To training and validation pictures; those that nothing else could answer are answered by the delivered head."""
    found, start = list[Answered](), 0
    taught = context.base.before.used.taught_below_head(context.dataset, context.watch.control)
    for split in ("train", "validation"):
        if split in features:
            samples = features[split].samples
            fair = np.array([split != "train" or sample.path not in taught for sample in samples])
            part = answered_by(solved.head, features[split], split)
            rows = slice(start, start + len(samples))
            other = torch.from_numpy(solved.answered[rows])
            logits = torch.where(other[:, None], solved.logits[rows], part.logits)
            found.append(replace(part, logits=logits, held_out=solved.answered[rows] & fair, out_of_fold=True))
            start += len(samples)
    return found


def _checkpoint(head: LinearHead, state: FitState) -> Checkpoint:
    return Checkpoint(state=replace(state), part="head", model=head.state_dict())
