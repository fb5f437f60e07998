"""Score a model on a folder of pictures: which of them count fairly, and which class of the model each one is."""

from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import open_frozen
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import (
    DatasetError,
    FolderScore,
    Problem,
    RunError,
    Warned,
    Watch,
    alike_key,
    counted,
    one_spelling,
)  # fmt: skip
from cnnstudio.data import Dataset, Sample, SplitSpec
from cnnstudio.data.project import open_dataset
from cnnstudio.data.reading import Skips
from cnnstudio.data.used import Used
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_answering
from cnnstudio.jobs.job import carry
from cnnstudio.networks import ModelRef
from cnnstudio.runs import RECORD_FILE, note_test_look, open_run
from cnnstudio.training.lineage import Trail
from cnnstudio.training.loop import score_pictures
from cnnstudio.training.recipe import recorded_split


def evaluate(job: specs.Evaluate, watch: Watch) -> FolderScore:
    """Score every readable picture that was asked for once, in full precision.

    Raises:
        DatasetError: there are no such pictures, or some are of classes that the model does not know.
    """
    folder = Path(job.model.source)
    session = open_answering(job.model, watch)
    run = open_run(folder) if (folder / RECORD_FILE).is_file() else None
    split_spec = (recorded_split(run.record.recipe) if run else None) or SplitSpec()
    dataset = open_dataset(job.folder, split_spec, fewest_classes=1, watch=watch)
    used = _used(job.model, Trail(control=watch.control, pictures=dataset.root))
    own = run is not None and run.record.dataset.resolve() == dataset.root.resolve()
    split, samples, learned = _chosen(job, dataset, used, watch, own=own)
    samples = _relabelled(dataset, samples, session.classes, watch)
    if not samples:
        raise DatasetError(
            f"There are no {split} pictures of the network's classes in {job.folder}.",
            remedy="Choose another folder or another split, or all pictures with --split all.",
        )
    frozen = open_frozen(session.network, session.preprocess, choose_device("auto"), "fp32")
    reading = Reading(watch.control, Skips(total=len(samples)))
    classes = len(session.classes)
    events = score_pictures(frozen, samples, session.preprocess, reading, split=split, classes=classes)
    scored = carry(events, watch.emit)
    if run is not None and own and split == "test":
        with suppress(RunError):  # it was moved away in the meantime
            note_test_look(folder)
    if run is not None and own and split in run.record.scores:  # such as validation, which chose the best epoch
        scored = scored.judged(chosen_among=run.record.scores[split].chosen_among)
    told = {each.name: getattr(scored.score, each.name) for each in fields(scored.score)}
    found = FolderScore(**told, learned=learned, unknown=used.unknown, classes=session.classes)
    return found if found.is_fair else replace(found, interval=None)


def _used(model: ModelRef, trail: Trail) -> Used:
    """What the network was trained with by us; of pretrained weights by others nothing is asked."""
    place = Path(model.source)
    if place.is_dir():
        return trail.used_by(place, delivered=True)
    return trail.used_by_weights(model.weights) if model.weights is not None and model.weights.is_file() else Used()


def _chosen(
    job: specs.Evaluate, dataset: Dataset, used: Used, watch: Watch, *, own: bool
) -> tuple[str, list[Sample], int]:
    """The split, its pictures, and how many of these the model was trained with; ``own`` are those of its run."""
    split = job.split or ("all" if dataset.split_source == "stratified" else "test")
    samples = [sample for sample in dataset.samples if split in ("all", sample.split)]
    known = used.among(dataset, samples, watch.control, chosen_by=split != "validation")
    if job.split or not known:  # asked for by name, they are scored whatever they are
        return split, samples, len(known)
    fair = [sample for sample in samples if sample.path not in known]
    if not fair:
        raise DatasetError(
            f"The network was trained with every picture in {job.folder}.",
            meaning="How many of them are correct says little about new pictures.",
            remedy="Choose pictures that it has not seen, or score these all the same with --split all.",
        )
    if own:  # what its own split keeps for that
        return "test", fair, 0
    title = (
        f"{counted(len(known), 'picture')} of {len(samples):,} were used to train the network, so they do not count."
    )
    watch.emit(Warned(problem=Problem(kind="trained-with", title=title, remedy="Score them, too, with --split all.")))
    return split, fair, 0


def _relabelled(dataset: Dataset, samples: list[Sample], classes: tuple[str, ...], watch: Watch) -> list[Sample]:
    """Class names decide, not the folder's order; pictures of classes the model does not know are an error.

    A name that is spelt almost like one of the model's counts as that, which is said.
    """
    alike: dict[str, list[str]] = {}
    for name in classes:
        alike.setdefault(alike_key(name), []).append(name)
    same = {one_spelling(name): name for name in reversed(classes)} | {name: name for name in classes}
    unknown = []
    for name in sorted({dataset.classes[sample.label] for sample in samples} - same.keys()):
        likes = alike.get(alike_key(name), [])
        if len(likes) != 1:
            unknown.append(name)
            continue
        same[name] = likes[0]
        title = f"The class {name} of the folder counts as {likes[0]}, which the network knows."
        watch.emit(Warned(problem=Problem(kind="alike-classes", title=title)))
    if unknown:
        raise DatasetError(
            f"The network does not know these classes: {', '.join(unknown[:8])}.",
            meaning="Pictures of them could never be recognised, so the accuracy would be meaningless.",
            remedy="Choose the folder the network was trained on, or one with the same class names.",
        )
    labels = {name: label for label, name in enumerate(classes)}
    target = [labels[same[name]] if name in same else -1 for name in dataset.classes]
    return [replace(sample, label=target[sample.label]) for sample in samples]
