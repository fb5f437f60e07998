"""One table: the way to read it under which a column names pictures, and its lines about pictures that are here."""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cnnstudio.data.layouts.tables.header import Role, is_called
from cnnstudio.data.layouts.tables.naming import Resolver, shows_picture
from cnnstudio.data.layouts.tables.records import json_grids
from cnnstudio.data.layouts.tables.text import Grid, grids, without_mark

MOST_ROWS = 5_000_000
_MOST_CELLS = 20_000_000
"""That are kept, about pictures that are here."""
_TRIED = 200
"""Rows that decide how a table is read and which column holds the files."""
_NOTES = 30
"""Lines above the names of the columns."""
_DIFFERENT = 4
"""Lines that are kept of one picture."""
JSON = (".json", ".jsonl", ".ndjson")


@dataclass(slots=True, kw_only=True)
class Lines:
    """The lines of a table about pictures that are here."""

    header: list[str]
    """Empty where there is none."""
    file: int
    """Column of the files."""
    width: int
    names: list[str] = field(default_factory=list)
    """The picture of each line."""
    rows: list[list[str]] = field(default_factory=list)
    missing: int = 0
    """Lines whose picture is not here, or cannot be told from another."""

    @property
    def pictures(self) -> int:
        """How many it names."""
        return len(set(self.names))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The first rows of a file, read in one way."""

    grid: Grid
    rows: list[list[str]]
    width: int
    """-1 where that failed."""
    file: int
    found: int
    """Different pictures that the column of the files names in them."""
    swallows: bool = False
    """Whether a quote that is none swallows lines about other pictures."""


def ways_to_read(file: Path) -> list[Grid]:
    """Every way to read a file as a table.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, under such a name.
        RecursionError: it is nested too deeply.
    """
    return json_grids(file) if file.suffix.lower() in JSON else grids(file)


def lines_about_pictures(ways: Sequence[Grid], resolve: Resolver, *, further: bool = True) -> Lines | None:
    """The lines about pictures that are here, read in the way that finds most; None where there are none.

    Args:
        ways: to read the file.
        resolve: what its cells mean.
        further: whether to look beyond the first rows where these are about none.

    Raises:
        OSError: the file cannot be read.
        csv.Error: it has a line without an end, or more about the pictures than can be kept.
    """
    seen = sorted(
        (_look(way, resolve) for way in ways),
        key=lambda each: (each.swallows, -each.found, each.width < 2, _unevenness(each)),
    )
    if seen and all(each.width < 0 for each in seen):
        raise csv.Error("a line without an end")
    if further and seen and not seen[0].found:
        wide = sorted((each for each in seen if each.width > 1), key=_unevenness)[:2] or seen[:1]
        seen = [more for each in wide if (more := _look_further(each, resolve))]
    failure: csv.Error | None = None
    for each in seen:
        if not each.found:
            break
        try:
            return _collect(each, resolve)
        except csv.Error as error:  # such as a quote without an end; another way may not mind
            failure = error
    if failure:
        raise failure
    return None


def _look(grid: Grid, resolve: Resolver) -> _Seen:
    try:
        rows = list(islice(grid.rows(), _TRIED))
    except csv.Error:
        return _Seen(grid, [], -1, 0, 0)
    width = _usual_width(rows)
    file, found = _file_column(rows, width, resolve)
    return _Seen(grid, rows, width, file, found, any(_swallows(cell, resolve) for row in rows for cell in row))


def _swallows(cell: str, resolve: Resolver) -> bool:
    return "\n" in cell and any(resolve(part) for part in re.split(r"[,;\t|\n]", cell)[1:])


def _look_further(seen: _Seen, resolve: Resolver) -> _Seen | None:
    """Only a part of a large collection is here, so that the first rows are about others: seek rows about ours."""
    if len(seen.rows) < _TRIED or _unevenness(seen) > len(seen.rows) / 2:
        return None
    cells = [[row[column] for row in seen.rows if column < len(row)] for column in range(min(seen.width, 8))]
    columns = [column for column, own in enumerate(cells) if _may_be_files(own)]
    shown = [column for column in columns if any(shows_picture(cell) for cell in cells[column])]
    columns = shown or [column for column in columns if is_called(cells[column][0], "file")] or columns
    some: list[list[str]] = []
    for row in islice(seen.grid.rows(), MOST_ROWS):
        if any(c < len(row) and resolve(row[c]) for c in columns):
            some.append(row)
            if len(some) == _TRIED // 4:
                break
    file, found = _file_column(some, seen.width, resolve)
    return _Seen(seen.grid, seen.rows, seen.width, file, found) if found else None


def _unevenness(seen: _Seen) -> int:
    """Rows of another width than most."""
    return sum(len(row) != seen.width for row in seen.rows)


def _may_be_files(cells: list[str]) -> bool:
    """Whether there are too many different values for anything but files."""
    return len(set(cells)) > len(cells) / 4


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = [len(row) for row in rows if any(row)]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    empty = [column for column in range(usual) if not any(row[column].strip() for row in rows if column < len(row))]
    while empty and empty[-1] == usual - 1:  # a delimiter behind every row
        usual, empty = usual - 1, empty[:-1]
    return usual


def _file_column(rows: Sequence[Sequence[str]], width: int, resolve: Resolver) -> tuple[int, int]:
    """The column that names most pictures, and how many; of several, one with endings, or with a usual name."""
    best = (0.0, False, False, 0)
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row)]
        found = {name for cell in cells if (name := resolve(cell))}
        shown = any(shows_picture(cell) for cell in cells)
        named = any(is_called(cell, "file") for cell in cells[:_NOTES])
        score = (float(len(found)), shown, named, -column)
        if len(found) > 0.9 * best[0] and (score[1:] > best[1:] or len(found) > 1.1 * best[0]):
            best = score
    return -best[3], int(best[0])


def _collect(seen: _Seen, resolve: Resolver) -> Lines:
    """Read all of a table."""
    skipped, header = _header(seen, resolve)
    lines = Lines(header=header, file=seen.file, width=max(seen.width, len(header)))
    known: dict[str, list[list[str]]] = {}
    texts: dict[str, str] = {}
    file, kept = seen.file, 0
    for row in islice(seen.grid.rows(), skipped, skipped + MOST_ROWS):
        if len(row) <= file:
            continue
        cell = row[file]
        name = resolve(cell)
        if name is None:
            lines.missing += bool(cell.strip()) and not cell.startswith("#")
            continue
        before = known.setdefault(name, [])
        if len(before) == _DIFFERENT or row in before:
            continue
        kept += len(row)
        if kept > _MOST_CELLS:
            raise csv.Error("too large")
        row = [texts.setdefault(each, each) for each in row]
        before.append(row)
        lines.names.append(name)
        lines.rows.append(row)
    return lines


def _header(seen: _Seen, resolve: Resolver) -> tuple[int, list[str]]:
    """How many rows stand above the first one about a picture, and the names of the columns; empty without any."""
    rows, file = seen.rows, seen.file
    if seen.grid.has_header is not None:
        return (1, rows[0]) if seen.grid.has_header and rows else (0, [])
    first = next((i for i, row in enumerate(rows) if file < len(row) and resolve(row[file])), len(rows))
    above = [index for index in range(min(first, _NOTES) - 1, -1, -1) if _has_usual_names(rows[index])]
    named = max(above, key=lambda index: _usual_names(rows[index]), default=None)
    if named is None and 0 < first < _NOTES and _is_no_data(rows, first - 1, file, resolve):
        named = first - 1
    if named is None and first >= _NOTES and _is_no_data(rows, 0, file, resolve):
        named = 0
    if named is None:
        notes = next((i for i, row in enumerate(rows[:_NOTES]) if len(row) >= seen.width), 0)
        return min(first, notes), []
    header = _as_header(rows[named])
    shifted = len(header) == seen.width - 1 and not (file < len(header) and is_called(header[file], "file"))
    if shifted:  # the column of the rows' names has none
        header = ["", *header]
    is_note = rows[named][0].startswith(("#", "%", "//"))  # whose words need not be one for each column
    return named + 1, [] if is_note and len(header) != seen.width else header


def _as_header(row: list[str]) -> list[str]:
    header = [without_mark(row[0]), *row[1:]] if row else []
    return header if not header or header[0] or not row[0] else header[1:]  # a sign and a blank in front


def _usual_names(row: list[str]) -> int:
    roles: tuple[Role, ...] = ("file", "label", "split", "training", "group", "box", "measure")
    return sum(any(is_called(cell, role) for role in roles) for cell in _as_header(row))


def _has_usual_names(row: list[str]) -> bool:
    """Whether it holds the names of a file and of something else."""
    header = _as_header(row)
    file = any(is_called(cell, "file") for cell in header)
    return file and _usual_names(row) > 1 and not any(shows_picture(cell) for cell in header)


def _is_no_data(rows: list[list[str]], index: int, file: int, resolve: Resolver) -> bool:
    """Whether the row differs from those below in what they all have: an ending, or digits only."""
    row, below = _as_header(rows[index]), [each for each in rows[index + 1 :] if file < len(each)]
    cell = row[file].strip() if file < len(row) else ""
    filled = [each for each in row if each.strip()]
    if len(filled) < max(2 if len(max(below, key=len, default=[])) > 1 else 1, 0) or shows_picture(cell):
        return False
    if any(shows_picture(each[file]) for each in below):
        return True
    found = [each[file].strip() for each in below if resolve(each[file])]
    signs: Sequence[Callable[[str], bool]] = (str.isdecimal, lambda text: any(map(str.isdecimal, text)))
    for sign in signs:
        if found and all(map(sign, found)) and not sign(cell):
            return True
    seen_again = [other for column, other in enumerate(row) if column != file and other.strip()
                  and any(column < len(each) and each[column] == other for each in below)]  # fmt: skip
    return not seen_again
