"""Requests as frozen values: what the window or the command line asks for. No torch, no Qt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnnstudio.data.dataset import Dataset
from cnnstudio.data.spec import AugmentSpec, Interpolation, Split, SplitSpec
from cnnstudio.networks.catalogue.entries import Catalogue, ModelRef
from cnnstudio.networks.catalogue.speeds import Speeds
from cnnstudio.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """Import the engine, so that the first click does not wait for it. Result: None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFolder:
    """List a folder of pictures, or a ZIP archive of one. Result: data.dataset.Dataset."""

    folder: Path
    split: SplitSpec | None = None
    """None is how the project has it."""
    redraw: bool = False
    """Draw ``split`` anew, and keep to it from now on."""
    names_are_labels: bool = False
    """A person agreed to take the classes from file names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPictures:
    """Copy pictures into a class folder. Result: list of the new files."""

    pictures: tuple[Path, ...]
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawChanges:
    """How training would change a picture. Result: tuple of arrays side×side×3 uint8."""

    picture: Path
    changes: AugmentSpec
    side: int
    interpolation: Interpolation = "bilinear"
    count: int = 16
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeSample:
    """Draw the sample dataset if it is not there. Result: Path of its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPractice:
    """Download a practice dataset if it is not here. Result: Path of its folder."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPractice:
    """Throw away what came of a practice dataset's download. Result: None."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNetworks:
    """Read torchvision's registry. Result: networks.catalogue.Catalogue, ``local`` filled in."""

    folders: tuple[Path, ...] = ()
    """Where else to look for weights files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWeights:
    """Which network a file fits, or whether it fits one. Result: networks.weights_report.WeightsReport."""

    file: Path
    network: str = ""
    """Empty to find out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadWeights:
    """Fetch one weights entry, with resume and hash check. Result: Path of the file."""

    network: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWeights:
    """Delete a downloaded weights file, or what there is of it. Result: whether there was one."""

    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DissectNetwork:
    """Take a network apart, without its weights. Result: networks.anatomy_card.Anatomy."""

    network: str
    classes: int = 1000
    input_size: int = 0
    """Side in pixels; 0 takes what the network was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpeeds:
    """How long each network takes for a picture here. Result: networks.speeds.Speeds; remembered."""

    anew: bool = False
    """Measure again, though it was measured before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendNetwork:
    """Which network suits a folder of pictures on this computer. Result: networks.recommend.Advice."""

    catalogue: Catalogue
    dataset: Dataset | None = None
    speeds: Speeds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDevices:
    """Find devices that really work. Result: tuple of training.device_choice.DeviceInfo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTune:
    """Train. Result: runs.store.Run. Emits the run events; a stop keeps the best so far."""

    recipe: Recipe
    out: Path | None = None
    """Run folder to create; None makes one under ``runs_root``."""
    runs_root: Path | None = None
    """None: the user's runs folder."""
    dataset: Dataset | None = None
    """As scanned by the window; None scans the recipe's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRun:
    """Go on with a stopped, failed or interrupted run, or train a finished one longer. Result: runs.store.Run."""

    run: Path
    epochs: int = 0
    """Epochs in all; 0 for those of its recipe. A finished run needs more than it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRun:
    """How long a recipe takes here, and how much memory. Result: training.estimate.Estimate."""

    recipe: Recipe
    dataset: Dataset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRate:
    """Try learning rates on a recipe. Result: training.rate_curve.RateCurve."""

    recipe: Recipe
    dataset: Dataset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """Score a model on one split of a folder. Result: core.events.SplitScore."""

    model: ModelRef
    folder: Path
    split: Split = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeModel:
    """Load a model and list its layers. Result: inference.results.ModelInfo."""

    model: ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """Top-k for pictures. Result: tuple of inference.results.Prediction, in the order of ``images``."""

    model: ModelRef
    images: tuple[Path, ...]
    top: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMaps:
    """Feature maps of one picture at one layer. Result: inference.results.FeatureMaps."""

    model: ModelRef
    image: Path
    layer: str
    max_tiles: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportModel:
    """Write a model for use elsewhere, load it back and check it. Result: export.results.ExportReport."""

    model: ModelRef
    format: Literal["bundle", "state-dict"]
    out: Path
    check_images: tuple[Path, ...] = ()
    """Real pictures for the check; a drawn one is used when empty."""


JobSpec = (
    WarmUp
    | ScanFolder
    | AddPictures
    | DrawChanges
    | MakeSample
    | FetchPractice
    | ForgetPractice
    | ListNetworks
    | CheckWeights
    | DownloadWeights
    | DeleteWeights
    | DissectNetwork
    | MeasureSpeeds
    | RecommendNetwork
    | ListDevices
    | FineTune
    | ResumeRun
    | EstimateRun
    | FindRate
    | Evaluate
    | DescribeModel
    | Predict
    | ShowMaps
    | ExportModel
)
