"""The rows of a table of answers, in each of its forms, and what can be counted over them. No torch."""

import csv
import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cnnstudio.core import StorageError, Watch, csv_text, printable, read_csv
from cnnstudio.inference.folder.results import Counts, Form
from cnnstudio.inference.results import COLUMNS, UNSURE, VERDICT, Prediction, rows_of

WIDE = ("path", "label", "probability", "second", "margin", "error")
_OF_CLASS = "p_"


class Rows:
    """How answers become text."""

    def __init__(self, form: Form, classes: Sequence[str], *, top: int, judged: bool) -> None:
        self.form, self.judged = form, judged
        self.classes = tuple(map(printable, classes)) if form == "probabilities" else ()
        self.top = {"long": top, "wide": 2, "probabilities": len(classes)}[form]
        """Answers that it takes for each picture."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        names = COLUMNS if self.form == "long" else WIDE
        return (*names, *([VERDICT] if self.judged else []), *(_OF_CLASS + name for name in self.classes))

    def text(self, answers: Iterable[Prediction]) -> str:
        """All rows of these pictures."""
        return csv_text(row for answer in answers for row in self._of(answer))

    def _of(self, answer: Prediction) -> Iterator[Sequence[object]]:
        if self.form == "long":
            yield from rows_of(answer, judged=self.judged)
            return
        row: list[object] = [printable(str(answer.path)), "", "", "", "", printable(answer.error or "")]
        for place, score in enumerate(answer.top[:2]):
            row[1 + 2 * place] = printable(score.label)
        if answer.top:
            first, second = ([score.probability for score in answer.top] + [0.0])[:2]
            row[2], row[4] = f"{first:.6f}", f"{first - second:.6f}"
        if self.judged:
            row.append(answer.verdict or "")
        if self.classes:
            known = {printable(score.label): f"{score.probability:.6f}" for score in answer.top}
            row += [known.get(name, "") for name in self.classes]
        yield row


class Tally:
    """What was answered so far."""

    def __init__(self) -> None:
        self._classes = Counter[str]()
        self._verdicts = Counter[str]()
        self._unreadable = 0

    def add(self, answer: Prediction) -> None:
        """Count a picture."""
        if answer.top:
            self._classes[answer.top[0].label] += 1
            self._verdicts[answer.verdict or ""] += 1
        else:
            self._unreadable += 1

    def add_file(self, table: Path) -> None:
        """Count the pictures of a table.

        Raises:
            OSError: it cannot be read.
            csv.Error: it is damaged.
        """
        for row in read_rows(table):
            if row.get("rank", "1") == "1":
                self._classes[row["label"]] += bool(row["label"])
                self._verdicts[row.get(VERDICT, "")] += 1
            self._unreadable += not row["label"]

    @property
    def counts(self) -> Counts:
        """As a value."""
        return Counts(
            classes={name: count for name, count in self._classes.most_common() if count},
            unreadable=self._unreadable,
            unlike=self._verdicts["unlike"],
            between=self._verdicts["between"],
        )


def unsure_pictures(table: Path, most: int, watch: Watch) -> tuple[Path, ...]:
    """The pictures of a table at which somebody should look, the least sure first.

    Args:
        table: in any form.
        most: so many at most.
        watch: asked for a stop.

    Raises:
        StorageError: it cannot be read.
        StopRequested: a stop was asked for.
    """
    try:
        return tuple(Path(path) for _, path in heapq.nsmallest(most, _unsure(table, watch)))
    except (OSError, csv.Error, KeyError, ValueError) as error:
        raise StorageError(
            f"{table.name} could not be read.",
            meaning="It was moved, or changed by another program.",
            remedy="Predict the folder again; pictures with an answer are not asked again.",
            details=str(error),
        ) from error


def _unsure(table: Path, watch: Watch) -> Iterator[tuple[float, str]]:
    for row in read_rows(table):
        watch.check()
        if not row["label"] or row.get("rank", "1") != "1":
            continue
        probability = float(row["probability"])
        if probability < UNSURE or row.get(VERDICT) in ("unlike", "between"):
            yield probability, row["path"]


def read_rows(table: Path) -> Iterator[dict[str, str]]:
    """The rows of a table by the names of its columns."""
    rows = read_csv(table)
    names = next(rows, [])
    for row in rows:
        yield dict(zip(names, row, strict=False))
