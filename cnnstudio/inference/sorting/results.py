"""What sorting pictures by their answers means, as plain values. No torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Way = Literal["copy", "link", "symlink"]
"""How a picture gets into its folder: as a copy, a hard link (a second name of the same file) or a symbolic link."""
UNSURE, UNLIKE = "unsure", "unlike"
"""Folders: of what is below the threshold or between two classes; of what is unlike anything learned from."""
JOURNAL_FILE = "sorted.journal.jsonl"
"""In the folder that is sorted into: what was made, so that exactly that can be removed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortSpec:
    """Which pictures go where."""

    folder: Path
    out: Path
    way: Way = "copy"
    threshold: float = 0.0
    """Smallest probability of an answer that is believed, in [0, 1]; pictures with less are unsure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFolder:
    """One of the folders, and what goes into it."""

    name: str
    """Under ``out``."""
    label: str
    """Its class; empty for unsure and unlike."""
    pictures: int
    bytes: int
    """Of these pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortPlan:
    """What would be done; nothing is, until ``SortPictures`` carries it out."""

    spec: SortSpec
    classes: tuple[str, ...]
    """The network's."""
    folders: tuple[PlannedFolder, ...]
    """Classes in the network's order, then unsure and unlike; without empty ones."""
    unreadable: int
    """Pictures without an answer; they stay where they are, and so do all others."""
    already: int
    """Pictures that an earlier sorting into the same folder has put there."""
    numbered: int
    """Pictures that get a number behind their name, since another one of that name goes there or is there."""
    bytes_needed: int
    """On the disk of ``out``."""
    bytes_free: int
    table: Path
    """The answers that this follows."""
    digest: str
    """Of all that is planned; ``SortPictures`` refuses to do another thing."""

    @property
    def pictures(self) -> int:
        """That would be sorted."""
        return sum(folder.pictures for folder in self.folders)

    @property
    def fits(self) -> bool:
        """Whether there is room for it."""
        return self.bytes_needed <= self.bytes_free


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What was done; after a stop, so far."""

    out: Path
    made: int
    total: int
    failed: tuple[tuple[str, str], ...] = ()
    """Pictures that could not be put there, by name, each with its reason in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What an undo removed, and what it left."""

    out: Path
    removed: int
    gone: int
    """Were not there any more."""
    changed: tuple[str, ...] = ()
    """Changed since they were made, so they are kept; relative to ``out``."""
    failed: tuple[tuple[str, str], ...] = ()
    """Could not be removed, each with its reason in a sentence; the journal keeps them for another try."""
