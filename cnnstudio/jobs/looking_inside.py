"""What is inside a network, for one picture and over all pictures of a run."""

from pathlib import Path

import numpy as np

from cnnstudio.core import NetworkError, RunError, Watch, WeightsError
from cnnstudio.data import Sample
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.inference.feature_maps import describe
from cnnstudio.inference.session import Session, read_pixels_once
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_ref
from cnnstudio.networks import ModelRef
from cnnstudio.runs import open_run
from cnnstudio.understanding.inside.averages import channel_averages
from cnnstudio.understanding.inside.channels import rank_channels, without
from cnnstudio.understanding.inside.crops import crop_pictures, three_layers
from cnnstudio.understanding.inside.exciting import find_exciting
from cnnstudio.understanding.inside.training_effect import before_after, first_filters, start_of
from cnnstudio.understanding.inside.values import (
    BeforeAfter,
    CropPictures,
    Excited,
    FirstFilters,
    Ranking,
    Without,
)
from cnnstudio.understanding.why.evidence import last_layer


def rank(job: specs.RankChannels, watch: Watch) -> Ranking:
    """The channels of a layer for one picture and one class."""
    session, pixels = _opened(job.model, job.image, watch)
    return rank_channels(
        session, pixels, job.layer or last_layer(session), job.label, by_strength=job.by_strength, most=job.most
    )


def switch_off(job: specs.SwitchOff, watch: Watch) -> Without:
    """The answer without some channels.

    Raises:
        RunError, DatasetError: they are to give their average, and there are no pictures to take it over.
    """
    session, pixels = _opened(job.model, job.image, watch)
    if not job.to_average:
        return Without(top=without(session, pixels, job.layer, job.channels))
    average = session.averages.get(job.layer)
    if average is None:
        run = Path(job.model.source)
        average = channel_averages(session, _pictures_of(run), job.layer, watch)
    top = without(session, pixels, job.layer, job.channels, average.values)
    return Without(top=top, averaged=average.pictures)


def find_in_run(job: specs.FindExciting, watch: Watch) -> Excited:
    """Over the run's pictures.

    Raises:
        NetworkError: no layer of it has maps.
        RunError: it has no pictures.
        DatasetError: its list of pictures cannot be read, or their folder is gone.
    """
    session = open_ref(ModelRef(source=str(job.run)), watch)
    layers = job.layers or three_layers(describe(session).layers)
    if not layers:
        raise NetworkError(
            "This network has no channels that look at places.",
            meaning="It lays the picture out as one vector before its first layer with weights.",
        )
    return find_exciting(session, _pictures_of(job.run), layers, watch, job.by)


def show_crops(job: specs.ShowCrops, watch: Watch) -> tuple[CropPictures, ...]:
    """Some channels as crops."""
    session = open_ref(job.model, watch)
    return tuple(crop_pictures(session, job.excited, job.layer, job.channels, watch))


def show_filters(job: specs.ShowFilters, watch: Watch) -> FirstFilters:
    """The first convolution as pictures."""
    session = open_ref(job.model, watch)
    return first_filters(session, start_of(session))


def compare_before(job: specs.CompareBefore, watch: Watch) -> BeforeAfter:
    """One layer of two networks."""
    session, pixels = _opened(job.model, job.image, watch)
    before = start_of(session)
    if before is None:
        raise WeightsError(
            "What this network was before the training cannot be shown.",
            meaning="It started with nothing, or from weights that are not on this computer any more.",
        )
    return before_after(session, before, pixels, job.layer)


def _pictures_of(folder: Path) -> list[Sample]:
    """For learning and choosing: what chose nothing is left for the scores."""
    record = open_run(folder).record
    dataset = load_samples(folder / SAMPLES_FILE, record.dataset, record.classes, "stratified")
    samples = [sample for sample in dataset.samples if sample.split != "test"]
    if not samples:
        raise RunError(f"The run {record.name} has no pictures to look at.")
    return samples


def _opened(model: ModelRef, image: Path, watch: Watch) -> tuple[Session, np.ndarray]:
    session = open_ref(model, watch)
    return session, read_pixels_once(session, image)
