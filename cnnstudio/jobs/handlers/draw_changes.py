"""DrawChanges: the augmentations of a training, on one picture, as the training applies them."""

from collections.abc import Callable

import numpy as np

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.data.dataset import Sample
from cnnstudio.data.reading.loader import read_for_training
from cnnstudio.data.spec import PreprocessSpec
from cnnstudio.jobs.specs import DrawChanges


def run(spec: DrawChanges, control: Control, _emit: Callable[[Event], None]) -> tuple[np.ndarray, ...]:
    """One draw per epoch, from the function that reads training pictures.

    Raises:
        ImageError: the picture cannot be read.
    """
    size = PreprocessSpec(resize=spec.side, crop=spec.side, interpolation=spec.interpolation)
    sample = Sample(spec.picture, 0, "train")
    drawn = []
    for epoch in range(spec.count):
        control.check()
        view = read_for_training(sample, size, spec.changes, (spec.seed, epoch, 0))
        if not isinstance(view, np.ndarray):
            raise view
        drawn.append(view)
    return tuple(drawn)
