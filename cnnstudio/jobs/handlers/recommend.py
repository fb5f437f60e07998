"""RecommendNetwork: which network suits a folder of pictures here."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.data.reading.picture_size import typical_side
from cnnstudio.jobs.specs import RecommendNetwork
from cnnstudio.networks.catalogue.recommend import Advice, Pictures, recommended


def run(spec: RecommendNetwork, _control: Control, _emit: Callable[[Event], None]) -> Advice:
    """The advice; general where no folder is open."""
    pictures = None
    if spec.dataset is not None and spec.dataset.samples:
        pictures = Pictures(
            count=len(spec.dataset.samples),
            classes=len(spec.dataset.classes),
            side=typical_side([sample.path for sample in spec.dataset.samples]),
        )
    return recommended(spec.catalogue, pictures, spec.speeds)
