"""CSV files: whatever a name is, no spreadsheet takes it for a formula, and reading gives it back as it was."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cnnstudio.core.atomic import write_atomically

_ERRORS = "surrogateescape"  # names on disk need not be valid Unicode; their bytes come back as they were
_CELL, _FORMULA = r"(^|[;\t\r\n])", r"(?=['\"]*[=+\-@＝＋－＠\t\r\n])"
_HARM = re.compile(_CELL + _FORMULA)
"""Where a cell begins that is a formula, also for a spreadsheet that expects semicolons."""
_PERHAPS = re.compile(r"\A['\"=+\-@＝＋－＠]|[;\t\r\n]")
"""Of any other cell neither needs to be asked, which takes several times as long."""
_DEFUSED = re.compile(_CELL + "'" + _FORMULA)


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write a table atomically; texts that would be formulas get an apostrophe, which ``read_csv`` takes away.

    Raises:
        StorageError: it cannot be written.
    """
    write_atomically(path, csv_text(rows).encode(errors=_ERRORS))


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The same as text, for a table that grows row by row."""
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        if any(isinstance(cell, str) and _PERHAPS.search(cell) for cell in row):
            cells = [defused(cell) if isinstance(cell, str) else cell for cell in row]
            odd = any(isinstance(cell, str) and "\r" in cell for cell in row)  # Python before 3.13 does not quote it
            (quoted if odd else plain).writerow(cells)
        else:
            plain.writerow(row)
    return text.getvalue()


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula, such as for the clipboard."""
    return _HARM.sub(r"\1'", text)


def read_csv(path: Path) -> Iterator[list[str]]:
    """The rows of what ``write_csv`` wrote.

    Raises:
        OSError: it cannot be read.
        csv.Error: it is damaged, such as a cell without an end.
    """
    with path.open(encoding="utf-8", errors=_ERRORS, newline="") as file:
        for row in csv.reader(file):
            yield [_DEFUSED.sub(r"\1", cell) if "'" in cell else cell for cell in row]
