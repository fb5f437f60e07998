"""What is told of channels. Plain values, no torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from cnnstudio.inference.results import ClassScore, FeatureMaps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """The channels of one layer for one picture, with what each of them adds to the score of a class."""

    label: str
    """The class."""
    contributions: np.ndarray
    """C float32, in logits: below 0 speaks against it."""
    strengths: np.ndarray
    """C float32: the mean square of each map."""
    maps: FeatureMaps
    """In the order asked for, without those that are nothing."""
    top: tuple[ClassScore, ...]
    """The five most likely classes."""

    @property
    def order(self) -> tuple[int, ...]:
        """Every channel, the largest contribution for or against first."""
        return tuple(np.argsort(-np.abs(self.contributions), kind="stable").tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """The answer when some channels of a layer are switched off."""

    top: tuple[ClassScore, ...]
    """Every class, the most likely first."""
    averaged: int = 0
    """Pictures whose average these channels give; 0 where they give nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A part of a picture: what one value of a channel can see."""

    path: Path
    box: tuple[int, int, int, int]
    """Left, top, right and bottom in pixels of what the network sees."""
    activation: float
    """Or the contribution, where crops were found by that."""


By = Literal["activation", "contribution"]
"""What finds crops: where a channel is most active, or where it adds most to the answer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Excited:
    """What excites the channels of some layers among many pictures, or where they are of most use."""

    layers: tuple[str, ...]
    by: By = "activation"
    pictures: int
    """That were looked at."""
    of: int = 0
    """That there are, where not all were looked at."""
    crops: dict[str, tuple[tuple[Crop, ...], ...]]
    """By layer, for each channel: the strongest crops of different groups, the strongest first."""
    random: dict[str, tuple[Crop, ...]]
    """By layer: crops of as many pictures by chance, at a place by chance, to compare with."""
    silent: dict[str, tuple[int, ...]]
    """By layer: channels that were never active on these pictures, or never of use."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CropPictures:
    """The crops of one channel as pictures."""

    layer: str
    channel: int
    side: int
    """Of a crop in pixels of what the network sees; the whole picture is its largest."""
    exciting: tuple[np.ndarray, ...]
    """Each h×w×3 uint8, the strongest first."""
    random: tuple[np.ndarray, ...]
    paths: tuple[Path, ...]
    """Of the exciting ones."""
    silent: bool
    """Whether the channel was never active on these pictures, or never of use."""
    by: By = "activation"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirstFilters:
    """The weights of the first convolution as pictures."""

    layer: str
    pictures: np.ndarray
    """C×k×k×3 uint8; 128 is 0, and one scale is used for all of them."""
    before: np.ndarray | None
    """The same before the training on one's own pictures, on the same scale; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeforeAfter:
    """One layer for one picture, before and after the training on one's own pictures."""

    before: FeatureMaps
    after: FeatureMaps
    """The same channels, on the same scale; those whose weights changed most come first."""
    changes: tuple[float, ...]
    """Of these channels: the size of the change of the weights, relative to the weights before."""
    untouched: bool
    """Whether the layer's weights and all before them are exactly as they were."""
    origin: str
    """Name of the weights file that the training started from."""
