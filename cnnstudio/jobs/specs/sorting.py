"""Jobs of a person who sorts pictures into classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data.by_hand import Unsorted, copy_sorted, keep_sorting, unsorted_pictures
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs import now


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUnsorted(Job[Unsorted]):
    """Every picture of a folder or an archive, and what was decided about it so far."""

    lane: ClassVar[Lane] = "scanning"
    folder: Path

    def handle(self, watch: Watch) -> Unsorted:
        """Raises DatasetError when an archive cannot be unpacked."""
        return unsorted_pictures(self.folder, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAlike(Job[tuple[tuple[str, ...], ...]]):
    """Names of pictures in groups of those that are alike; features are kept, so that the next time takes seconds."""

    lane: ClassVar[Lane] = "predicting"
    root: Path
    names: tuple[str, ...]
    network: str

    def handle(self, watch: Watch) -> tuple[tuple[str, ...], ...]:
        """Raises WeightsError when no network is on this computer."""
        from cnnstudio.jobs.sorting import group_alike

        return group_alike(self.root, self.names, self.network, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSorting(Job[None]):
    """Remember what was sorted into which class, and what is skipped."""

    lane: ClassVar[Lane] = "files"
    root: Path
    names: tuple[str, ...]
    classes: Mapping[str, str]
    """By name."""
    skipped: frozenset[str]

    def handle(self, watch: Watch) -> None:
        """Raises NewerFormat or StorageError; then nothing changed."""
        keep_sorting(Unsorted(root=self.root, names=self.names, classes=self.classes, skipped=self.skipped), now())


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySorted(Job[Path]):
    """Copy what was sorted into a folder for each class; gives the folder that these are in."""

    lane: ClassVar[Lane] = "copying"
    root: Path
    classes: Mapping[str, str]
    """By name, relative to ``root``."""
    target: Path

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when something cannot be read or written."""
        pictures = Unsorted(root=self.root, names=tuple(self.classes), classes=self.classes, skipped=frozenset())
        return copy_sorted(pictures, self.target, watch)
