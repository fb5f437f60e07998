"""One training run from its recipe to its bundle: features or pictures, the loop, the best epoch, the final scores."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace

import torch

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import CheckpointDamaged
from cnnstudio.core.events import EvaluationDone, Event, PhaseStarted, Progressed, RunStarted, SplitScore, Warned
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.loader import Skips
from cnnstudio.data.spec import Split
from cnnstudio.networks.fast_eval import FrozenNetwork, fastest_frozen
from cnnstudio.networks.head import feature_network
from cnnstudio.runs.record import RunState
from cnnstudio.runs.store import PREDICTIONS_FILE, Run
from cnnstudio.training.base import Base
from cnnstudio.training.checkpoint import Checkpoints
from cnnstudio.training.device import resolve_precision
from cnnstudio.training.feature_cache import Features, compute_features, feature_store
from cnnstudio.training.fit import Plan, fit
from cnnstudio.training.head import LinearHead
from cnnstudio.training.plans import head_plan, network_plan
from cnnstudio.training.recipe import DEFAULT_BATCH_SIZE, DEFAULT_EPOCHS, DEFAULT_LEARNING_RATE, Recipe
from cnnstudio.training.recover import load_trained, save_run_bundle
from cnnstudio.training.scoring import Scored, score_features, score_pictures, write_predictions
from cnnstudio.training.state import FitState


@dataclass(slots=True, kw_only=True)
class Training:
    """What the steps of a run share."""

    run: Run
    recipe: Recipe
    dataset: Dataset
    base: Base
    device: torch.device
    control: Control
    skips: Skips
    checkpoints: Checkpoints
    state: FitState = field(default_factory=FitState)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.dataset.classes)


def train(training: Training) -> Generator[Event, None, Run]:
    """Train, keep the best epoch as a bundle, and score it; returns the run as it is on disk then.

    Raises:
        StopRequested: a stop was asked for; the best epoch so far is kept as a bundle.
    """
    yield _started(training)
    try:
        if training.recipe.mode == "head":
            scored = yield from _train_head(training)
        else:
            scored = yield from _train_network(training)
    except StopRequested:
        yield from _keep_best(training)
        _record(training, "stopped", {})
        raise
    write_predictions(training.run.folder / PREDICTIONS_FILE, training.dataset.root, training.dataset.classes, scored)
    for part in scored:
        yield EvaluationDone(score=part.score)
    scores = {part.score.split: part.score for part in scored}
    save_run_bundle(training.run, training.base, training.recipe, training.dataset.classes, scores)
    return _record(training, "finished", scores)


def _train_head(training: Training) -> Generator[Event, None, list[Scored]]:
    features = yield from _fast_features(training, ("train", "validation"))
    plan = head_plan(
        training.recipe, training.classes, features["train"], features.get("validation"), training.checkpoints
    )
    yield PhaseStarted(name="head", trainable_parameters=sum(p.numel() for p in plan.model.parameters()))
    yield from fit(plan, training.control, training.state)
    head = LinearHead(features["train"].values.shape[1], training.classes)
    head.load_state_dict(plan.checkpoints.load_best()["model"])
    features |= yield from _exact_features(training, "test")
    head.put_into(training.base.network)
    return [score_features(head, part, split, training.classes) for split, part in features.items()]


def _train_network(training: Training) -> Generator[Event, None, list[Scored]]:
    if training.base.pretrained and not training.base.trained_head:
        if training.checkpoints.restore() is None:  # a checkpoint already holds the trained head
            yield from _warm_up_head(training)
        training.base = replace(training.base, trained_head=True)
    recipe, base = training.recipe, training.base
    plan = network_plan(recipe, base, training.dataset, training.device, training.skips, training.checkpoints)
    yield PhaseStarted(name=recipe.mode, trainable_parameters=_trainable(plan))
    yield from fit(plan, training.control, training.state)
    load_trained(base.network, plan.checkpoints.load_best()["model"])
    scored = []
    for split in ("validation", "test"):
        part = yield from _score(training, split)
        if part.samples:
            scored.append(part)
    return scored


def _score(training: Training, split: Split) -> Generator[Event, None, Scored]:
    return (
        yield from score_pictures(
            training.base.network,
            training.dataset.split(split),
            training.base.preprocess,
            training.device,
            split=split,
            classes=training.classes,
            control=training.control,
            skips=training.skips,
        )
    )


def _warm_up_head(training: Training) -> Generator[Event, None, None]:
    """Train the head on frozen features first, so that a random head does not tear up what the layers below know.

    Linear probing, then fine-tuning: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features".
    """
    recipe = replace(
        training.recipe,
        mode="head",
        epochs=DEFAULT_EPOCHS["head"],
        batch_size=DEFAULT_BATCH_SIZE["head"],
        learning_rate=DEFAULT_LEARNING_RATE["head"],
        patience=0,
    )
    features = yield from _fast_features(training, ("train", "validation"))
    folder = Checkpoints(training.run.checkpoints / "head")
    plan = head_plan(recipe, training.classes, features["train"], features.get("validation"), folder)
    state = FitState()
    for event in fit(plan, training.control, state):
        if isinstance(event, Warned):
            yield event
        else:
            yield Progressed(done=state.epoch, total=recipe.epochs, text="Preparing the last layer")
    head = LinearHead(features["train"].values.shape[1], training.classes)
    head.load_state_dict(plan.checkpoints.load_best()["model"])
    head.put_into(training.base.network)


def _fast_features(training: Training, splits: tuple[Split, ...]) -> Generator[Event, None, dict[str, Features]]:
    """Features for choosing, in the precision that is fastest on this machine."""
    yield PhaseStarted(name="features", trainable_parameters=0)
    base, recipe = training.base, training.recipe
    backbone = feature_network(base.network)
    size = base.preprocess.crop
    frozen = fastest_frozen(backbone, training.device, size, name=recipe.network, precision=recipe.precision)
    found: dict[str, Features] = {}
    for split in splits:
        part = yield from _features(training, frozen, split)
        if part.samples:
            found[split] = part
    return found


def _exact_features(training: Training, split: Split) -> Generator[Event, None, dict[str, Features]]:
    """Features in full precision, so that the number shown is what later predictions give."""
    frozen = FrozenNetwork(feature_network(training.base.network), training.device, torch.float32)
    part = yield from _features(training, frozen, split)
    return {split: part} if part.samples else {}


def _features(training: Training, frozen: FrozenNetwork, split: Split) -> Generator[Event, None, Features]:
    base = training.base
    return (
        yield from compute_features(
            training.dataset.split(split),
            frozen,
            base.preprocess,
            feature_store(
                training.dataset.root, training.recipe.network, base.weights_hash, base.preprocess, frozen.dtype
            ),
            control=training.control,
            skips=training.skips,
            text=f"Reading {split} pictures",
        )
    )


def _keep_best(training: Training) -> Generator[Event, None, None]:
    """After a stop: the best so far becomes the bundle, be it an epoch or a start that could already predict."""
    try:
        load_trained(training.base.network, training.checkpoints.load_best()["model"])
    except (CheckpointDamaged, FileNotFoundError) as error:
        if isinstance(error, CheckpointDamaged):
            yield Warned(problem=error.problem)
        return
    scores = _scores_so_far(training.state)
    save_run_bundle(training.run, training.base, training.recipe, training.dataset.classes, scores)


def _record(training: Training, state: RunState, scores: dict[str, SplitScore]) -> Run:
    return training.run.update(
        state=state,
        owner=None,
        epochs_done=training.state.epoch,
        best_epoch=training.state.best_epoch,
        seconds=training.state.seconds,
        scores=_scores_so_far(training.state) | scores,
        skipped_images=len(training.skips.failed),
    )


def _scores_so_far(state: FitState) -> dict[str, SplitScore]:
    """Scores of the best epoch as the loop saw them; exact ones replace them at the end."""
    found = (state.best_train, state.best_validation)
    return {score.split: score for score in found if score is not None}


def _started(training: Training) -> RunStarted:
    recipe = training.recipe
    done = training.checkpoints.restore()
    return RunStarted(
        run=str(training.run.folder),
        network=recipe.network,
        mode=recipe.mode,
        device=str(training.device),
        precision=resolve_precision(training.device, recipe.precision),
        epochs=recipe.epochs,
        first_epoch=(done["state"].epoch if done else 0) + 1,
        train_images=len(training.dataset.split("train")),
        validation_images=len(training.dataset.split("validation")),
    )


def _trainable(plan: Plan) -> int:
    return sum(parameter.numel() for parameter in plan.model.parameters() if parameter.requires_grad)
