"""A table of file names and labels, as it lies beside many downloaded datasets."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.data.image_suffixes import SUFFIXES
from cnnstudio.data.spec import SPLIT_NAMES, Split

_FILE = ("file", "filename", "file_name", "image", "image_path", "path", "filepath", "image_id", "img", "name", "id")
_LABEL = ("label", "class", "category", "class_name", "label_name", "target", "species", "breed", "y")
_SPLIT = ("split", "set", "subset", "partition")
_MOST_ROWS = 5_000_000
_FOUND_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    path: Path
    label: str
    split: Split | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """A table whose files are there."""

    file: Path
    rows: tuple[Row, ...]
    missing: int
    """Lines whose file was not found."""
    has_splits: bool


def find_label_table(folder: Path) -> LabelTable | None:
    """The table in ``folder`` that names the most files, if at least half of them exist; else None.

    Columns are known by their usual names; files are looked for in the folder, and in its subfolders by their bare
    name, with or without their ending.
    """
    tables = [table for file in sorted(folder.glob("*.csv")) + sorted(folder.glob("*.tsv")) if (table := _read(file))]
    return max(tables, key=lambda table: len(table.rows), default=None)


def _read(file: Path) -> LabelTable | None:
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as opened:
            start = opened.read(4096)
            opened.seek(0)
            dialect = csv.Sniffer().sniff(start.splitlines()[0], delimiters=",;\t|") if start.strip() else csv.excel
            return _resolved(file, csv.DictReader(opened, dialect=dialect))
    except (OSError, csv.Error, IndexError):
        return None


def _resolved(file: Path, reader: "csv.DictReader[str]") -> LabelTable | None:
    columns = {str(name).strip().lower(): name for name in reader.fieldnames or ()}
    path_column, label_column, split_column = (
        next((columns[name] for name in names if name in columns), None) for names in (_FILE, _LABEL, _SPLIT)
    )
    if path_column is None or label_column is None:
        return None
    places = dict(_pictures(file.parent))
    rows, missing, splits = [], 0, 0
    for number, line in enumerate(reader):
        name, label = str(line[path_column] or "").strip(), str(line[label_column] or "").strip()
        path = places.get(name.replace("\\", "/").removeprefix("./"))
        if number >= _MOST_ROWS or not label or path is None:
            missing += bool(name)
            continue
        split = SPLIT_NAMES.get(str(line[split_column] or "").strip().lower()) if split_column else None
        splits += split is not None
        rows.append(Row(path, label, split))
    if len(rows) < _FOUND_SHARE * (len(rows) + missing) or not rows:
        return None
    return LabelTable(file=file, rows=tuple(rows), missing=missing, has_splits=splits == len(rows))


def _pictures(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every picture by each name that a table may call it; full relative names win."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    for path in found:
        yield path.stem, path
    for path in found:
        yield path.name, path
    for path in found:
        relative = path.relative_to(folder)
        yield relative.with_suffix("").as_posix(), path
        yield relative.as_posix(), path
