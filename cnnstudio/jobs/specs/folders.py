"""Jobs about folders of any number of pictures: a table, sorting, watching, embeddings."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.inference.embedding.results import Embedded
from cnnstudio.inference.folder.results import FolderAnswers, FolderSoFar, TableFacts, TableSpec, WatchState
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.sorting.results import Sorted, SortPlan, SortSpec, Undone
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FindUnsure(Job[tuple[Path, ...]]):
    """The pictures of a table at which somebody should look, the least sure first: unsure, unlike, between classes."""

    lane: ClassVar[Lane] = "asking"
    table: Path
    most: int = 500

    def handle(self, watch: Watch) -> tuple[Path, ...]:
        """Raises StorageError where the table cannot be read."""
        from cnnstudio.inference.folder.rows import unsure_pictures

        return unsure_pictures(self.table, self.most, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSorting(Streaming[SortPlan, FolderSoFar]):
    """Answer the pictures of a folder, and say what sorting them would do; nothing is sorted.

    The answers are kept in the cache, so that another threshold, another way or another try predicts nothing twice.
    """

    lane: ClassVar[Lane] = "folders"
    model: ModelRef
    sorting: SortSpec

    def handle(self, watch: Watch) -> SortPlan:
        """Raises DatasetError where there are no pictures, StorageError where the folders lie in each other."""
        from cnnstudio.jobs.folders import plan_sorting

        return plan_sorting(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SortPictures(Job[Sorted]):
    """Carry a plan out: nothing is moved, nothing is written over. Stopped, it raises StoppedWith Sorted."""

    lane: ClassVar[Lane] = "copying"
    plan: SortPlan

    def handle(self, watch: Watch) -> Sorted:
        """Raises StorageError where there is no room, or something else would be done than was planned."""
        from cnnstudio.jobs.folders import sort_pictures

        return sort_pictures(self.plan, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoSorting(Job[Undone]):
    """Remove what sorting has made in a folder and nobody has changed since; the pictures themselves stay."""

    lane: ClassVar[Lane] = "copying"
    out: Path

    def handle(self, watch: Watch) -> Undone:
        """Raises RunError where nothing was sorted into it."""
        from cnnstudio.inference.sorting.undoing import undo_sorting

        return undo_sorting(self.out, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFolder(Streaming[WatchState, Prediction | WatchState]):
    """Answer every picture that comes into a folder, each once, when it is whole; until it is stopped.

    Stopped, as it always is, it raises StoppedWith WatchState.
    """

    lane: ClassVar[Lane] = "watching"
    model: ModelRef
    folder: Path
    table: TableSpec | None = None
    """Where answers are also written; what it has is not asked again."""
    new_only: bool = False
    """Whether what is there at the beginning is passed over."""
    top: int = 5

    def handle(self, watch: Watch) -> WatchState:
        """Raises StudioError when the model cannot be loaded, StorageError when the table cannot be written."""
        from cnnstudio.jobs.folders import watch_folder

        return watch_folder(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedFolder(Job[Embedded]):
    """Write what the last layer works on, for each picture of a folder: for scikit-learn, similarity, TensorBoard."""

    lane: ClassVar[Lane] = "folders"
    model: ModelRef
    folder: Path
    out: Path
    """A folder that is new or empty."""
    projector: bool = True
    """With files for TensorBoard's projector."""

    def handle(self, watch: Watch) -> Embedded:
        """Raises DatasetError where there are no pictures, StorageError where there is no room."""
        from cnnstudio.jobs.folders import embed_folder

        return embed_folder(self, watch)
