"""Lists that say what the numbers in a table of labels stand for: ``classes.txt``, a JSON, a table of two columns."""

import csv
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from cnnstudio.data.layouts.tables.header import is_called, plain
from cnnstudio.data.layouts.tables.reading import JSON, ways_to_read
from cnnstudio.data.layouts.tables.records import json_grids
from cnnstudio.data.layouts.tables.text import encoding_of, lines_of, list_grids
from cnnstudio.data.layouts.tables.values import number_of
from cnnstudio.data.reading import suffix_of

_CALLED = (
    "class",
    "label",
    "categor",
    "names",
    "species",
    "map",
    "klasse",
    "etikett",
    "legend",
    "synset",
    "meta",
    "breed",
)
"""In the name of a file that may be such a list."""
_LARGEST, _MOST = 5_000_000, 30_000
"""Bytes; entries."""
_LONGEST = 200
_NUMBERED = re.compile(r"[\W_]*\d[\d\W_]*$")


def may_name_classes(name: str) -> bool:
    """Whether a file is called like a list of classes."""
    return any(word in plain(name) for word in _CALLED)


def names_for(numbers: set[str], files: Sequence[Path]) -> tuple[dict[str, str], Path | None]:
    """What numbers stand for, and which list says it; nothing where none names each of them once.

    Args:
        numbers: labels as a table has them, all whole numbers.
        files: lists that may name them, the likeliest first.
    """
    wanted = {text: str(round(number_of(text) or 0)) for text in numbers}
    for file in files:
        try:
            if file.stat().st_size > _LARGEST:
                continue
            for names in (_pairs(file), _by_order(file, set(wanted.values()))):
                said = {text: names[number] for text, number in wanted.items() if number in names}
                if len(said) == len(wanted) == len(set(said.values())):
                    return said, file
        except (OSError, ValueError, RecursionError, csv.Error):
            continue
    return {}, None


def words_in_names(labels: Mapping[str, str]) -> dict[str, str]:
    """What numbers stand for by the names of their pictures, such as ``pug_12.jpg``; nothing where these do not say."""
    found: dict[str, str] = {}
    for name, label in labels.items():
        word = _NUMBERED.sub("", name.rpartition("/")[2].removesuffix(suffix_of(name)))
        if not word or found.setdefault(label, word) != word:
            return {}
    return found if len(set(found.values())) == len(found) > 1 else {}


def _pairs(file: Path) -> dict[str, str]:
    """A number and a name in each row, in either order."""
    for grid in json_grids(file) if file.suffix.lower() in JSON else list_grids(file):
        try:
            rows = [row for row in islice(grid.rows(), _MOST) if any(cell.strip() for cell in row)]
        except csv.Error:
            continue
        for number in (0, 1):
            pairs = [
                (row[number].strip(), row[_name_column(rows, number)].strip())
                for row in rows if len(row) > max(number, _name_column(rows, number))
            ]  # fmt: skip
            body = [(each, name) for each, name in pairs if each.isdecimal()]
            names = {str(int(each)): name for each, name in body if len(each) < 10 and name}
            unlike = len(set(names.values())) == len(names) == len(body)
            if len(names) > 1 and unlike and len(body) >= len(rows) - 1 and not all(map(str.isdecimal, names.values())):
                return names
    return {}


def _name_column(rows: list[list[str]], number: int) -> int:
    """The column called like a name, or the one beside the numbers."""
    called = [column for column, cell in enumerate(rows[0]) if column != number and is_called(cell, "label")]
    words = [
        column for column in called if any(not row[column].strip().isdecimal() for row in rows[1:] if column < len(row))
    ]
    return next(iter(words), 1 - number)


def _by_order(file: Path, wanted: set[str]) -> dict[str, str]:
    """A name in each line, numbered from 0, or from 1 where only that fits."""
    if file.suffix.lower() in JSON:
        lines = [row[0] for grid in ways_to_read(file) for row in islice(grid.rows(), _MOST) if len(row) == 1]
    else:
        with file.open(encoding=encoding_of(file), errors="replace", newline="") as opened:
            lines = [line.strip().strip('",') for line in islice(lines_of(opened), _MOST)]
    lines = [line for line in lines if line]
    if not lines or len(set(lines)) < len(lines) or max(map(len, lines)) > _LONGEST:
        return {}
    if is_called(lines[0], "label") and str(len(lines)) not in wanted:
        lines = lines[1:]  # the name of the column
    numbers = {int(each) for each in wanted if each.isdecimal()}
    first = 0 if 0 in numbers else 1 if len(lines) in numbers else None
    return {} if first is None else {str(number): name for number, name in enumerate(lines, first)}
