"""The network of a run as it may judge pictures that it did not learn from, and these pictures."""

import copy
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import RunError
from cnnstudio.data import Sample, Split
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.inference.session import Session, open_model
from cnnstudio.networks import ModelRef
from cnnstudio.runs import Run
from cnnstudio.training.base import TRAIN_HEAD_FILE, take_train_head
from cnnstudio.training.recover import ensure_bundle


def judging_session(run: Run) -> Session:
    """The network that gave the run's scores: of a last layer that was solved for, the one from training pictures.

    The layer that is delivered has learned from validation pictures, too.

    Raises:
        RunError: there is nothing to predict with.
        WeightsError: the layer that did not learn from validation pictures is missing or damaged.
    """
    session = open_model(ModelRef(source=str(ensure_bundle(run.folder))))
    if not run.record.cross_validated:
        return session
    network = copy.deepcopy(session.network)
    take_train_head(network, run.folder / TRAIN_HEAD_FILE)
    return replace(session, network=network, lock=threading.Lock(), engines={}, variants={})


def held_out(run: Run, split: Split = "validation", most: int = 0) -> tuple[Sample, ...]:
    """The pictures of a split that the run was scored on, or so many of them, spread evenly over the classes' folders.

    Raises:
        DatasetError: the list of pictures cannot be read, or their folder is gone.
        RunError: there are none.
    """
    root = Path(run.record.recipe["dataset"])
    dataset = load_samples(run.folder / SAMPLES_FILE, root, run.record.classes, "stratified")
    scored = {answer.path for answer in run.predictions() if answer.split == split}
    samples = [sample for sample in dataset.split(split) if not scored or dataset.name_of(sample.path) in scored]
    if not samples:
        raise RunError(
            f"This run kept no pictures for {split}.",
            meaning="What it learned from would always look well recognised.",
            remedy="Choose another split, or train again with pictures kept for validation.",
        )
    return tuple(spread(samples, most))


def spread(samples: Sequence[Sample], most: int) -> Sequence[Sample]:
    """At most so many, at even distances; 0 for all."""
    if not most or len(samples) <= most:
        return samples
    return [samples[number * len(samples) // most] for number in range(most)]
