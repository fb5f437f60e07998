"""A run's ``predictions.csv``: its only writer and its only reader. No torch.

One row per picture that a finished run was scored on: path under the folder of pictures, split, true and predicted
class, probability of the predicted one. Rows of validation and test pictures say what a prediction says. Rows of
training pictures come from features that were made fast, and may differ in the last digits.
"""

import contextlib
import csv
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cnnstudio.core import read_csv, write_csv

PREDICTIONS_FILE = "predictions.csv"
_COLUMNS = ["path", "split", "true", "predicted", "probability"]
_REMEMBERED = 4
Cell = tuple[str, str, str]
"""Split, true class, predicted class."""


class Answer(NamedTuple):
    """What a network said of one picture, and what is on it."""

    path: str
    """Relative to the folder of pictures, with forward slashes; absolute where the picture lies elsewhere."""
    split: str
    true: str
    predicted: str
    probability: float
    """Of the predicted class, in [0, 1]."""


class Predictions:
    """A run's answers, sorted into the cells of its confusion matrices; may be asked from any thread."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        cells: dict[Cell, list[Answer]] = {}
        for answer in answers:
            cells.setdefault(answer[1:4], []).append(answer)
        for cell in cells.values():
            cell.sort(key=lambda answer: -answer.probability)
        self._cells = MappingProxyType({cell: tuple(own) for cell, own in cells.items()})
        wrong: dict[str, list[Answer]] = {}
        for (split, true, predicted), own in cells.items():
            if true != predicted:
                wrong.setdefault(split, []).extend(own)
        for answers_of_split in wrong.values():
            answers_of_split.sort(key=lambda answer: -answer.probability)
        self._mistakes = MappingProxyType({split: tuple(own) for split, own in wrong.items()})

    def __len__(self) -> int:
        return sum(map(len, self._cells.values()))

    def __iter__(self) -> Iterator[Answer]:
        """Cell by cell."""
        for cell in self._cells.values():
            yield from cell

    def cell(self, split: str, true: str, predicted: str) -> tuple[Answer, ...]:
        """The pictures of a cell, the surest answers first."""
        return self._cells.get((split, true, predicted), ())

    def mistakes(self, split: str) -> tuple[Answer, ...]:
        """All that are not correct, the surest first: with these there is most to learn about data or network."""
        return self._mistakes.get(split, ())


def shown_path(picture: Path, root: Path) -> str:
    """A picture's path as an answer has it."""
    return (picture.relative_to(root) if picture.is_relative_to(root) else picture).as_posix()


def write_predictions(folder: Path, answers: Iterable[Answer]) -> None:
    """Write a run's answers, in their order, atomically.

    Raises:
        StorageError: they cannot be written.
    """
    rows = ((*answer[:4], f"{answer.probability:.6f}") for answer in answers)
    write_csv(folder / PREDICTIONS_FILE, chain([_COLUMNS], rows))


def read_predictions(folder: Path) -> Predictions:
    """A run's answers; none where it was not scored. Rows that were damaged are passed over.

    Reading takes 0.1 s for 60,000 pictures, so it is done beside the window's thread; of the last few runs the answers
    are remembered until their file changes.
    """
    file = folder / PREDICTIONS_FILE
    try:
        stat = file.stat()
        return _read(file, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return Predictions(())


@lru_cache(maxsize=_REMEMBERED)
def _read(path: Path, _changed: int, _size: int) -> Predictions:
    return Predictions(_answers(read_csv(path)))


def _answers(rows: Iterator[list[str]]) -> Iterator[Answer]:
    with contextlib.suppress(csv.Error):  # such as a cell without an end
        next(rows, None)
        for row in rows:
            with contextlib.suppress(ValueError):
                path, split, true, predicted, probability = row
                yield Answer(path, split, true, predicted, float(probability))
