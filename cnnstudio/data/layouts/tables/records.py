"""JSON as rows of cells: a record per line, lists of records, names with labels, labels with names."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from cnnstudio.data.layouts.tables.text import Grid, encoding_of, lines_of
from cnnstudio.data.layouts.tables.values import LISTED

LARGEST_JSON = 100_000_000
"""Bytes of a file that has to be read at once."""
_MOST_KEYS, _TRIED = 500, 100
Row = list[str]


def json_grids(file: Path) -> list[Grid]:
    """Every way to read a JSON file as a table; none where it holds no table.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    if _has_record_lines(file):
        header = _keys(islice(_record_lines(file), _TRIED))
        return [Grid(lambda: iter([header]) if not header else _by_keys(header, _record_lines(file)), has_header=True)]
    if file.stat().st_size > LARGEST_JSON:
        raise ValueError("too large")
    with file.open(encoding=encoding_of(file), errors="replace") as opened:
        content = json.load(opened)
    return list(_seen(content))


def _seen(content: Any) -> Iterator[Grid]:
    if isinstance(content, list):
        yield from _of_list(content)
    elif isinstance(content, dict):
        joined = _annotated(content)
        if joined:
            yield _records(joined)
            return
        lists: list[list[Any]] = [each for each in content.values() if isinstance(each, list) and each]
        lists = [each for each in lists if isinstance(each[0], dict)]
        for each in sorted(lists, key=len, reverse=True)[:2]:
            yield _records(each)
        values = list(content.values())
        if values and all(isinstance(value, dict) for value in values[:_TRIED]):
            yield _records([{"file": key, **value} for key, value in content.items() if isinstance(value, dict)])
        elif values and all(isinstance(value, list) for value in values):
            rows = [[*_cells(entry), key] for key, entries in content.items() for entry in entries]
            yield _plain(rows)
            yield _plain([[key, _cell(entries)] for key, entries in content.items()])
        elif values:
            yield _plain([[key, _cell(value)] for key, value in content.items()])


def _of_list(content: list[Any]) -> Iterator[Grid]:
    if content and isinstance(content[0], dict):
        yield _records(content)
    elif content:
        yield _plain([_cells(entry) for entry in content])


def _annotated(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Pictures with what is said of them elsewhere in the file, as in COCO's and iNaturalist's."""
    pictures, notes, kinds = (content.get(key) for key in ("images", "annotations", "categories"))
    if not (isinstance(pictures, list) and isinstance(notes, list)):
        return []
    entries = [entry for entry in pictures if isinstance(entry, dict)]
    names = {
        str(kind.get("id")): str(kind.get("name"))
        for kind in (kinds if isinstance(kinds, list) else ()) if isinstance(kind, dict)
    }  # fmt: skip
    by_id = {str(entry.get("id")): entry for entry in entries}
    joined = []
    for note in notes:
        if isinstance(note, dict) and (entry := by_id.get(str(note.get("image_id")))):
            label = str(note.get("category_id"))
            said = {key: value for key, value in note.items() if key in ("bbox", "segmentation")}
            about = {key: value for key, value in entry.items() if key != "id"}
            joined.append({**about, **said, "category": names.get(label, label)})
    return joined


def _has_record_lines(file: Path) -> bool:
    """Whether the first two lines are a record each."""
    try:
        first = list(islice(_record_lines(file), 2))
    except (ValueError, csv.Error):
        return False
    return bool(first) and (len(first) > 1 or file.suffix.lower() in (".jsonl", ".ndjson"))


def _record_lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding=encoding_of(file), errors="replace", newline="") as opened:
        for line in lines_of(opened):
            if line.strip():
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise ValueError("no record")
                yield record


def _records(content: Sequence[Any]) -> Grid:
    records = [entry for entry in content if isinstance(entry, dict)]
    header = _keys(records[:_TRIED])
    return Grid(lambda: _by_keys(header, records), has_header=True)


def _by_keys(header: Row, records: Iterable[dict[str, Any]]) -> Iterator[Row]:
    yield header
    for record in records:
        yield [_cell(record.get(key)) for key in header]


def _plain(rows: list[Row]) -> Grid:
    return Grid(lambda: iter(rows), has_header=False)


def _keys(records: Iterable[dict[str, Any]]) -> Row:
    return list(dict.fromkeys(key for record in records for key in record))[:_MOST_KEYS]


def _cells(entry: Any) -> Row:
    return [_cell(each) for each in entry] if isinstance(entry, list) else [_cell(entry)]


def _cell(value: Any) -> str:
    """As a table would have it; entries of a list with ``LISTED`` between, what is deeper only as a sign."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        plain = all(isinstance(each, str | int) for each in value)
        return LISTED.join(map(str, value)) if plain and len(value) < 50 else "[…]" if value else ""
    return "{…}" if isinstance(value, dict) else repr(value)
