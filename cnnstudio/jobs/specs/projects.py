"""Jobs about projects: what Home tells of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.data.collect import folder_of_class
from cnnstudio.data.new_project import (
    Collected,
    begin_project,
    collected,
    note_collected,
    rename_class,
    usual_place,
)  # fmt: skip
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
    dataset: Dataset
    source: Path
    """What a person pointed at: the folder, or the archive that it was unpacked from."""

    def handle(self, watch: Watch) -> Overview:
        """Raises StorageError when the project's folder cannot be written."""
        watch.check()
        return note_opened(self.dataset, self.source, now())


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPlace(Job[Path]):
    """Where a new project would usually go."""

    lane: ClassVar[Lane] = "places"

    def handle(self, watch: Watch) -> Path:
        """Only looks."""
        watch.check()
        return usual_place()


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginProject(Job[Path]):
    """Make the folder of a new project; gives it."""

    lane: ClassVar[Lane] = "copying"
    place: Path
    name: str

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when nothing can be written there."""
        watch.check()
        return begin_project(self.place, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCollected(Job[tuple[Collected, ...]]):
    """The classes of a project that is being collected, with some of their pictures; also kept for the list."""

    lane: ClassVar[Lane] = "copying"
    root: Path
    names: tuple[str, ...] = ()
    """Folders of classes that may still be without pictures; they are made, so that they are there the next time."""

    def handle(self, watch: Watch) -> tuple[Collected, ...]:
        """Raises StorageError when the project's folder cannot be written."""
        watch.check()
        for name in self.names:
            folder_of_class(self.root, name).mkdir(parents=True, exist_ok=True)
        classes = collected(self.root)
        note_collected(self.root, classes, now())
        return classes


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPictures(Job[Path]):
    """A folder of pictures was moved: its runs and decisions go with it; gives the new place."""

    lane: ClassVar[Lane] = "files"
    before: Path
    now: Path

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when there is a project on the new place already, or ours cannot be written."""
        from cnnstudio.jobs.moving import follow_pictures

        watch.check()
        follow_pictures(self.before, self.now)
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameFolder(Job[Path]):
    """Give the folder of a class another name; gives where it is then."""

    lane: ClassVar[Lane] = "copying"
    folder: Path
    name: str

    def handle(self, watch: Watch) -> Path:
        """Raises DatasetError when there is one of this name, StorageError when it cannot be renamed."""
        watch.check()
        return rename_class(self.folder, self.name)
