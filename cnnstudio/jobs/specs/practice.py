"""Jobs about pictures to practise on: the sample that is drawn here, and well-known datasets."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core.errors import DatasetError
from cnnstudio.core.paths import data_folder
from cnnstudio.core.watch import Watch
from cnnstudio.data.practice.sets import SETS, PracticeSet, practice_set
from cnnstudio.jobs.job import Job, Lane


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
