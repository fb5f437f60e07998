"""Jobs about runs on disk: list them, read what happened, rename and delete them."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core.events import EpochDone
from cnnstudio.core.watch import Watch
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs.history import read_history
from cnnstudio.runs.store import Run, delete_run, list_runs, rename_run


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuns(Job[tuple[Run, ...]]):
    """The runs on a folder of pictures, newest first."""

    lane: ClassVar[Lane] = "files"
    folder: Path

    def handle(self, watch: Watch) -> tuple[Run, ...]:
        """Damaged ones are left out."""
        watch.check()
        return tuple(list_runs(project_folder(self.folder)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEpochs(Job[tuple[tuple[EpochDone, ...], ...]]):
    """The epochs of each of some run folders."""

    lane: ClassVar[Lane] = "files"
    runs: tuple[Path, ...]

    def handle(self, watch: Watch) -> tuple[tuple[EpochDone, ...], ...]:
        """Of a run without a log there are none."""
        watch.check()
        return tuple(read_history(run).epochs for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameRun(Job[Run]):
    """Change the name that people see."""

    lane: ClassVar[Lane] = "files"
    run: Run
    name: str

    def handle(self, watch: Watch) -> Run:
        """Raises StorageError when its record cannot be written."""
        return rename_run(self.run, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRun(Job[None]):
    """Remove a run folder with everything in it."""

    lane: ClassVar[Lane] = "files"
    run: Run

    def handle(self, watch: Watch) -> None:
        """Raises RunError while it is being worked on."""
        delete_run(self.run)
