"""Jobs about networks, their weights, and the computer they run on."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import DeviceInfo, NetworkError, Watch, free_bytes, objects_that_stay, weights_folder
from cnnstudio.data import Dataset
from cnnstudio.data.reading import typical_side
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.jobs.measuring import measured_speeds
from cnnstudio.networks import (
    Catalogue,
    Speeds,
    WeightsReport,
    WeightsSources,
    load_sources,
    network_title,
    report_on,
    save_sources,
)
from cnnstudio.networks.anatomy.layers import Anatomy
from cnnstudio.networks.catalogue import recommend, registry


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp(Job[None]):
    """Import what the first training and the first prediction need, so that the first click does not wait for it."""

    def handle(self, watch: Watch) -> None:
        """Nothing but imports."""
        watch.check()
        with objects_that_stay():
            import cnnstudio.inference.session
            import cnnstudio.training.run_training  # noqa: F401


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNetworks(Job[Catalogue]):
    """Read torchvision's registry; gives the catalogue with ``local`` filled in."""

    folders: tuple[Path, ...] = ()
    """Where else to look for weights files."""

    def handle(self, watch: Watch) -> Catalogue:
        """The registry is read once per version of torchvision."""
        watch.check()
        return registry.load_catalogue(self.folders)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWeights(Job[WeightsReport]):
    """Which network a user's weights file fits, or whether it fits one."""

    lane: ClassVar[Lane] = "places"
    file: Path
    network: str = ""
    """Empty to find out."""

    def handle(self, watch: Watch) -> WeightsReport:
        """Raises WeightsError when it is damaged, unsafe, or made for another network."""
        watch.check()
        watch.progress(0, 0, f"Checking {self.file.name}…")
        return report_on(self.file, self.network, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadWeights(Job[Path]):
    """Fetch one weights entry of torchvision, with resume and hash check; gives the file."""

    lane: ClassVar[Lane] = "downloads"
    network: str
    entry: str

    def handle(self, watch: Watch) -> Path:
        """Raises NetworkError for an unknown entry, DownloadError when it cannot be fetched."""
        from cnnstudio.networks.builder import weights_entries
        from cnnstudio.networks.weights.store import download_weights

        entry = next((entry for entry in weights_entries(self.network) if entry.name == self.entry), None)
        if entry is None:
            raise NetworkError(
                f"{network_title(self.network)} has no weights called {self.entry}.",
                remedy="Choose them from the list.",
            )
        return download_weights(entry.url, entry.meta["_file_size"], watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsOnDisk:
    """Where weights come from, and what is on the disk."""

    sources: WeightsSources
    connected: frozenset[str]
    """Of the sources' folders, those that are there."""
    files: tuple[tuple[str, int], ...]
    """Names and bytes in the application's own folder; a name that ends in ``.part`` is unfinished."""
    free: int
    """Bytes of the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtWeights(Job[WeightsOnDisk]):
    """Read the sources of weights and the folder of downloads."""

    lane: ClassVar[Lane] = "places"

    def handle(self, watch: Watch) -> WeightsOnDisk:
        """Raises OSError when the folder may not be read."""
        watch.check()
        sources, folder = load_sources(), weights_folder()
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        return WeightsOnDisk(
            sources=sources,
            connected=frozenset(path for path in sources.folders if Path(path).is_dir()),
            files=tuple((path.name, path.stat().st_size) for path in files),
            free=free_bytes(folder),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSources(Job[WeightsSources]):
    """Look for weights in other places, and remember that."""

    lane: ClassVar[Lane] = "files"
    add: Path | None = None
    remove: tuple[str, ...] = ()
    mirror: str | None = None
    """None leaves it."""

    def handle(self, watch: Watch) -> WeightsSources:
        """Raises StorageError when it cannot be remembered."""
        sources = load_sources()
        if self.add is not None:
            sources = sources.with_folder(self.add)
        for folder in self.remove:
            sources = sources.without_folder(folder)
        if self.mirror is not None:
            sources = replace(sources, mirror=self.mirror)
        save_sources(sources)
        return sources


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWeights(Job[bool]):
    """Delete a downloaded weights file, or what there is of it; gives whether there was one."""

    file_name: str

    def handle(self, watch: Watch) -> bool:
        """Raises StorageError when it may not be deleted."""
        from cnnstudio.networks.weights.store import delete_download

        watch.check()
        return delete_download(self.file_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DissectNetwork(Job[Anatomy]):
    """Take a network apart, without its weights."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    network: str
    classes: int = 1000
    input_size: int = 0
    """Side in pixels; 0 takes what the network was made for."""

    def handle(self, watch: Watch) -> Anatomy:
        """Raises NetworkError when there is no such network, or it cannot take that input size."""
        from cnnstudio.networks.anatomy.dissect import dissect
        from cnnstudio.networks.builder import check_input_size

        watch.check()
        if self.input_size:
            check_input_size(self.network, self.input_size)
        return dissect(self.network, classes=self.classes, input_size=self.input_size or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpeeds(Job[Speeds]):
    """How long each network takes for a picture here; remembered."""

    lane: ClassVar[Lane] = "measuring"
    anew: bool = False
    """Measure again, though it was measured before."""

    def handle(self, watch: Watch) -> Speeds:
        """Raises DeviceError when this computer could not be measured."""
        return measured_speeds(watch, anew=self.anew)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendNetwork(Job[recommend.Advice]):
    """Which network suits a folder of pictures on this computer; general advice where no folder is open."""

    catalogue: Catalogue
    dataset: Dataset | None = None
    speeds: Speeds | None = None

    def handle(self, watch: Watch) -> recommend.Advice:
        """A few of the pictures are measured."""
        watch.check()
        pictures = None
        if self.dataset is not None and self.dataset.samples:
            pictures = recommend.Pictures(
                count=len(self.dataset.samples),
                classes=len(self.dataset.classes),
                side=typical_side([sample.path for sample in self.dataset.samples]),
            )
        return recommend.recommended(self.catalogue, pictures, self.speeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDevices(Job[tuple[DeviceInfo, ...]]):
    """Find devices that really work, best first."""

    def handle(self, watch: Watch) -> tuple[DeviceInfo, ...]:
        """Tries a real convolution on each."""
        from cnnstudio.compute.device import list_devices

        watch.check()
        return list_devices()
