"""FineTune and ResumeRun: a run folder from the first event to the last, whatever happens in between."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import torch

from cnnstudio.compute.device import choose_device
from cnnstudio.core.codec import from_plain, to_plain
from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import DatasetError, RecipeError
from cnnstudio.core.events import RUN_EVENTS, Event
from cnnstudio.core.processes import process_rank
from cnnstudio.core.watch import Watch
from cnnstudio.data.dataset import Dataset, SplitSource
from cnnstudio.data.fingerprint import dataset_hash
from cnnstudio.data.project import open_dataset
from cnnstudio.data.reading.loader import Skips
from cnnstudio.data.splits.sample_list import SAMPLES_FILE, load_samples, save_samples
from cnnstudio.jobs.execute import StoppedWith, carry
from cnnstudio.jobs.explain import explain
from cnnstudio.jobs.specs.training import FineTune, ResumeRun
from cnnstudio.networks.weights.pretrained import WeightsFile
from cnnstudio.networks.weights.starter import SOURCE, is_starter
from cnnstudio.runs.lock import hold_project, hold_run, project_of
from cnnstudio.runs.record import RunRecord
from cnnstudio.runs.store import RECIPE_FILE, Run, create_run, now, open_run, take_over
from cnnstudio.training.base import Base, check_origin, find_weights_file, load_base
from cnnstudio.training.loop.checkpoint import SECONDS_BETWEEN, Checkpoints
from cnnstudio.training.loop.distributed import World, join, leave
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.recover import WEIGHTS_HASH, ensure_bundle, versions
from cnnstudio.training.run_training import Training, train

Emit = Callable[[Event], None]


def fine_tune(job: FineTune, watch: Watch) -> Run:
    """Train, and leave a run folder whose record says how it ended.

    Raises:
        StoppedWith: stopped on request; carries the run.
        StudioError: before the run folder exists nothing is left behind, after that the run is marked as failed.
    """
    with ExitStack() as held:
        return _to_its_end(open_training(job, watch, held), watch)


def resume(job: ResumeRun, watch: Watch) -> Run:
    """As ``fine_tune``, in a run folder that is there already."""
    with ExitStack() as held:
        return _to_its_end(_reopen(job, watch, held), watch)


def _to_its_end(training: Training, watch: Watch) -> Run:
    try:
        return _carry(training, watch.emit)
    except StopRequested as stop:
        raise StoppedWith(open_run(training.run.folder)) from stop
    except BaseException as error:
        if training.world.is_first:
            training.run.update(
                state="failed", owner=None, epochs_done=training.state.epoch, problem=explain(error).sentence()
            )
        raise


def _carry(training: Training, emit: Emit) -> Run:
    """Log what happens, then pass it on; of several processes only the first one talks."""
    log = training.run.log()

    def note(event: Event) -> None:
        if training.world.is_first:
            if isinstance(event, RUN_EVENTS):
                log.append(event)
            emit(event)

    done = carry(train(training), note)
    leave(training.world)
    return done


def open_training(spec: FineTune, watch: Watch, held: ExitStack | None = None) -> Training:
    """Check everything that can be wrong, then create the run folder; ``held`` keeps the locks of a real training."""
    recipe = spec.recipe.resolved()
    if held is not None and spec.runs_root is not None and process_rank() == 0:
        hold_project(spec.runs_root, held)
    dataset = spec.dataset or open_dataset(Path(recipe.dataset), recipe.split, watch=watch)
    _check_dataset(dataset)
    device = choose_device(recipe.device)
    world = join(device)
    if recipe.start_from:
        recipe = replace(recipe, start_from=str(_start(Path(recipe.start_from))))
    weights = _weights(recipe, watch, world)
    recipe = replace(recipe, dataset=str(dataset.root.absolute()), weights=_named(weights, recipe))
    base = load_base(recipe, dataset.classes, weights)
    record = RunRecord(
        name=f"{recipe.network}, {recipe.how.words}",
        state="running",
        created=now(),
        network=recipe.network,
        classes=dataset.classes,
        recipe=to_plain(recipe),
        dataset_hash=dataset_hash(dataset),
        environment={
            **versions(),
            "device": str(device),
            "split_source": dataset.split_source,
            "weights_origin": base.origin,
            WEIGHTS_HASH: base.weights_hash,
        },
    )
    if world.is_first:
        run = create_run(record, out=spec.out, root=spec.runs_root, held=held)
        recipe.save(run.folder / RECIPE_FILE)
        save_samples(run.folder / SAMPLES_FILE, dataset)
        world.from_first(run.folder)
    else:
        run = open_run(world.from_first(None))
    return _training(run, recipe, dataset, base, device, watch.control, world)


def _weights(recipe: Recipe, watch: Watch, world: World) -> WeightsFile | None:
    """Downloaded once, by the first process; the others find the file then."""
    if world.is_first:
        found = find_weights_file(recipe, watch)
        world.from_first(None)
        return found
    world.from_first(None)
    return find_weights_file(recipe, watch)


def _reopen(spec: ResumeRun, watch: Watch, held: ExitStack) -> Training:
    folder = spec.run
    stored = open_run(folder)
    if process_rank() == 0:
        if (project := project_of(folder)) is not None:
            hold_project(project, held)
        hold_run(folder, held)
    recipe = from_plain(Recipe, stored.record.recipe, what="recipe")
    if spec.epochs:
        if spec.epochs <= stored.record.epochs_done:
            raise RecipeError(
                f"The run {stored.record.name} already has {stored.record.epochs_done} epochs.",
                remedy="Give a larger number: it counts from the run's beginning.",
            )
        recipe = replace(recipe, epochs=spec.epochs)
    told = stored.record.environment.get("split_source", "")
    source = cast("SplitSource", told if told in get_args(SplitSource) else "stratified")
    dataset = load_samples(folder / SAMPLES_FILE, Path(recipe.dataset), stored.record.classes, source)
    device = choose_device(recipe.device)
    world = join(device)
    base = load_base(recipe, dataset.classes, _weights(recipe, watch, world))
    check_origin(base, stored.record.environment.get(WEIGHTS_HASH, ""))
    run = stored
    if world.is_first:
        run = take_over(stored).update(recipe=to_plain(recipe))
        recipe.save(folder / RECIPE_FILE)
    return _training(run, recipe, dataset, base, device, watch.control, world)


def _training(
    run: Run, recipe: Recipe, dataset: Dataset, base: Base, device: torch.device, control: Control, world: World
) -> Training:
    return Training(
        run=run,
        recipe=recipe,
        dataset=dataset,
        base=base,
        device=device,
        control=control,
        skips=Skips(total=len(dataset.samples)),
        checkpoints=Checkpoints(run.checkpoints, world, SECONDS_BETWEEN if recipe.how.on == "features" else 0.0),
        world=world,
    )


def _start(folder: Path) -> Path:
    """The run to go on from, with its bundle in place."""
    if (folder / "run.json").is_file():
        ensure_bundle(folder)
    return folder.absolute()


def _named(weights: WeightsFile | None, recipe: Recipe) -> str:
    """The recorded recipe names the file that was found, so that it repeats exactly."""
    if weights is not None and is_starter(weights.path):
        return SOURCE
    return str(weights.path.absolute()) if weights else recipe.weights


def _check_dataset(dataset: Dataset) -> None:
    trained = {sample.label for sample in dataset.split("train")}
    missing = [name for label, name in enumerate(dataset.classes) if label not in trained]
    if missing:
        raise DatasetError(
            f"There are no training pictures of: {', '.join(missing)}.",
            meaning="A network cannot learn a class that it never sees.",
            remedy="Add pictures to its training folder, or remove the class.",
        )
