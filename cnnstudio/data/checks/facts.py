"""What was found out about every picture of a folder, as one table: 60,000 rows take 15 MB."""

from dataclasses import dataclass, field

import numpy as np

from cnnstudio.data.dataset import FileProblem

TINY = 8
"""Side of the small copy that near-duplicates are compared by."""
ROW = np.dtype(
    [
        ("seen", "?"),  # looked at, so that everything else is known
        ("good", "?"),  # could be read
        ("size", "u8"),  # of the file in bytes, and
        ("time", "i8"),  # when it was changed, in ns: another of either means that it has to be looked at again
        ("content", "u8", 2),  # hash of the file's bytes
        ("look", "u8"),  # perceptual hash
        ("tiny", "u1", (TINY, TINY, 3)),
        ("width", "u4"),  # as stored, before EXIF orientation
        ("height", "u4"),
        ("spread", "f4"),  # standard deviation of the grey values, 0 to 128
        ("format", "u1"),  # index into image_reader.FORMATS
        ("rotated", "?"),  # turned by EXIF
        ("grey", "?"),  # no colour in it
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row per file, in the order in which they were listed."""

    table: np.ndarray
    """Of dtype ROW."""
    problems: dict[int, FileProblem] = field(default_factory=dict)
    """By row, for files that could not be read."""
