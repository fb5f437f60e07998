"""Jobs about folders of any number of pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.inference.folder.results import FolderAnswers, FolderSoFar, TableFacts, TableSpec
from cnnstudio.jobs.job import Job, Lane, Streaming
from cnnstudio.networks import ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictFolder(Streaming[FolderAnswers, FolderSoFar]):
    """Answer every picture of a folder into a table that grows on the disk; of 100,000 as of one.

    A stop, a kill or a power cut costs the last two seconds: the next one of the same table continues it, and what it
    gives is what an undisturbed one would have given. Stopped, it raises StoppedWith FolderAnswers.
    """

    lane: ClassVar[Lane] = "folders"
    model: ModelRef
    images: tuple[Path, ...]
    """Folders, or pictures."""
    table: TableSpec
    resume: bool = False
    """Continue a table that was begun, where there is one; else it is begun again."""

    def handle(self, watch: Watch) -> FolderAnswers:
        """Raises DatasetError where there are no pictures, RunError where the table is of another network."""
        from cnnstudio.jobs.folders import predict_folder

        return predict_folder(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtTable(Job[TableFacts | None]):
    """What an earlier beginning of a table left, so that a person can be asked whether to continue it."""

    lane: ClassVar[Lane] = "places"
    latest_wins: ClassVar[bool] = True
    file: Path

    def handle(self, watch: Watch) -> TableFacts | None:
        """None where nothing was begun, or nobody can know what."""
        from cnnstudio.inference.folder.state import look_at_table

        watch.check()
        return look_at_table(self.file)
