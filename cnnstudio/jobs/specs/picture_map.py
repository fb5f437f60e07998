"""The job that lays all pictures of a run out in a plane."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Lane, Streaming
from cnnstudio.understanding.outcomes import PictureMap


@dataclass(frozen=True, slots=True, kw_only=True)
class LayOutPictures(Streaming[PictureMap, PictureMap]):
    """A map of all pictures of a run by its final features; hands it over as it unfolds, and remembers it."""

    lane: ClassVar[Lane] = "judging"
    latest_wins: ClassVar[bool] = True
    run: Path

    def handle(self, watch: Watch) -> PictureMap:
        """Raises RunError or DatasetError where a run was not scored and its pictures are gone."""
        from cnnstudio.jobs.judging import lay_out

        return lay_out(self.run, watch)
