"""A table of file names and labels, as it lies beside many downloaded datasets."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.data.folder import Folder, pictures_in
from cnnstudio.data.image_suffixes import is_picture, suffix_of
from cnnstudio.data.spec import SPLIT_NAMES, Split

_FILE = ("file", "filename", "file_name", "image", "image_path", "path", "filepath", "image_id", "img", "name", "id")
_LABEL = ("label", "class", "category", "class_name", "label_name", "target", "species", "breed", "y")
_SPLIT = ("split", "set", "subset", "partition")
_MOST_ROWS = 5_000_000
_FOUND_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    """Of the file, relative to the table's folder, with forward slashes."""
    label: str
    split: Split | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """A table whose files are there."""

    file: Path
    rows: tuple[Row, ...]
    missing: int
    """Lines whose file was not found."""
    unnamed: int
    """Pictures that no line names."""
    has_splits: bool


@dataclass(frozen=True, slots=True)
class _Columns:
    file: int
    label: int
    split: int | None


def is_table(name: str) -> bool:
    """Whether a file's name says that it is a table."""
    return suffix_of(name) in (".csv", ".tsv")


def find_label_table(folder: Folder, control: Control) -> LabelTable | None:
    """The table in ``folder`` that names the most files, if at least half of them exist; else None.

    Columns are known by their usual names, or by their order where there are none: file, label and perhaps split.
    Files are looked for in the folder, and in its subfolders by their bare name, with or without their ending.

    Raises:
        StopRequested: a stop was asked for.
    """
    files = [folder.path / name for name in folder.files if is_table(name)]
    if not files:
        return None
    inside = replace(folder, start="")
    pictures = [name for name in pictures_in(inside, [], control) if is_picture(name)]
    places = _places(pictures)
    tables = [table for file in files if (table := _read(file, places, len(pictures)))]
    return max(tables, key=lambda table: len(table.rows), default=None)


def _read(file: Path, places: Mapping[str, str | None], pictures: int) -> LabelTable | None:
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
            start = opened.read(4096)
            opened.seek(0)
            dialect = csv.Sniffer().sniff(start.splitlines()[0], delimiters=",;\t|") if start.strip() else csv.excel
            return _resolved(file, csv.reader(opened, dialect=dialect), places, pictures)
    except (OSError, csv.Error, IndexError):
        return None


def _resolved(
    file: Path, lines: Iterator[list[str]], places: Mapping[str, str | None], pictures: int
) -> LabelTable | None:
    def place_of(text: str) -> str | None:
        name = text.strip().replace("\\", "/").removeprefix("./")
        return places.get(name) or places.get(f"{file.stem}/{name}") or places.get(name.rpartition("/")[2])

    first = next(lines, [])
    columns = _columns(first)
    if columns is None:  # no header, if this is a file already
        if len(first) < 2 or place_of(first[0]) is None:
            return None
        columns, lines = _Columns(0, 1, 2 if len(first) > 2 else None), chain([first], lines)
    rows, missing = dict[str, Row](), 0
    for line in islice(lines, _MOST_ROWS):
        if len(line) <= max(columns.file, columns.label):
            continue
        name, label = place_of(line[columns.file]), line[columns.label].strip()
        if name is None or not label:
            missing += bool(line[columns.file].strip())
            continue
        has_split = columns.split is not None and len(line) > columns.split
        split = SPLIT_NAMES.get(line[columns.split].strip().lower()) if has_split else None  # type: ignore[index]
        rows[name] = Row(name, label, split)
    if not rows or len(rows) < _FOUND_SHARE * (len(rows) + missing):
        return None
    return LabelTable(
        file=file,
        rows=tuple(rows.values()),
        missing=missing,
        unnamed=pictures - len(rows),
        has_splits=all(row.split for row in rows.values()),
    )


def _columns(header: list[str]) -> _Columns | None:
    """Which columns are which, by their names."""
    names = [name.strip().lower() for name in header]
    file, label, split = (
        next((names.index(name) for name in usual if name in names), None) for usual in (_FILE, _LABEL, _SPLIT)
    )
    return None if file is None or label is None else _Columns(file, label, split)


def _places(pictures: list[str]) -> dict[str, str | None]:
    """Every picture by each name that a table may call it; None for names that are not clear. Full names win."""
    places: dict[str, str | None] = {}
    for name in pictures:
        bare = name.rpartition("/")[2]
        for short in {bare, bare.rpartition(".")[0] or bare}:
            places[short] = None if short in places else name
    for name in pictures:
        places[name.rpartition(".")[0] or name] = name
        places[name] = name
    return places
