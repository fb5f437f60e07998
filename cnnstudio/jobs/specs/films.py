"""The job about a film before it is played."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data.films import check_film
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFilm(Job[Path]):
    """Look whether a file is a film, which is decided by its content; gives the file."""

    lane: ClassVar[Lane] = "places"
    file: Path

    def handle(self, watch: Watch) -> Path:
        """Raises ImageError where it is none or cannot be opened."""
        watch.check()
        return check_film(self.file)
