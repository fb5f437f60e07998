"""Every network there is to choose, as values, and how long they take here. No torch."""

from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from cnnstudio import __version__
from cnnstudio.core import FormatError, StorageError, cache_folder, codec, load_sealed, save_sealed, this_computer
from cnnstudio.networks.kinds import FAMILIES
from cnnstudio.networks.weights.licences import restricts
from cnnstudio.networks.weights.packages import package_of

SCRATCH_SIZE = 96
_SEAL = "speeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsEntry:
    """One set of ImageNet weights, with the figures that were published."""

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
    """As published; it ends in the first 8 digits of the file's SHA-256."""
    recipe_url: str
    licence: str
    """Empty unless the weights carry a licence of their own."""
    is_default: bool
    local: str | None = None
    """Path of the file when it is on this computer."""

    @property
    def package(self) -> str:
        """The Python package that they come in; empty for those that are downloaded."""
        return package_of(self.url)

    @property
    def restricted(self) -> bool:
        """Whether the licence forbids commercial use, as that of SWAG weights does."""
        return restricts(self.licence)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEntry:
    """One classification network."""

    name: str
    """torchvision's builder, such as ``resnet18``, one of ours, such as ``lenet5``, or the key of one that a person
    built."""
    title: str
    """For people, such as ``ResNet-18``."""
    family: str
    """Such as ``ResNet``; a key of ``kinds.FAMILIES``, unless nobody has described it."""
    classic: bool = False
    """A small network that is trained from scratch: there are no weights of it."""
    parameters: int
    """With 1000 classes; a classic's with 10."""
    gflops: float
    """Multiplications per picture of ``input_size``, in thousand millions, as torchvision counts them."""
    input_size: int
    """Side of the square input in pixels: of its preferred weights, or what a classic was made for."""
    resize_size: int = 0
    """Length of the shorter side before the square of ``input_size`` is cut out of the middle, in pixels."""
    channels: int = 3
    """Of the input: 1 is grey."""
    min_size: int
    """Smallest input side the network takes, in pixels."""
    weights: tuple[WeightsEntry, ...]
    file: str = ""
    """Of one that a person built, its network file; its name is the key that says what is in it."""

    @property
    def default_weights(self) -> WeightsEntry | None:
        """The preferred set, unless its licence restricts use; then the best free one, if any."""
        free = [entry for entry in self.weights if not entry.restricted and entry.acc1 is not None]
        return next((entry for entry in free if entry.is_default), free[-1] if free else None)

    @property
    def shown_weights(self) -> WeightsEntry | None:
        """The weights whose figures stand for the network: local ones first, then the best free ones."""
        local = next((entry for entry in self.weights if entry.local and entry.acc1 is not None), None)
        return local or self.default_weights or next(iter(self.weights), None)

    @property
    def scratch_size(self) -> int:
        """A small side in pixels for training from scratch; 0, the network's own, where it takes no other."""
        family = FAMILIES.get(self.family)
        fixed = self.classic or (family is not None and not family.shrinks)
        return 0 if fixed else max(SCRATCH_SIZE, self.min_size)

    @property
    def crop_share(self) -> float:
        """Side of the square that is seen, as a share of the picture's shorter side."""
        return self.input_size / self.resize_size if self.resize_size else 1.0

    @property
    def is_local(self) -> bool:
        """Whether ImageNet weights of it, or the user's, are on this computer."""
        return self.local_weights is not None

    @property
    def local_weights(self) -> WeightsEntry | None:
        """What a training starts from without a download: ImageNet weights or the user's."""
        return next((entry for entry in self.weights if entry.local), None)

    def other_file(self, weights: str) -> Path | None:
        """The file that a recipe means by ``weights``; None for what a training starts from anyway."""
        path = Path(weights)
        published = next((entry for entry in self.weights if entry.file_name == path.name), None)
        if published is None:
            return path if path.is_absolute() else None
        return Path(published.local) if published.local and published is not self.local_weights else None

    @property
    def restricted(self) -> bool:
        """Whether all of its weights carry a licence that restricts their use."""
        return bool(self.weights) and all(entry.restricted for entry in self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every network of one torchvision version, and ours."""

    torchvision: str
    networks: tuple[NetworkEntry, ...]
    room_mb: float = 0.0
    """Free for downloads when it was read; 0 is not known."""

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
    """A run folder, a bundle as a folder or a file, or a torchvision network name."""
    weights: Path | None = None
    """Weights file or folder, for a network name; None looks on this computer."""
    mirror: bool = False
    """Answer with the mean over each picture and its mirror image."""

    def is_of(self, other: "ModelRef") -> bool:
        """Whether both are one model, however it answers."""
        return (self.source, self.weights) == (other.source, other.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Seconds per picture through the frozen network, without its head and without reading the file."""

    device: str
    """Where it was measured, such as ``cpu``."""
    machine: str
    """Processor and versions: another one, another measurement."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By name of a pretrained network, at its own input size."""
    measured: tuple[str, ...] = ()
    """Names that were really measured; the others are estimated from them."""

    def is_estimate(self, network: str) -> bool:
        """Whether a network's time was not measured itself."""
        return network not in self.measured


def load_speeds() -> Speeds | None:
    """What was measured on this computer with these versions; None when nothing was."""
    try:
        speeds = codec.from_plain(Speeds, load_sealed(_file(), _SEAL))
    except FormatError:
        return None
    return speeds if speeds.machine == this_machine() else None


def save_speeds(speeds: Speeds) -> None:
    """Remember a measurement; a disk that refuses costs twenty seconds the next time."""
    try:
        save_sealed(_file(), _SEAL, codec.to_plain(speeds))
    except StorageError:
        return


def this_machine() -> str:
    """What a measurement depends on, besides the device."""
    packages = (f"torch {version('torch')}", f"torchvision {version('torchvision')}", f"cnnstudio {__version__}")
    return ", ".join((this_computer(), *packages))


def _file() -> Path:
    return cache_folder() / "speeds.json"
