"""Jobs of the Lab: operations on a picture of one's own, while a slider moves."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.lab.convolution import Convolution
from cnnstudio.lab.drawing import View, planes_of
from cnnstudio.lab.operation import Operation
from cnnstudio.lab.pictures import SIDE, read_alike, read_small
from cnnstudio.lab.results import Tried
from cnnstudio.networks import ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForLab(Job[np.ndarray]):
    """Read pictures for the Lab: H×W×3 uint8 of one, N×side×side×3 of several, which are cropped to squares."""

    lane: ClassVar[Lane] = "viewing"
    pictures: tuple[Path, ...]
    side: int = SIDE
    """Of the longer side, at most."""

    def handle(self, watch: Watch) -> np.ndarray:
        """Raises ImageError when one cannot be read."""
        from cnnstudio.data.checks.first_reading import read_first

        for picture in self.pictures:
            watch.check()
            read_first(picture)
        return (
            read_small(self.pictures[0], self.side) if len(self.pictures) == 1 else read_alike(self.pictures, self.side)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TryOperations(Job[Tried]):
    """Apply operations one after the other; what cannot be is told beside its settings, nothing fails."""

    lane: ClassVar[Lane] = "trying"
    latest_wins: ClassVar[bool] = True
    pixels: np.ndarray
    """H×W×3 uint8, or N×H×W×3 for operations on a batch."""
    operations: tuple[Operation, ...]
    grey: bool = False
    view: View = "auto"

    def handle(self, watch: Watch) -> Tried:
        """Within a frame for one convolution of 256 × 256 px."""
        from cnnstudio.lab.applying import apply

        watch.check()
        return apply(self.operations, planes_of(self.pixels, grey=self.grey), self.view)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkFilters:
    """The filters of a network's first convolution, ready to be tried."""

    layer: str
    filters: tuple[Convolution, ...]
    """Each alone: what it makes of a picture from 0 to 1 is what the network has there, but for the padding, which is
    black here and the mean of ImageNet's pictures there."""
    pictures: np.ndarray
    """Of each, C×k×k×3 uint8: 128 is 0."""
    channels: int
    """Of the pictures that the network sees: 3, or 1 for grey ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFilters(Job[NetworkFilters]):
    """Take the filters of a network's first convolution as kernels."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef

    def handle(self, watch: Watch) -> NetworkFilters:
        """Raises NetworkError for a network without a convolution, WeightsError where its weights are not here."""
        from cnnstudio.jobs.trying import take_filters

        watch.check()
        return take_filters(self, watch)
