"""Begin a training, or go on with one: everything that can be wrong is found before the first picture is learned."""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast, get_args

from cnnstudio.compute.device import choose_device
from cnnstudio.core import DatasetError, Problem, RecipeError, Warned, Watch, codec, counted, process_rank
from cnnstudio.data import Dataset, SplitSource, dataset_hash, samples
from cnnstudio.data.checks.finding_words import sentence
from cnnstudio.data.contents import contents_of
from cnnstudio.data.project import open_dataset
from cnnstudio.data.reading import Skips
from cnnstudio.networks import network_title
from cnnstudio.networks.blocks.saved import plan_of
from cnnstudio.networks.bundle import recall_plan
from cnnstudio.networks.catalogue.registry import network_entry
from cnnstudio.networks.weights.pretrained import WeightsFile
from cnnstudio.runs import History, Repeat, RunRecord, create_run, hold_project, hold_run, project_of, store
from cnnstudio.training.base import bundle_in, check_origin, find_weights_file, load_base
from cnnstudio.training.fair_split import Before, as_before, fair_start
from cnnstudio.training.lineage import Trail
from cnnstudio.training.loop import ALONE, SECONDS_BETWEEN, Checkpoints, Context, FitState, World, join
from cnnstudio.training.machine.precision import as_begun
from cnnstudio.training.recipe import Recipe, complete, recipe_from_plain
from cnnstudio.training.recover import WEIGHTS_HASH, ensure_bundle, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A run that is being trained."""

    run: store.Run
    context: Context
    log: History
    state: FitState = field(default_factory=FitState)
    """Where it stands; the loop keeps it up to date."""


def open_context(recipe: Recipe, dataset: Dataset | None, watch: Watch, *, to_train: bool = True) -> Context:
    """What a recipe needs, with the recipe completed; no run folder yet.

    Args:
        recipe: as a person chose.
        dataset: the recipe's pictures, where they are open already.
        watch: of reading the folder and of a download.
        to_train: False only to measure: alone, without a download, and random weights will do.

    Raises:
        StudioError: pictures, network, weights and device do not go together, in plain words.
    """
    recipe.check_named()
    if dataset is None:
        if not recipe.dataset.strip():  # the empty path is the folder one is in
            raise RecipeError("The recipe names no folder of pictures.", remedy="Choose the folder.")
        dataset = open_dataset(Path(recipe.dataset), recipe.split, watch=watch)
        _warn_of_alike(dataset, watch)
    if to_train:
        _check_dataset(dataset)
    device = choose_device(recipe.device)
    world = join(device) if to_train else ALONE
    if to_train and (Path(recipe.start_from) / store.RECORD_FILE).is_file():
        if world.is_first:  # two that write one bundle would take it from each other
            ensure_bundle(Path(recipe.start_from))
        world.from_first(None)
    if recipe.start_from:
        recall_plan(bundle_in(Path(recipe.start_from)))
    plan_of(recipe.network)  # the disk is asked here, and not where recipes are completed
    weights = _weights(recipe, watch, world) if to_train else find_weights_file(recipe, watch, download=False)
    before = Before()
    if to_train:
        dataset = as_before(dataset, recipe, watch)
        dataset, before = fair_start(dataset, recipe, weights, watch)
    entry = partial(network_entry, recipe.network)
    recipe = complete(recipe, dataset, entry, weights.path if weights else None)
    return Context(
        recipe=recipe,
        dataset=dataset,
        base=replace(load_base(recipe, dataset.classes, weights), before=before),
        device=device,
        skips=Skips(total=len(dataset.samples)),
        watch=watch,
        world=world,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a new run belongs."""

    out: Path | None = None
    """The folder to create."""
    root: Path | None = None
    """Where to make one, when ``out`` is None; None is the user's runs folder."""
    repeat: Repeat | None = None
    """Which of several trainings it is."""


def open_training(context: Context, place: Place, held: ExitStack) -> Training:
    """Make the run folder of a training that begins.

    Args:
        context: with a complete recipe.
        place: where it belongs.
        held: keeps the run's lock.

    Raises:
        RunError, StorageError: the folder cannot be made.
    """
    recipe, dataset, base, world = context.recipe, context.dataset, context.base, context.world
    if not world.is_first:
        return _training(store.open_run(world.from_first(None)), context)
    record = RunRecord(
        name=", ".join(
            (network_title(recipe.network), recipe.how.words, *([place.repeat.words] if place.repeat else []))
        ),
        state="running",
        created=store.now(),
        network=recipe.network,
        classes=dataset.classes,
        recipe=codec.to_plain(recipe),
        dataset_hash=dataset_hash(dataset),
        environment={
            **versions(),
            "device": str(context.device),
            "split_source": dataset.split_source,
            "weights_origin": base.origin,
            WEIGHTS_HASH: base.weights_hash,
        },
        ancestry=base.before.ancestry,
        repeat=place.repeat,
    )
    names = [dataset.name_of(sample.path) for sample in dataset.samples]
    contents = contents_of(dataset.root, names, context.watch.control)

    def fill(folder: Path) -> None:
        recipe.save(folder / store.RECIPE_FILE)
        samples.save_samples(folder / samples.SAMPLES_FILE, dataset, contents)
        base.before.save(folder)

    run = create_run(record, out=place.out, root=place.root, held=held, fill=fill)
    world.from_first(run.folder)
    return _training(run, context)


