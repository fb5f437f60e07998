"""The networks torchvision offers, as values read from its registry. No torch until ``read_registry`` is called."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsEntry:
    """One set of ImageNet weights; figures as published with torchvision's weights."""

    name: str
    """Such as ``IMAGENET1K_V1``."""
    acc1: float | None
    """ImageNet top-1 accuracy in per cent; None for weights without a classifier, such as VGG-16's features."""
    acc5: float | None
    gflops: float
    file_size_mb: float
    input_size: int
    """Side of the square input, in pixels."""
    min_size: int
    url: str
    file_name: str
    """torchvision's own, which ends in the first 8 digits of the file's SHA-256."""
    recipe_url: str
    licence: str
    """Empty unless the weights carry a licence of their own; SWAG weights are non-commercial."""
    is_default: bool
    local: str | None = None
    """Path of the file when it is on this computer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEntry:
    """One torchvision classification network."""

    name: str
    """The builder's name, such as ``resnet18``."""
    title: str
    """For people, such as ``ResNet-18``."""
    family: str
    """Such as ``ResNet``."""
    parameters: int
    """With 1000 classes."""
    min_size: int
    """Smallest input side the network takes, in pixels."""
    weights: tuple[WeightsEntry, ...]

    @property
    def default_weights(self) -> WeightsEntry | None:
        """Torchvision's best set, unless its licence restricts use; then the best free one, if any."""
        free = [entry for entry in self.weights if not entry.licence and entry.acc1 is not None]
        return next((entry for entry in free if entry.is_default), free[-1] if free else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every network of one torchvision version."""

    torchvision: str
    networks: tuple[NetworkEntry, ...]

    def find(self, name: str) -> NetworkEntry | None:
        """The network of that builder name."""
        return next((network for network in self.networks if network.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInfo:
    """A layer whose feature maps can be looked at."""

    name: str
    """Dotted path in the network, such as ``features.3.expand3x3``."""
    kind: str
    """Class of the module, such as ``Conv2d``."""
    shape: tuple[int, ...]
    """Of its output for one picture, without the batch: C×H×W, or D for a vector."""
    depth: int
    """How deep it lies in the module tree, from 0."""
    is_stage: bool
    """Whether it ends a stage, and so is worth showing first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRef:
    """Where a predicting network comes from."""

    source: str
    """A run folder, a bundle folder, or a torchvision network name."""
    weights: Path | None = None
    """Weights file or folder, for a network name; None looks on this computer."""
