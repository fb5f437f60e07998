"""The opened pictures and their answers: sorted and narrowed while answers arrive, also of a hundred thousand."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from PySide6 import QtCore
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.inference.results import UNSURE, Prediction
from cnnstudio.ui.widgets import plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
Order = Literal["opened", "doubt", "answer"]
Shown = Literal["all", "unsure", "unreadable"]
PATH_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
ANSWER_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
_UNREADABLE, _WAITING = 2.0, 3.0
"""In place of a probability, so that these come after every answer."""
_LAST = "\U0010ffff"
_BATCH = 1 << 32
Key = tuple[float | str, int]


def is_unsure(prediction: Prediction | None) -> bool:
    """Whether somebody should look at an answer."""
    return prediction is not None and bool(prediction.top) and prediction.top[0].probability < UNSURE


class AnswerList(QtCore.QAbstractListModel):
    """Pictures are numbered as they come; rows are the numbers of those that are shown, in the order chosen.

    What is opened last stands first. Each answer finds its place by bisection, so that nothing is sorted anew.
    """

    counted = QtCore.Signal()
    """How many there are of each kind is other than it was."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: list[Path] = []
        self._numbers: dict[Path, int] = {}
        self._places: list[int] = []
        self._answers: dict[int, Prediction] = {}
        self._rows: list[int] = []
        self._batch = 0
        self.order: Order = "opened"
        self.shown: Shown = "all"
        self._text = ""
        self.unsure = self.unreadable = 0

    # What there is --------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._paths)

    @property
    def paths(self) -> tuple[Path, ...]:
        """All pictures, in the order in which they came."""
        return tuple(self._paths)

    @property
    def answered(self) -> int:
        """Pictures that have an answer, or a reason why there is none."""
        return len(self._answers)

    def answer(self, path: Path | None) -> Prediction | None:
        """Of a picture, as far as there is one."""
        number = self._numbers.get(path) if path is not None else None
        return self._answers.get(number) if number is not None else None

    def answers(self) -> Iterator[Prediction]:
        """All there are, in the order of the pictures."""
        for number in sorted(range(len(self._paths)), key=self._places.__getitem__):
            if number in self._answers:
                yield self._answers[number]

    def missing(self) -> list[Path]:
        """Pictures without an answer, those that were opened last first."""
        waiting = [number for number in range(len(self._paths)) if number not in self._answers]
        return [self._paths[number] for number in sorted(waiting, key=self._places.__getitem__)]

    def row_of(self, path: Path) -> int:
        """Where a picture is shown; -1 where it is not."""
        number = self._numbers.get(path)
        return self._row_of(number) if number is not None else -1

    # What changes it ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """What comes now was opened later than everything else."""
        self._batch += 1

    def add(self, pictures: Iterable[Path]) -> None:
        """Pictures that were opened; those that are there already move to the top."""
        pictures = list(pictures)
        if any(path in self._numbers for path in pictures):
            self._put_again(pictures)
            return
        first = len(self._paths)
        self._paths += pictures
        self._numbers.update(zip(pictures, range(first, len(self._paths)), strict=True))
        self._places += range(first - self._batch * _BATCH, len(self._paths) - self._batch * _BATCH)
        new = [number for number in range(first, len(self._paths)) if self._is_shown(number)]
        if new:
            row = bisect_left(self._rows, self._key(new[0]), key=self._key)
            self.beginInsertRows(QtCore.QModelIndex(), row, row + len(new) - 1)
            self._rows[row:row] = new
            self.endInsertRows()
        self.counted.emit()

    def take(self, prediction: Prediction) -> bool:
        """An answer; tells whether its picture is here."""
        number = self._numbers.get(prediction.path)
        if number is None:
            return False
        row = self._row_of(number)
        self._count(self._answers.get(number), -1)
        self._answers[number] = prediction
        self._count(prediction, 1)
        shown = self._is_shown(number)
        if row >= 0 and shown:
            self._move(row, number)
        elif row >= 0:
            self.beginRemoveRows(QtCore.QModelIndex(), row, row)
            del self._rows[row]
            self.endRemoveRows()
        elif shown:
            row = bisect_left(self._rows, self._key(number), key=self._key)
            self.beginInsertRows(QtCore.QModelIndex(), row, row)
            self._rows.insert(row, number)
            self.endInsertRows()
        self.counted.emit()
        return True

    def forget_answers(self) -> None:
        """Another network is asked."""
        self._answers.clear()
        self.unsure = self.unreadable = 0
        self._arrange()

    @property
    def content(self) -> object:
        """All there is, to be put back later."""
        return self._paths, self._numbers, self._places, self._answers

    def put(self, content: object) -> None:
        """Show what was there, or with None nothing any more."""
        parts = content if isinstance(content, tuple) else ([], {}, [], {})
        self._paths, self._numbers, self._places, self._answers = parts
        self.unsure = self.unreadable = 0
        for answer in self._answers.values():
            self._count(answer, 1)
        self._arrange()

    def arrange(self, order: Order, shown: Shown, text: str) -> None:
        """Sort and narrow."""
        self.order, self.shown, self._text = order, shown, text.strip().casefold()
        self._arrange()

    # Qt -------------------------------------------------------------------------------------------------------

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        number = self._rows[index.row()]
        path, answer = self._paths[number], self._answers.get(number)
        if role == PATH_ROLE:
            return path
        if role == ANSWER_ROLE:
            return answer
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return _caption(path, answer)
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            told = f"{isolated(path.name)}: {_told(answer)}"
            return plain(told) if role == QtCore.Qt.ItemDataRole.ToolTipRole else told
        return None

    # --------------------------------------------------------------------------------------------------------

    def _key(self, number: int) -> Key:
        place, answer = self._places[number], self._answers.get(number)
        if self.order == "doubt":
            if answer is None:
                return _WAITING, place
            return (answer.top[0].probability if answer.top else _UNREADABLE), place
        if self.order == "answer":
            return (answer.top[0].label.casefold() if answer is not None and answer.top else _LAST), place
        return 0.0, place

    def _row_of(self, number: int) -> int:
        row = bisect_left(self._rows, self._key(number), key=self._key)
        return row if row < len(self._rows) and self._rows[row] == number else -1

    def _move(self, row: int, number: int) -> None:
        """Where its answer belongs, by the key that it has now."""
        del self._rows[row]
        to = bisect_left(self._rows, self._key(number), key=self._key)
        self._rows.insert(row, number)
        if to != row:
            nowhere = QtCore.QModelIndex()
            self.beginMoveRows(nowhere, row, row, nowhere, to if to < row else to + 1)
            self._rows.insert(to, self._rows.pop(row))
            self.endMoveRows()
        self.dataChanged.emit(self.index(to), self.index(to))

    def _is_shown(self, number: int) -> bool:
        answer = self._answers.get(number)
        if self.shown == "unsure" and not is_unsure(answer):
            return False
        if self.shown == "unreadable" and (answer is None or answer.error is None):
            return False
        if not self._text:
            return True
        label = answer.top[0].label if answer is not None and answer.top else ""
        return self._text in self._paths[number].name.casefold() or self._text in label.casefold()

    def _put_again(self, pictures: Sequence[Path]) -> None:
        for path in pictures:
            if path not in self._numbers:
                self._numbers[path] = len(self._paths)
                self._paths.append(path)
                self._places.append(0)
        for place, path in enumerate(pictures):
            self._places[self._numbers[path]] = place - self._batch * _BATCH - len(self._paths)
        self._arrange()

    def _arrange(self) -> None:
        self.beginResetModel()
        self._rows = sorted((n for n in range(len(self._paths)) if self._is_shown(n)), key=self._key)
        self.endResetModel()
        self.counted.emit()

    def _count(self, answer: Prediction | None, by: int) -> None:
        if answer is not None:
            self.unsure += by * is_unsure(answer)
            self.unreadable += by * (answer.error is not None)


def _caption(path: Path, answer: Prediction | None) -> str:
    if answer is None:
        return path.name
    if answer.error:
        return f"{path.name}\ncannot be read"
    return f"{answer.top[0].label}\n{100 * answer.top[0].probability:.0f} %"


def _told(answer: Prediction | None) -> str:
    if answer is None:
        return "no answer yet"
    if answer.error:
        return answer.error
    best = answer.top[0]
    unsure = ", unsure" if is_unsure(answer) else ""
    return f"{isolated(best.label)}, {100 * best.probability:.0f} %{unsure}"
