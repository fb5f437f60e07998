"""Jobs about folders of pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cnnstudio.core.errors import DatasetError
from cnnstudio.core.paths import data_folder
from cnnstudio.core.watch import Watch
from cnnstudio.data.collect import add_pictures
from cnnstudio.data.dataset import Dataset, Sample
from cnnstudio.data.practice.sets import SETS, PracticeSet, practice_set
from cnnstudio.data.project import open_dataset
from cnnstudio.data.spec import AugmentSpec, Interpolation, PreprocessSpec, SplitSpec
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFolder(Job[Dataset]):
    """List a folder of pictures, or a ZIP archive of one."""

    lane: ClassVar[Lane] = "scanning"
    folder: Path
    split: SplitSpec | None = None
    """None is how the project has it."""
    redraw: bool = False
    """Draw ``split`` anew, and keep to it from now on."""
    names_are_labels: bool = False
    """A person agreed to take the classes from file names."""

    def handle(self, watch: Watch) -> Dataset:
        """The dataset; raises DatasetError when the folder cannot be used."""
        return open_dataset(
            self.folder,
            self.split,
            redraw=self.redraw,
            names_are_labels=self.names_are_labels,
            watch=watch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPictures(Job[list[Path]]):
    """Copy pictures into a class folder, which is made where it is new; gives the new files."""

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

    def handle(self, watch: Watch) -> tuple[np.ndarray, ...]:
        """From the function that reads training pictures; raises ImageError when it cannot be read."""
        from cnnstudio.data.reading.loader import read_for_training

        size = PreprocessSpec(resize=self.side, crop=self.side, interpolation=self.interpolation)
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


def _practice_set(name: str) -> PracticeSet:
    wanted = practice_set(name)
    if wanted is None:
        names = ", ".join(each.name for each in SETS)
        raise DatasetError(f"There is no practice dataset called {name}.", remedy=f"There are: {names}.")
    return wanted