def reopen_training(folder: Path, epochs: int, watch: Watch, held: ExitStack) -> Training:
    """Go on with a run, with the recipe that it recorded.

    Args:
        folder: the run's.
        epochs: to train in all, for a run that is to go on for longer; 0 keeps the recipe's.
        watch: of a download.
        held: keeps the locks of the run and its project.

    Raises:
        StudioError: pictures or weights are not those of the run any more, or another process works on it.
    """
    store.open_run(folder)
    if process_rank() == 0:
        if (project := project_of(folder)) is not None:
            hold_project(project, held)
        hold_run(folder, held)
    run = store.open_run(folder)  # once nobody else can change it
    recipe = recipe_from_plain(run.record.recipe)
    if epochs:
        recipe = replace(recipe, epochs=_more(epochs, run.record, recipe))
    told = run.record.environment.get("split_source", "")
    source = cast("SplitSource", told if told in get_args(SplitSource) else "stratified")
    dataset = samples.load_samples(folder / samples.SAMPLES_FILE, Path(recipe.dataset), run.record.classes, source)
    device = choose_device(recipe.device)
    world = join(device)
    weights = _weights(recipe, watch, world)
    if run.record.ancestry is None:  # as in runs that were begun before anybody compared their pictures
        dataset, before = fair_start(dataset, recipe, weights, watch)
    else:
        used = Trail(control=watch.control, pictures=dataset.root).before_run(folder, run.record)
        before = Before(used=used, ancestry=run.record.ancestry)
    base = replace(load_base(recipe, dataset.classes, weights), before=before)
    check_origin(base, run.record.environment.get(WEIGHTS_HASH, ""))
    recipe = as_begun(recipe, run.history(), base.network)
    if world.is_first:
        run = store.take_over(run).update(recipe=codec.to_plain(recipe), ancestry=before.ancestry)
        before.save(folder)
        recipe.save(folder / store.RECIPE_FILE)
    context = Context(
        recipe=recipe,
        dataset=dataset,
        base=base,
        device=device,
        skips=Skips(total=len(dataset.samples)),
        watch=watch,
        world=world,
    )
    return _training(run, context)


def _training(run: store.Run, context: Context) -> Training:
    if run.record.repeat is not None:  # what is repeated to see how sure a figure is looks at no test picture
        context = replace(context, dataset=context.dataset.without("test"))
    seconds = SECONDS_BETWEEN if context.recipe.how.on == "features" else 0.0
    log = run.log()
    checkpoints = Checkpoints(run.checkpoints, context.world, seconds, log)
    return Training(run=run, context=replace(context, checkpoints=checkpoints), log=log)


def _weights(recipe: Recipe, watch: Watch, world: World) -> WeightsFile | None:
    """Downloaded once, by the first process; the others find the file then."""
    if not world.is_first:
        world.from_first(None)
        return find_weights_file(recipe, Watch(watch.control))
    found = find_weights_file(recipe, watch)
    world.from_first(None)
    return found


def _more(epochs: int, record: RunRecord, recipe: Recipe) -> int:
    if recipe.solves_head:
        raise RecipeError(
            f"The run {record.name} has no epochs: its last layer was solved for, and is as good as it gets.",
            remedy="To make it better, start a training of more layers from it.",
        )
    if epochs <= record.epochs_done:
        raise RecipeError(
            f"The run {record.name} already has {counted(record.epochs_done, 'epoch')}.",
            remedy="Give a larger number: it counts from the run's beginning.",
        )
    return epochs


def _warn_of_alike(dataset: Dataset, watch: Watch) -> None:
    """A terminal shows no findings before it trains."""
    for finding in dataset.findings:
        if finding.merges:
            remedy = "If they are one class, merge them with: cnnstudio scan DATASET --merge-alike"
            watch.emit(Warned(problem=Problem(kind=finding.kind, title=sentence(finding), remedy=remedy)))


def _check_dataset(dataset: Dataset) -> None:
    trained = {sample.label for sample in dataset.split("train")}
    missing = [name for label, name in enumerate(dataset.classes) if label not in trained]
    if missing:
        raise DatasetError(
            f"There are no training pictures of: {', '.join(missing)}.",
            meaning="A network cannot learn a class that it never sees.",
            remedy="Add pictures to its training folder, or remove the class.",
        )
