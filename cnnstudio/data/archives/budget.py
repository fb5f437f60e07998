"""How much may come out of an archive: what there is room for, and no more than pictures could be."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import DatasetError, counted, size_in_words

_MOST_FILES = 2_000_000
_BLOCK = 4096
"""Bytes that a disk gives even to the smallest file."""
_LARGE, _RATIO = 1_000_000_000, 100
"""What becomes larger, and by more than so many times, is a trap: pictures hardly compress."""


@dataclass(slots=True)
class Budget:
    """What may still be unpacked, of an archive and of all that are in it."""

    archive: Path
    packed: int
    """Bytes on disk."""
    room: float
    """Bytes that may be used."""
    files: int = 0
    size: int = 0

    def take(self, sizes: Iterable[int]) -> None:
        """Count files that an archive announces, before any of them is written.

        Raises:
            DatasetError: it is too much.
        """
        for size in sizes:
            self.files += 1
            self.size += max(size, _BLOCK)
        if self.files > _MOST_FILES or self.size > self.room:
            raise DatasetError(
                f"There is not enough space to unpack {self.archive.name}: {counted(self.files, 'file')}, "
                f"{size_in_words(self.size)}.",
                remedy="Free some space, or unpack it elsewhere and open the folder.",
            )
        if self.size > _LARGE and self.size > _RATIO * self.packed:
            raise DatasetError(
                f"{self.archive.name} has {size_in_words(self.packed)} and would become more than "
                f"{size_in_words(self.size)}.",
                meaning="Pictures hardly get smaller in an archive, so it is damaged or a trap.",
                remedy="If you trust it, unpack it yourself and open the folder.",
            )
