"""What was found out about every picture of a folder, as one table: 60,000 rows take 17 MB."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cnnstudio.data.dataset import FileProblem

TINY = 8
"""Side of the small copy that near-duplicates are compared by."""
ROW = np.dtype(
    [
        ("key", "u8", 2),  # of path, size and time: see fingerprint.sample_key
        ("content", "u8", 2),  # hash of the file's bytes
        ("look", "u8"),  # perceptual hash
        ("tiny", "u1", (TINY, TINY, 3)),
        ("width", "u4"),  # as stored, before EXIF orientation
        ("height", "u4"),
        ("spread", "f4"),  # standard deviation of the grey values, 0 to 128
        ("format", "u1"),  # index into image_reader.FORMATS
        ("rotated", "?"),  # turned by EXIF
        ("grey", "?"),  # no colour in it
        ("good", "?"),  # could be read
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row per file, in the order of ``paths``."""

    paths: tuple[Path, ...]
    table: np.ndarray
    """Of dtype ROW."""
    problems: dict[int, FileProblem] = field(default_factory=dict)
    """By row, for files that could not be read."""

    def row_of(self) -> dict[Path, int]:
        """Rows by path."""
        return {path: row for row, path in enumerate(self.paths)}
