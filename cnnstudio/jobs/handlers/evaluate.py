"""Evaluate: score a model on one split of a folder."""

from dataclasses import replace
from pathlib import Path

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines.frozen import open_frozen
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core.errors import DatasetError
from cnnstudio.core.scores import SplitScore
from cnnstudio.core.watch import Watch
from cnnstudio.data.dataset import Dataset, Sample
from cnnstudio.data.project import open_dataset
from cnnstudio.data.reading.loader import Skips
from cnnstudio.data.spec import SplitSpec
from cnnstudio.jobs.execute import carry
from cnnstudio.jobs.handlers.models import open_ref
from cnnstudio.jobs.specs.models import Evaluate
from cnnstudio.runs.store import RECORD_FILE, open_run
from cnnstudio.training.scoring import score_pictures


def evaluate(job: Evaluate, watch: Watch) -> SplitScore:
    """Score every readable picture of the split once, in full precision.

    Raises:
        DatasetError: the split has no pictures, or none of the model's classes.
    """
    folder = Path(job.model.source)
    is_run = (folder / RECORD_FILE).is_file()
    split_spec = SplitSpec(**open_run(folder).record.recipe["split"]) if is_run else SplitSpec()
    session = open_ref(job.model)

    dataset = open_dataset(job.folder, split_spec, watch=watch)
    samples = _relabelled(dataset, dataset.split(job.split), session.classes)
    if not samples:
        raise DatasetError(
            f"There are no {job.split} pictures of the model's classes in {job.folder}.",
            remedy="Choose another folder or another split.",
        )
    frozen = open_frozen(session.network, session.preprocess, choose_device("auto"), "fp32")
    reading = Reading(watch.control, Skips(total=len(samples)))
    classes = len(session.classes)
    events = score_pictures(frozen, samples, session.preprocess, reading, split=job.split, classes=classes)
    return carry(events, watch.emit).score


def _relabelled(dataset: Dataset, samples: tuple[Sample, ...], classes: tuple[str, ...]) -> list[Sample]:
    """Class names decide, not the folder's order; pictures of classes the model does not know are an error."""
    unknown = sorted({dataset.classes[sample.label] for sample in samples} - set(classes))
    if unknown:
        raise DatasetError(
            f"The model does not know these classes: {', '.join(unknown[:8])}.",
            meaning="Pictures of them could never be right, so the accuracy would be meaningless.",
            remedy="Choose the folder the model was trained on, or one with the same class names.",
        )
    return [replace(sample, label=classes.index(dataset.classes[sample.label])) for sample in samples]
