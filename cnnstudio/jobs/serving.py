"""A model that answers other programs; needs torch."""

import time
from pathlib import Path

from cnnstudio.core import ImageError, Watch
from cnnstudio.inference.answers import answer_of, with_verdicts
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.session import Session, predict_judged, read_pixels
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_answering
from cnnstudio.jobs.job import StoppedWith
from cnnstudio.service.contract import Answerer, Place, Served, origin_of
from cnnstudio.service.server import serve


def serve_model(job: specs.ServeModel, watch: Watch) -> Served:
    """Until a stop is asked for; as the job says."""
    place = Place(port=job.port, token=job.token, origins=tuple(map(origin_of, job.origins)))
    session = open_answering(job.model, watch)
    answerer = Answerer(
        title=session.title,
        labels=session.classes,
        predict=lambda picture, top: _predict(session, picture, top),
        threshold=session.refusal.threshold if session.refusal is not None else None,
    )
    raise StoppedWith(serve(answerer, place, watch))


def _predict(session: Session, picture: Path, top: int) -> Prediction:
    """As ``session.predict``, of a picture that nobody asks about again, so that it is not remembered."""
    start = time.perf_counter()
    try:
        pixels = read_pixels(session, picture)
    except ImageError as error:
        return Prediction(path=picture, top=(), error=str(error))
    probabilities, judged = predict_judged(session, pixels[None])
    found = answer_of(session, picture, probabilities[0], top, 1000 * (time.perf_counter() - start))
    return with_verdicts(session, [found], judged)[0]
