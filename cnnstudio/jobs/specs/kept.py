"""What is shown, kept as a file where a person wants it."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from cnnstudio.core import Watch, write_atomically, write_csv
from cnnstudio.jobs.job import Job, Lane

Rows = Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveTable(Job[Path]):
    """Write a table for spreadsheets; gives the file."""

    lane: ClassVar[Lane] = "copying"
    file: Path
    rows: Rows | Callable[[], Rows]
    """The titles of the columns first; or what gives them, where they are so many that nobody should wait for them."""

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when it cannot be written."""
        watch.check()
        write_csv(self.file, self.rows() if callable(self.rows) else self.rows)
        return self.file


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavePicture(Job[Path]):
    """Write what is seen as a PNG file; gives the file."""

    lane: ClassVar[Lane] = "copying"
    file: Path
    pixels: np.ndarray
    """H×W×3 uint8, or H×W×4 with opacity."""

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when it cannot be written."""
        watch.check()
        content = io.BytesIO()
        Image.fromarray(self.pixels).save(content, "PNG")
        write_atomically(self.file, content.getvalue())
        return self.file
