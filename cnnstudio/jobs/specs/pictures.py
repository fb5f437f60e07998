"""Jobs about folders of pictures, one's own and those to practise on."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cnnstudio.core import DatasetError, Watch, data_folder
from cnnstudio.data import LEVELS, AugmentSpec, Dataset, Interpolation, Levels, PreprocessSpec, Sample, SplitSpec
from cnnstudio.data.archives.kinds import is_archive
from cnnstudio.data.collect import add_pictures, dropped_paths, keep_frame
from cnnstudio.data.patterns import names_by_pattern
from cnnstudio.data.practice.sets import SETS, PracticeSet, practice_set
from cnnstudio.data.reading import SUFFIXES, why_no_picture
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks import WEIGHTS_SUFFIXES, is_network
from cnnstudio.networks.blocks.network_file import SUFFIX as NETWORK_SUFFIX
from cnnstudio.networks.bundle_file import is_bundle_file, is_bundle_folder

_KINDS = ("folders", "pictures", "weights", "networks", "trained", "others")
_RESIZED = 256 / 224
"""Shorter side after resizing, by the side of the square that is cropped: of most networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFolder(Job[Dataset]):
    """List a folder of pictures, or an archive of one."""

    lane: ClassVar[Lane] = "scanning"
    folder: Path
    split: SplitSpec | None = None
    """None is how the project has it."""
    redraw: bool = False
    """Draw ``split`` anew, and keep to it from now on."""
    names_are_labels: bool = False
    """A person agreed to take the classes from file names; the same as ``classes_from="names"``."""
    classes_from: str = ""
    """The key of the choice that a person made where the classes were unclear."""

    def handle(self, watch: Watch) -> Dataset:
        """The dataset; raises DatasetError when the folder cannot be used."""
        from cnnstudio.data.layouts.reading import NAMES
        from cnnstudio.data.project import open_dataset

        return open_dataset(
            self.folder,
            self.split,
            redraw=self.redraw,
            classes_from=self.classes_from or (NAMES if self.names_are_labels else ""),
            watch=watch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchNames(Job[tuple[str | None, ...]]):
    """What a person's pattern finds in the names of pictures; None where it finds nothing."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    names: tuple[str, ...]
    pattern: str

    def handle(self, watch: Watch) -> tuple[str | None, ...]:
        """Raises DatasetError when it takes too long."""
        watch.check()
        return tuple(names_by_pattern(self.names, self.pattern, watch.control))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPictures(Job[list[Path]]):
    """Copy pictures into a class folder, which is made where it is new; gives the new files."""

    lane: ClassVar[Lane] = "copying"
    pictures: tuple[Path, ...]
    folder: Path

    def handle(self, watch: Watch) -> list[Path]:
        """Raises DatasetError when there is no picture among them, StorageError when the folder cannot be written."""
        watch.check()
        return add_pictures(self.pictures, self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawChanges(Job[tuple[np.ndarray, ...]]):
    """How training would change a picture: one draw per epoch, side×side×3 uint8."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    picture: Path
    changes: AugmentSpec
    side: int
    interpolation: Interpolation = "bilinear"
    count: int = 16
    seed: int = 0
    levels: Levels = LEVELS
    """What is black and white in pictures of more than 8 bits."""

    def handle(self, watch: Watch) -> tuple[np.ndarray, ...]:
        """From the function that reads training pictures; raises ImageError when it cannot be read."""
        from cnnstudio.data.reading.loader import read_for_training

        resize = round(self.side * _RESIZED)  # what is scored, where nothing is cropped at random
        size = PreprocessSpec(resize=resize, crop=self.side, interpolation=self.interpolation, levels=self.levels)
        sample = Sample(self.picture, 0, "train")
        drawn = []
        for epoch in range(self.count):
            watch.check()
            view = read_for_training(sample, size, self.changes, (self.seed, epoch, 0))
            if not isinstance(view, np.ndarray):
                raise view
            drawn.append(view)
        return tuple(drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFrame(Job[Path]):
    """Write one picture of a recording into a class folder; gives the file."""

    lane: ClassVar[Lane] = "files"
    pixels: np.ndarray
    """H×W×3 uint8."""
    folder: Path
    stem: str
    """Of this recording."""
    number: int
    """Within it."""

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when the folder cannot be written."""
        return keep_frame(self.pixels, self.folder, self.stem, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What a person dropped or pasted, by what can be done with it."""

    folders: tuple[Path, ...] = ()
    """And archives, by their content."""
    pictures: tuple[Path, ...] = ()
    weights: tuple[Path, ...] = ()
    networks: tuple[Path, ...] = ()
    """Network files."""
    trained: tuple[Path, ...] = ()
    """Runs and bundles, which answer by themselves."""
    others: tuple[Path, ...] = ()
    """Files that are none of these."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of it."""
        return (*self.folders, *self.pictures, *self.weights, *self.networks, *self.trained, *self.others)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it exists."""
        return not self.paths


@dataclass(frozen=True, slots=True, kw_only=True)
class SortPaths(Job[Dropped]):
    """See what was dropped or pasted; what does not exist is in none of the groups."""

    lane: ClassVar[Lane] = "places"
    paths: tuple[Path, ...] = ()
    dropped: bytes = b""
    """More of them, as a list of URIs."""

    def handle(self, watch: Watch) -> Dropped:
        """Only looks; a drive that does not answer holds up nothing else."""
        watch.check()
        kinds: dict[str, list[Path]] = {kind: [] for kind in _KINDS}
        for path in _existing((*self.paths, *dropped_paths(self.dropped))):
            suffix = path.suffix.lower()
            if is_bundle_file(path) or any(map(is_bundle_folder, (path, path / "bundle"))):
                kinds["trained"].append(path)
            elif suffix in WEIGHTS_SUFFIXES or (is_network(path.name) and path.is_file()):
                kinds["weights"].append(path)
            elif path.is_dir() or (suffix not in SUFFIXES and is_archive(path)):
                kinds["folders"].append(path)
            elif suffix == NETWORK_SUFFIX:
                kinds["networks"].append(path)
            else:
                kinds["pictures" if why_no_picture(path) is None else "others"].append(path)
        return Dropped(**{kind: tuple(found) for kind, found in kinds.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingFolders(Job[tuple[Path, ...]]):
    """Which folders are there now, in their order."""

    lane: ClassVar[Lane] = "places"
    folders: tuple[Path, ...]

    def handle(self, watch: Watch) -> tuple[Path, ...]:
        """Only looks."""
        watch.check()
        return tuple(path for path in _existing(self.folders) if path.is_dir())


def _existing(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        with suppress(OSError, ValueError):  # such as a text that is too long to be a name
            if path.exists():
                yield path


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeSample(Job[Path]):
    """Draw the sample dataset if it is not there; gives its folder."""

    lane: ClassVar[Lane] = "scanning"

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when it cannot be written."""
        from cnnstudio.data.practice.sample_dataset import draw_sample

        watch.check()
        return draw_sample(data_folder() / "sample pictures")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPractice(Job[Path]):
    """Download a practice dataset if it is not here; gives its folder."""

    lane: ClassVar[Lane] = "downloads"
    name: str

    def handle(self, watch: Watch) -> Path:
        """Raises DatasetError for an unknown name, DownloadError when it cannot be fetched."""
        from cnnstudio.data.practice.prepare import prepare

        return prepare(_practice_set(self.name), watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPractice(Job[None]):
    """Throw away what came of a practice dataset's download."""

    lane: ClassVar[Lane] = "downloads"
    name: str

    def handle(self, watch: Watch) -> None:
        """Raises DatasetError for an unknown name."""
        from cnnstudio.data.practice.prepare import forget_download

        watch.check()
        forget_download(_practice_set(self.name))


@dataclass(frozen=True, slots=True)
class PracticeState:
    """What there is of a practice dataset."""

    here: bool
    """Its pictures are laid out."""
    part: int
    """Bytes of a download that has not finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForPractice(Job[PracticeState]):
    """Whether a practice dataset is on this computer."""

    lane: ClassVar[Lane] = "files"
    name: str

    def handle(self, watch: Watch) -> PracticeState:
        """Raises DatasetError for an unknown name."""
        from cnnstudio.data.practice.prepare import downloaded_bytes, practice_folder

        watch.check()
        wanted = _practice_set(self.name)
        return PracticeState(practice_folder(wanted).is_dir(), downloaded_bytes(wanted))


def _practice_set(name: str) -> PracticeSet:
    wanted = practice_set(name)
    if wanted is None:
        names = ", ".join(each.name for each in SETS)
        raise DatasetError(f"There is no practice dataset called {name}.", remedy=f"There are: {names}.")
    return wanted
