"""One training run from its recipe to its bundle: features or pictures, the loop, the best epoch, the final scores."""

from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

import torch

from cnnstudio.compute.depthwise import float32_depthwise
from cnnstudio.compute.engines.frozen import open_frozen
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import CheckpointDamaged
from cnnstudio.core.events import EvaluationDone, Event, PhaseStarted, Progressed, RunStarted, Warned
from cnnstudio.core.scores import SplitScore
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.reading.loader import Skips
from cnnstudio.data.spec import SPLITS, Split
from cnnstudio.networks.cut import CutNetwork
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.runs.predictions import write_predictions
from cnnstudio.runs.record import RunState
from cnnstudio.runs.store import Run
from cnnstudio.training.assembly import head_plan, network_plan, stage_plan
from cnnstudio.training.base import Base
from cnnstudio.training.frozen_part import FrozenPart
from cnnstudio.training.loop.checkpoint import SECONDS_BETWEEN, Checkpoints
from cnnstudio.training.loop.distributed import ALONE, World
from cnnstudio.training.loop.fit import fit
from cnnstudio.training.loop.head import LinearHead
from cnnstudio.training.loop.interrupt import stoppable
from cnnstudio.training.loop.plan import Plan
from cnnstudio.training.loop.state import FitState
from cnnstudio.training.machine.step_speed import StepKind, fastest_step
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.recover import load_trained, save_run_bundle
from cnnstudio.training.scoring import Scored, answers, score_features, score_pictures


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
    world: World = ALONE
    state: FitState = field(default_factory=FitState)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.dataset.classes)

    @property
    def frozen_part(self) -> FrozenPart:
        """Reads pictures through frozen layers."""
        return FrozenPart(
            recipe=self.recipe,
            dataset=self.dataset,
            base=self.base,
            device=self.device,
            control=self.control,
            skips=self.skips,
        )


def train(training: Training) -> Generator[Event, None, Run]:
    """Train, keep the best epoch as a bundle, and score it; returns the run as it is on disk then.

    Of several processes only the first scores and writes.

    Raises:
        StopRequested: a stop was asked for; the best epoch so far is kept as a bundle.
    """
    yield _started(training)
    try:
        if training.recipe.how.on == "features":
            scored = yield from _train_head(training)
        else:
            scored = yield from _train_network(training)
    except StopRequested:
        if training.world.is_first:
            yield from _keep_best(training)
            _record(training, "stopped", {})
        raise
    if not training.world.is_first:
        return training.run
    write_predictions(training.run.folder, answers(scored, training.dataset.root, training.dataset.classes))
    for part in scored:
        yield EvaluationDone(score=part.score)
    scores = {part.score.split: part.score for part in scored}
    save_run_bundle(training.run, training.base, training.recipe, training.dataset.classes, scores)
    return _record(training, "finished", scores)


def prepare(training: Training) -> Generator[Event, None, tuple[Plan, dict[Split, Features]]]:
    """Everything up to the first step: features or a warmed-up head, the fastest way to compute, the plan.

    Returns the plan and, for a head, the features it is trained on.
    """
    recipe = training.recipe
    if recipe.how.on == "features":
        features = yield from training.frozen_part.features(("train", "validation"), views=recipe.views)
        validation = features.get("validation")
        plan = head_plan(recipe, training.classes, features["train"], validation, training.checkpoints)
    else:
        features = {}
        plan = yield from _network_plan(training)
    trained = sum(parameter.numel() for parameter in plan.model.parameters() if parameter.requires_grad)
    precision = training.recipe.precision if recipe.how.on != "features" else "fp32"
    yield PhaseStarted(name=recipe.mode, trainable_parameters=trained, precision=precision)
    return plan, features


def _train_head(training: Training) -> Generator[Event, None, list[Scored]]:
    plan, features = yield from prepare(training)
    yield from fit(plan, training.control, training.state)
    if not training.world.is_first:
        return []
    head = _best_head(plan)
    features |= yield from training.frozen_part.exact_features("test")
    head.put_into(training.base.network)
    return [score_features(head, features[split], split, training.classes) for split in SPLITS if split in features]


def _network_plan(training: Training) -> Generator[Event, None, Plan]:
    if training.base.pretrained and not training.base.trained_head:
        if training.checkpoints.restore() is None:  # a checkpoint already holds the trained head
            yield from _warm_up_head(training)
        training.base = replace(training.base, trained_head=True)
    kind = _step_kind(training)
    training.recipe = replace(training.recipe, precision=kind.precision)
    plan = yield from _plan(training)
    plan.depthwise_fp32 = kind.depthwise_fp32
    return plan


