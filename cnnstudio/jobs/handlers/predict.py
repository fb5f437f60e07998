"""Predict, ShowMaps and DescribeModel."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event, Progressed
from cnnstudio.inference.feature_maps import describe, feature_maps
from cnnstudio.inference.predict import predict
from cnnstudio.inference.results import FeatureMaps, ModelInfo, Prediction
from cnnstudio.jobs.handlers.models import open_ref
from cnnstudio.jobs.specs import DescribeModel, Predict, ShowMaps


def run(
    spec: Predict | ShowMaps | DescribeModel, control: Control, emit: Callable[[Event], None]
) -> tuple[Prediction, ...] | FeatureMaps | ModelInfo:
    """Answers for pictures, maps of one picture, or the layers of a model."""
    session = open_ref(spec.model)
    if isinstance(spec, DescribeModel):
        return describe(session)
    if isinstance(spec, ShowMaps):
        return feature_maps(session, spec.image, spec.layer, spec.max_tiles)
    answers = []
    for done, path in enumerate(spec.images, 1):
        control.check()
        answers.append(predict(session, path, spec.top))
        emit(Progressed(done=done, total=len(spec.images), text="Looking at pictures"))
    return tuple(answers)
