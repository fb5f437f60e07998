"""Why a network answers as it does, for one picture."""

from pathlib import Path

import numpy as np
from PIL import Image

from cnnstudio.core import RunError, Watch
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.inference.session import Session, predict_probabilities, read_pixels_once
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_ref
from cnnstudio.jobs.job import carry
from cnnstudio.networks import ModelRef
from cnnstudio.runs import open_run
from cnnstudio.understanding.answers import computed_answers
from cnnstudio.understanding.why.alike import features_of, neighbours
from cnnstudio.understanding.why.covering import cover, occlusion
from cnnstudio.understanding.why.evidence import evidence
from cnnstudio.understanding.why.values import Explanation, Neighbours, Occlusion


def explain_answer(job: specs.ExplainAnswer, watch: Watch) -> Explanation:
    """For the answer and the runner-up; the mirror image is not looked at."""
    session, pixels = _opened(job.model, job.image, watch)
    return Explanation(path=job.image, labels=session.classes, pixels=pixels, evidence=evidence(session, pixels))


def explain_frame(job: specs.ExplainFrame, watch: Watch) -> Explanation:
    """As ``explain_answer``."""
    session = open_ref(job.model, watch)
    pixels = resize_and_crop(Image.fromarray(job.pixels), session.preprocess)
    return Explanation(path=Path(), labels=session.classes, pixels=pixels, evidence=evidence(session, pixels))


def find_alike(job: specs.FindAlike, watch: Watch) -> Neighbours:
    """Among the pictures that the run learned from.

    Raises:
        RunError: it does not know them, or they are gone.
    """
    session, pixels = _opened(ModelRef(source=str(job.run)), job.image, watch)
    answers = carry(computed_answers(job.run, watch), watch.emit)
    if answers.features is None:
        raise RunError(
            "What the network makes of its training pictures cannot be kept.",
            remedy="Make room on the disk of the cache folder, and try again.",
        )
    probabilities = predict_probabilities(session, pixels[None])[0]
    best = tuple(np.argsort(-probabilities, kind="stable")[:2].tolist())
    return neighbours(answers, open_run(job.run).record.dataset, features_of(session, pixels), best)


def cover_part(job: specs.CoverPart, watch: Watch) -> Prediction:
    """The answer to the picture with a part covered."""
    session, pixels = _opened(job.model, job.image, watch)
    covered = cover(pixels, job.box)
    probabilities = predict_probabilities(session, covered[None])[0]
    best = np.argsort(-probabilities, kind="stable").tolist()
    return Prediction(path=job.image, top=tuple(ClassScore(session.classes[i], float(probabilities[i])) for i in best))


def cover_squares(job: specs.CoverSquares, watch: Watch) -> Occlusion:
    """For the answer and the runner-up."""
    session, pixels = _opened(job.model, job.image, watch)
    probabilities = predict_probabilities(session, pixels[None])[0]
    best = np.argsort(-probabilities, kind="stable")[:2].tolist()
    return occlusion(session, pixels, best, watch)


def _opened(model: ModelRef, image: Path, watch: Watch) -> tuple[Session, np.ndarray]:
    session = open_ref(model, watch)
    return session, read_pixels_once(session, image)
