"""From a reference to a loaded model, and what it answers; a run that was cut off gets its bundle first."""

from dataclasses import replace
from pathlib import Path

from cnnstudio.core.control import StopRequested
from cnnstudio.core.watch import Watch
from cnnstudio.inference.predict import predict_many
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.session import Session, open_model
from cnnstudio.jobs.execute import StoppedWith
from cnnstudio.jobs.specs.models import Predict
from cnnstudio.networks.catalogue.entries import ModelRef
from cnnstudio.runs.store import RECORD_FILE
from cnnstudio.training.recover import ensure_bundle


def open_ref(ref: ModelRef) -> Session:
    """The model of a run folder, a bundle folder or a network name."""
    folder = Path(ref.source)
    if (folder / RECORD_FILE).is_file():
        ref = replace(ref, source=str(ensure_bundle(folder)))
    return open_model(ref)


def predict_all(job: Predict, watch: Watch) -> tuple[Prediction, ...]:
    """Every answer, handed over as it comes; a stop keeps those that came."""
    session = open_ref(job.model)
    answers: list[Prediction] = []
    try:
        for answer in predict_many(session, job.images, watch, top=job.top):
            answers.append(answer)
            watch.partial(answer)
    except StopRequested as stop:
        raise StoppedWith(tuple(answers)) from stop
    return tuple(answers)
