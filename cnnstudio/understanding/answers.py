"""What a run's network says of each of its pictures: read from the run, or computed once and remembered."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import torch

from cnnstudio.compute.device import choose_device
from cnnstudio.core import Event, FormatError, RunError, StorageError, Warned, Watch, only_progress
from cnnstudio.data.reading import Skips
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.networks import head
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.runs import Answers, Run, load_answers, open_run, write_answers
from cnnstudio.training.answering import Answered, answered_by, gathered
from cnnstudio.training.assembly import FrozenPart
from cnnstudio.training.base import Base
from cnnstudio.training.fair_split import Before
from cnnstudio.training.final_scores import answers_by, exact_features, score_head
from cnnstudio.training.head.solving import out_of_fold, solved_on
from cnnstudio.training.lineage import Trail
from cnnstudio.training.loop import Context, LinearHead
from cnnstudio.training.loop.scoring import where_there_is_room
from cnnstudio.training.machine import precision
from cnnstudio.training.recipe import recipe_from_plain
from cnnstudio.training.recover import WEIGHTS_HASH, ensure_bundle

__all__ = ["Answers", "computed_answers", "read_answers"]


def read_answers(run: Run | Path) -> Answers:
    """What a run's network says of each of its pictures; features are None where they have to be computed again.

    Raises:
        RunError: it was not asked yet, as in runs of earlier versions; ``computed_answers`` does.
        FormatError: the file is damaged, or of a newer version.
    """
    folder = run if isinstance(run, Path) else run.folder
    try:
        return load_answers(folder)
    except OSError as error:
        raise RunError(
            f"The answers of {folder.name} to its own pictures were not kept.",
            meaning="A version before this one trained it, or the training was stopped before it had answered all.",
            remedy="Let them be computed once: it takes as long as predicting all of its pictures.",
            details=repr(error),
        ) from error


def computed_answers(folder: Path, watch: Watch) -> Generator[Event, None, Answers]:
    """As ``read_answers``, with features; what is missing is computed and kept.

    Yields:
        Progressed, Warned.

    Raises:
        RunError: there is no run, it is being trained, or it has nothing to predict with.
        DatasetError, StudioError: its pictures or its network cannot be opened.
        StopRequested: a stop was asked for; features that were computed until then stay in the cache.
    """
    try:
        found = read_answers(folder)
        if found.features is not None:
            return found
    except (RunError, FormatError):
        pass
    run = open_run(folder)
    if run.record.state == "running":
        raise RunError(f"The run {run.record.name} is still training.", remedy="Wait until it is done.")
    context = _context(run, watch)
    answered = yield from only_progress(_answered(context, watch, cross_validated=run.record.cross_validated))
    if not answered:
        raise RunError(
            f"None of the pictures of {run.record.name} can be read.",
            remedy=f"Put them back into {run.record.dataset}.",
        )
    found = gathered(answered, context.dataset, context.base.temperature)
    try:
        run.refuse_if_moved()
        write_answers(folder, found)
    except StorageError as error:  # computed again next time
        yield Warned(problem=error.problem)
    return found


def _context(run: Run, watch: Watch) -> Context:
    """Of a training that is over: its network as it predicts, without a temperature."""
    recipe = recipe_from_plain(run.record.recipe)
    network, card = load_bundle(ensure_bundle(run.folder))
    head.divide_head(network, 1 / card.temperature)
    dataset = load_samples(run.folder / SAMPLES_FILE, Path(recipe.dataset), run.record.classes, "stratified")
    if run.record.repeat is not None:
        dataset = dataset.without("test")
    used = Trail(control=watch.control, pictures=dataset.root).before_run(run.folder, run.record)
    base = Base(
        network=network,
        preprocess=card.preprocess,
        pretrained=True,
        trained_head=True,
        origin=run.folder.name,
        weights_hash=run.record.environment.get(WEIGHTS_HASH, ""),
        before=Before(used=used, ancestry=run.record.ancestry),
        temperature=card.temperature,
    )
    skips = Skips(total=len(dataset.samples))
    return Context(recipe=recipe, dataset=dataset, base=base, device=choose_device("auto"), skips=skips, watch=watch)


def _answered(context: Context, watch: Watch, *, cross_validated: bool) -> Generator[Event, None, list[Answered]]:
    if context.recipe.how.on != "features" and not cross_validated:
        answered = yield from where_there_is_room(context.device, lambda device: answers_by(context, device))
        watch.check()  # training pictures are left away after a stop
        return answered
    context = precision.decided(context)
    part = FrozenPart(context=context)
    views = context.recipe.views if context.recipe.how.on == "features" else 1
    features = yield from part.features(("train", "validation"), views=views)
    if cross_validated:
        solved = yield from solved_on(context, features)
        test = yield from exact_features(part, "test")
        delivered = _head_of(context)
        answered = out_of_fold(context, features, replace(solved, head=delivered))
        return [*answered, *(answered_by(delivered, test[split], split) for split in test)]
    return (yield from score_head(context, _head_of(context), features))


def _head_of(context: Context) -> LinearHead:
    """The last layer of the network that predicts."""
    layer = head.head_layer(context.base.network)
    assert layer.bias is not None  # as every head that was put into a network for a run's classes
    found = LinearHead(head.feature_size(context.base.network), context.classes)
    with torch.no_grad():
        found.linear.weight.copy_(layer.weight.flatten(1))
        found.linear.bias.copy_(layer.bias)
    return found
