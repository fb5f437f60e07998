"""Jobs about what is inside a network: channels, what excites them, filters, before and after training."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks import ModelRef
from cnnstudio.understanding.inside.values import (
    BeforeAfter,
    By,
    CropPictures,
    Excited,
    FirstFilters,
    Ranking,
    Without,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankChannels(Job[Ranking]):
    """The channels of a layer by what they add to the score of a class; a pass there and a part of one back."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path
    layer: str = ""
    """Empty is the last one that says where."""
    label: str = ""
    """A class; empty is the answer."""
    by_strength: bool = False
    """The strongest maps first, in place of the largest contributions."""
    most: int = 64
    """Maps at most."""

    def handle(self, watch: Watch) -> Ranking:
        """Raises NetworkError for a layer or class that is not there, ImageError for an unreadable picture."""
        from cnnstudio.jobs.looking_inside import rank

        watch.check()
        return rank(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankBeside(RankChannels):
    """As ``RankChannels``, for one of several layers that are shown together: none of them is dropped."""

    latest_wins: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchOff(Job[Without]):
    """The answer when channels of a layer are switched off, or give only their average over a run's pictures."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path
    layer: str
    channels: tuple[int, ...]
    to_average: bool = False
    """Only of a run, which knows its pictures; takes some seconds the first time, and tells its progress."""

    def handle(self, watch: Watch) -> Without:
        """Raises NetworkError for a layer or channel that is not there, ImageError for an unreadable picture."""
        from cnnstudio.jobs.looking_inside import switch_off

        watch.check()
        return switch_off(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindExciting(Job[Excited]):
    """What excites the channels of some layers in a run's pictures, or where they are of most use; then remembered."""

    lane: ClassVar[Lane] = "measuring"
    latest_wins: ClassVar[bool] = True
    run: Path
    layers: tuple[str, ...] = ()
    """Empty are three: an early one, one in the middle, and the last."""
    by: By = "activation"

    def handle(self, watch: Watch) -> Excited:
        """Tells its progress. Raises RunError, DatasetError where there are no pictures, StopRequested."""
        from cnnstudio.jobs.looking_inside import find_in_run

        return find_in_run(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShowCrops(Job[tuple[CropPictures, ...]]):
    """Some channels of a layer as crops of pictures."""

    lane: ClassVar[Lane] = "viewing"
    model: ModelRef
    excited: Excited
    layer: str
    channels: tuple[int, ...]

    def handle(self, watch: Watch) -> tuple[CropPictures, ...]:
        """Raises StopRequested."""
        from cnnstudio.jobs.looking_inside import show_crops

        return show_crops(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowFilters(Job[FirstFilters]):
    """The first convolution as pictures, and as it was before the training where that is known."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef

    def handle(self, watch: Watch) -> FirstFilters:
        """Raises NetworkError for a network without a convolution."""
        from cnnstudio.jobs.looking_inside import show_filters

        watch.check()
        return show_filters(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareBefore(Job[BeforeAfter]):
    """A layer for one picture, before and after the training on one's own pictures."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path
    layer: str

    def handle(self, watch: Watch) -> BeforeAfter:
        """Raises WeightsError where the weights that the training started from are not on this computer."""
        from cnnstudio.jobs.looking_inside import compare_before

        watch.check()
        return compare_before(self, watch)
