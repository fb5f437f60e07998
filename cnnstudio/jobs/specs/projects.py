"""Jobs about projects: what Home tells of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.data.overview import Overview, note_opened
from cnnstudio.jobs.job import Job, Lane, Streaming
from cnnstudio.jobs.projects import Project, list_projects
from cnnstudio.runs.store import now


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProjects(Streaming[tuple[Project, ...], Project]):
    """What is known of projects, handed over one by one in their order; their own folders are not touched."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    roots: tuple[Path, ...]

    def handle(self, watch: Watch) -> tuple[Project, ...]:
        """Raises StopRequested when a stop was asked for."""
        found = []
        for project in list_projects(self.roots, watch):
            watch.partial(project)
            found.append(project)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteProject(Job[Overview]):
    """Keep what there is to tell of a folder that was opened, with four of its pictures."""

    lane: ClassVar[Lane] = "places"
    latest_wins: ClassVar[bool] = True
    dataset: Dataset
    source: Path
    """What a person pointed at: the folder, or the archive that it was unpacked from."""

    def handle(self, watch: Watch) -> Overview:
        """Raises StorageError when the project's folder cannot be written."""
        watch.check()
        return note_opened(self.dataset, self.source, now())