def _train_network(training: Training) -> Generator[Event, None, list[Scored]]:
    plan, _ = yield from prepare(training)
    with float32_depthwise(plan.model, on=plan.depthwise_fp32), _stoppable(training, plan):
        yield from fit(plan, training.control, training.state)
    if not training.world.is_first:
        return []
    network = training.base.network.cpu()
    load_trained(network, plan.checkpoints.load_best()["model"])
    scored = []
    for split in ("validation", "test"):
        part = yield from _score(training, split)
        if part.samples:
            scored.append(part)
    return scored


def _plan(training: Training) -> Generator[Event, None, Plan]:
    """On feature maps where the layers below are frozen and the maps fit into memory, else on pictures."""
    recipe, base = training.recipe, training.base
    part = training.frozen_part
    cut = part.cut() if recipe.how.on == "maps" and training.world.size == 1 else None
    if cut is not None:
        return (yield from _plan_on_maps(training, part, cut))
    return network_plan(
        recipe, base, training.dataset, training.device, training.skips, training.checkpoints, training.world
    )


def _plan_on_maps(training: Training, part: FrozenPart, cut: CutNetwork) -> Generator[Event, None, Plan]:
    maps = yield from part.maps(cut, training.recipe.views)
    groups = apply_mode(training.base.network, training.recipe.mode)
    return stage_plan(training.recipe, cut.top, groups, training.classes, maps, training.device, training.checkpoints)


def _step_kind(training: Training) -> StepKind:
    """All processes compute alike: the first one measures."""
    recipe, base = training.recipe, training.base
    apply_mode(base.network, recipe.mode)
    network = base.network.to(memory_format=torch.channels_last)
    name = f"{recipe.network} {recipe.mode}"
    kind = None
    if training.world.is_first:
        side, precision = base.preprocess.crop, recipe.precision
        kind = fastest_step(network, training.device, side, name=name, precision=precision, control=training.control)
    return training.world.from_first(kind)


def _stoppable(training: Training, plan: Plan) -> AbstractContextManager[None]:
    """Alone only: one process that ends a step early leaves the others waiting for its gradients."""
    return stoppable(plan.model, training.control) if training.world.size == 1 else nullcontext()


def _warm_up_head(training: Training) -> Generator[Event, None, None]:
    """Train the head on frozen features first, so that a random head does not tear up what the layers below know.

    Linear probing, then fine-tuning: Kumar et al. 2022, "Fine-Tuning can Distort Pretrained Features".
    """
    asked = training.recipe
    recipe = Recipe(
        dataset=asked.dataset, network=asked.network, seed=asked.seed, balance=asked.balance, augment=asked.augment
    ).resolved()
    features = yield from training.frozen_part.features(("train", "validation"))
    folder = Checkpoints(training.run.checkpoints / "head", training.world, SECONDS_BETWEEN)
    plan = head_plan(recipe, training.classes, features["train"], features.get("validation"), folder)
    state = FitState()
    for event in fit(plan, training.control, state):
        if isinstance(event, Warned):
            yield event
        else:
            yield Progressed(done=state.epoch, total=recipe.epochs, text="Preparing the last layer")
    _best_head(plan).put_into(training.base.network)


def _best_head(plan: Plan) -> LinearHead:
    assert isinstance(plan.model, LinearHead)
    plan.model.load_state_dict(plan.checkpoints.load_best()["model"])
    return plan.model


def _score(training: Training, split: Split) -> Generator[Event, None, Scored]:
    spec, samples = training.base.preprocess, training.dataset.split(split)
    frozen = open_frozen(training.base.network, spec, training.device, "fp32")
    reading = training.frozen_part.reading
    return (yield from score_pictures(frozen, samples, spec, reading, split=split, classes=training.classes))


def _keep_best(training: Training) -> Generator[Event, None, None]:
    """After a stop: the best so far becomes the bundle, be it an epoch or a start that could already predict."""
    network = training.base.network.cpu()
    try:
        load_trained(network, training.checkpoints.load_best()["model"])
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
        precision=recipe.precision,
        epochs=recipe.epochs,
        first_epoch=(done["state"].epoch if done else 0) + 1,
        train_images=len(training.dataset.split("train")),
        validation_images=len(training.dataset.split("validation")),
    )
