"""What a run answered for each picture it was scored on, the hardest pictures first. No torch.

Hardest is what the network gave its true class the least for: the logarithm of that probability is what a training
tries to raise. A run of an earlier version kept the probability of its answer alone; there the surest mistakes come
first, and the least sure of the correct answers.
"""

from collections.abc import Iterable
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from cnnstudio.core import FormatError
from cnnstudio.runs import Run, load_answers

Cell = tuple[str, str, str]
"""Split, actual class, predicted class."""


class Judged(NamedTuple):
    """A picture, what it is, and what was said of it."""

    path: str
    """Relative to the folder of pictures, with forward slashes; absolute where the picture lies elsewhere."""
    split: str
    true: str
    predicted: str
    probability: float
    """Of the predicted class, in [0, 1]."""
    of_true: float | None
    """Of the actual class; None where a run did not keep it."""

    @property
    def hardness(self) -> float:
        """From 0, for a picture that is recognised without doubt, to 1."""
        if self.of_true is not None:
            return 1 - self.of_true
        return self.probability if self.true != self.predicted else 1 - self.probability


class Mistakes:
    """A run's answers by the cells of its confusion matrices; made once, and asked from any thread."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        cells: dict[Cell, list[Judged]] = {}
        wrong: dict[str, list[Judged]] = {}
        of_class: dict[tuple[str, str], list[Judged]] = {}
        for each in sorted(judged, key=lambda each: (-each.hardness, each.path)):
            cells.setdefault((each.split, each.true, each.predicted), []).append(each)
            if each.true != each.predicted:
                wrong.setdefault(each.split, []).append(each)
                for name in (each.true, each.predicted):
                    of_class.setdefault((each.split, name), []).append(each)
        self._cells = MappingProxyType({cell: tuple(own) for cell, own in cells.items()})
        self._wrong = MappingProxyType({split: tuple(own) for split, own in wrong.items()})
        self._of_class = MappingProxyType({place: tuple(own) for place, own in of_class.items()})

    def __len__(self) -> int:
        return sum(map(len, self._cells.values()))

    def cell(self, split: str, true: str, predicted: str) -> tuple[Judged, ...]:
        """The pictures of a cell."""
        return self._cells.get((split, true, predicted), ())

    def all(self, split: str) -> tuple[Judged, ...]:
        """All mistakes on a split."""
        return self._wrong.get(split, ())

    def of_class(self, split: str, name: str) -> tuple[Judged, ...]:
        """The mistakes that a class has a part in, as the actual or as the predicted one."""
        return self._of_class.get((split, name), ())

    def narrowed(self, split: str, actual: str = "", predicted: str = "") -> tuple[Judged, ...]:
        """The pictures of a cell where both classes are given; else the mistakes of one of them, or all."""
        if actual and predicted:
            return self.cell(split, actual, predicted)
        if actual:
            return tuple(each for each in self.of_class(split, actual) if each.true == actual)
        if predicted:
            return tuple(each for each in self.of_class(split, predicted) if each.predicted == predicted)
        return self.all(split)


def find_mistakes(run: Run) -> Mistakes:
    """Index a run's answers; there are none where it was not scored."""
    of_true = _of_true(run)
    return Mistakes(Judged(*answer, of_true.get((answer.path, answer.true))) for answer in run.predictions())


def _of_true(run: Run) -> dict[tuple[str, str], float]:
    """By picture and its class: the probability of that class."""
    with suppress(OSError, FormatError):
        answers = load_answers(run.folder)
        rows = zip(answers.names, answers.labels.tolist(), answers.probabilities, strict=True)
        return {(name, answers.classes[label]): float(row[label]) for name, label, row in rows}
    return {}
