"""``embeddings.npy``, ``index.csv`` and what explains them, written a piece at a time. No torch."""

import io
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from cnnstudio.core import csv_text, printable
from cnnstudio.inference.embedding.code import code_for
from cnnstudio.inference.embedding.labels import Known

EMBEDDINGS_FILE, INDEX_FILE, UNREADABLE_FILE, README_FILE = (
    "embeddings.npy", "index.csv", "unreadable.csv", "README.txt",
)  # fmt: skip
_COLUMNS = ("row", "path", "class", "split")
_README = """\
What the last layer of {title} works on, for {pictures}: {size} values each.

embeddings.npy   one row for each picture, float32
index.csv        row, path, class and split of each picture, in the same order

With NumPy, pandas and scikit-learn:

{code}
{classes}
"""
_SOME = "A class is empty where nobody knows it; such rows are left out."
_ONE = "All pictures whose class is known are of one class, so there is nothing to tell apart."
_NONE = "The class of no picture is known. It would be, were they in a folder for each class."
_PROJECTOR = """
The folder projector shows {shown} as points. Install TensorBoard and look at them:

tensorboard --logdir projector
"""


class EmbeddingFiles:
    """The files of a folder, as a context manager."""

    def __init__(self, folder: Path, size: int) -> None:
        """Begin them; ``size`` is D, the values of a row."""
        self._folder, self._size, self.count, self.unreadable = folder, size, 0, 0
        self._array: BinaryIO
        self._index: BinaryIO
        self._begin = 0

    def __enter__(self) -> Self:
        """Raises OSError where they cannot be written."""
        self._array = (self._folder / EMBEDDINGS_FILE).open("wb")
        self._index = (self._folder / INDEX_FILE).open("wb")
        self._array.write(_header(0, self._size))
        self._begin = self._array.tell()
        self._index.write(csv_text([_COLUMNS]).encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._array, self._index:
            if error is None:
                header = _header(self.count, self._size)
                assert len(header) == self._begin
                self._array.seek(0)
                self._array.write(header)

    def add(self, values: np.ndarray, paths: Sequence[str], known: Sequence[Known]) -> None:
        """Rows of M pictures, M×D float32."""
        self._array.write(np.ascontiguousarray(values, "<f4").tobytes())
        rows = [
            (self.count + number, printable(path), printable(label), split)
            for number, (path, (label, split)) in enumerate(zip(paths, known, strict=True))
        ]
        self._index.write(csv_text(rows).encode())
        self.count += len(paths)

    def skip(self, path: str, reason: str) -> None:
        """A picture without a row."""
        rows = [] if self.unreadable else [("path", "error")]
        with (self._folder / UNREADABLE_FILE).open("ab") as file:
            file.write(csv_text([*rows, (printable(path), printable(reason))]).encode())
        self.unreadable += 1


def write_readme(folder: Path, title: str, pictures: str, shape: tuple[int, int], shown: str) -> None:
    """What the files are, and how they are used.

    Args:
        folder: of the files.
        title: of the network.
        pictures: how many, in words.
        shape: classes that are known of pictures, and values of each picture.
        shown: pictures in the projector, in words; empty without one.
    """
    classes, size = shape
    known = (_NONE, _ONE, _SOME)[min(classes, 2)]
    text = _README.format(title=title, pictures=pictures, size=f"{size:,}", code=code_for(classes), classes=known)
    (folder / README_FILE).write_text(text + (_PROJECTOR.format(shown=shown) if shown else ""), encoding="utf-8")


def _header(rows: int, size: int) -> bytes:
    """Of NumPy's format, always as long: its writer leaves room for the digits of a larger number of rows."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (rows, size)})
    return header.getvalue()
