"""A text file as rows of cells, in each way that programs and people write tables."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

_LONGEST_LINE = 100_000
_LINES_OF_A_ROW = 50
_START = 1 << 20
"""Bytes of a table that tell its encoding."""
_DELIMITERS = (",", ";", "\t", "|")
Way = Callable[[Iterator[str]], Iterator[list[str]]]
_MARKS = ("#", "//", "%")
"""Begin lines that are notes."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One way to see a file as rows; several are tried."""

    rows: Callable[[], Iterator[list[str]]]
    """Reads from the start, each time."""
    has_header: bool | None = None
    """None where only the content can tell."""


def grids(file: Path) -> list[Grid]:
    """Every way to read a text file as a table, the usual ones first.

    Raises:
        OSError: it cannot be read.
    """
    unquoted = (partial(_delimited, delimiter=each, quoting=csv.QUOTE_NONE) for each in _DELIMITERS)
    return _read_by(file, [*_DELIMITED, _by_blanks, _last_word_apart, *unquoted])


def list_grids(file: Path) -> list[Grid]:
    """Every way to read a list of numbers and names.

    Raises:
        OSError: it cannot be read.
    """
    return _read_by(file, [*_DELIMITED, _first_word_apart, _last_word_apart])


def _read_by(file: Path, ways: Sequence[Way]) -> list[Grid]:
    encoding = encoding_of(file)
    return [Grid(partial(_rows, file, encoding, way)) for way in ways]


def with_joined_columns(grid: Grid) -> Iterator[Grid]:
    """The same rows with a path in front, made of a folder and a name in two columns beside each other."""
    for first, second in ((0, 1), (1, 0), (1, 2), (2, 1)):
        yield Grid(partial(_joined, grid, first, second), grid.has_header)


def _joined(grid: Grid, first: int, second: int) -> Iterator[list[str]]:
    for row in grid.rows():
        if len(row) > max(first, second):
            yield [f"{row[first].strip().strip('/')}/{row[second].strip()}", *row]


def encoding_of(file: Path) -> str:
    """UTF-8, or what spreadsheets write.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as opened:
        start = opened.read(_START)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start and start.count(0) > len(start) // 4:  # without a mark of its order
        return "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < _START)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def without_mark(text: str) -> str:
    """A line without what makes it a note, for where the names of columns stand in one."""
    for mark in _MARKS:
        if text.startswith(mark):
            return text.removeprefix(mark).lstrip("#/% ")
    return text


def lines_of(opened: TextIO) -> Iterator[str]:
    """The lines of a text.

    Raises:
        csv.Error: one of them has no end.
    """
    while line := opened.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error("a line without an end")
        yield line


def _rows(file: Path, encoding: str, way: Callable[[Iterator[str]], Iterator[list[str]]]) -> Iterator[list[str]]:
    with file.open(encoding=encoding, errors="replace", newline="") as opened:
        yield from way(lines_of(opened))


def _delimited(lines: Iterator[str], delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, quoting=quoting)  # type: ignore[arg-type]
    before = 0
    for number, row in enumerate(reader):
        if reader.line_num > before + _LINES_OF_A_ROW:
            raise csv.Error("a quote without an end")
        before = reader.line_num
        if number or not (row and row[0].lower().startswith("sep=")):  # Excel's own
            yield row


def _by_blanks(lines: Iterator[str]) -> Iterator[list[str]]:
    for line in lines:
        quoted = '"' in line
        yield next(csv.reader([line.strip()], delimiter=" ", skipinitialspace=True), []) if quoted else line.split()


def _first_word_apart(lines: Iterator[str]) -> Iterator[list[str]]:
    for line in lines:
        yield line.split(None, 1)


def _last_word_apart(lines: Iterator[str]) -> Iterator[list[str]]:
    """For names of files with blanks in them."""
    for line in lines:
        yield line.rsplit(None, 1)


_DELIMITED = [partial(_delimited, delimiter=each) for each in _DELIMITERS]
