"""Tables of file names and labels, as they lie beside many downloaded datasets."""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from cnnstudio.core import counted
from cnnstudio.data.dataset import SPLIT_NAMES, Split
from cnnstudio.data.reading import is_picture, suffix_of

_FILE = (
    "file", "filename", "file_name", "image", "image_path", "image_name", "image_file", "picture", "photo", "path",
    "filepath", "file_path", "image_id", "img", "img_name", "name", "id",
)  # fmt: skip
_LABEL = (
    "label",
    "class",
    "category",
    "class_name",
    "label_name",
    "target",
    "species",
    "breed",
    "diagnosis",
    "dx",
    "y",
)
_SPLIT = ("split", "set", "subset", "partition")
_PLACEHOLDERS = "submission"
"""Competitions lay a table beside the others that shows how answers look; its labels are none."""
_MOST_ROWS, _LONGEST_LINE, _LARGEST = 5_000_000, 100_000, 500_000_000
_START = 1 << 20
"""Bytes of a table that tell its encoding."""
_TRIED = 200
"""Rows that decide which column holds the files."""
_SHARE = 0.5
"""Of a table's files must be there; and with more than this of all pictures in it, a table says more than folders."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    name: str
    """Of the file, relative to the table's folder, with forward slashes."""
    label: str
    split: Split | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """One or several tables whose files are there."""

    rows: tuple[Row, ...]
    has_splits: bool
    unnamed: int
    """Pictures that no line names."""
    complaints: tuple[tuple[Path, str], ...]
    """Of which table, and a sentence."""

    @property
    def is_complete(self) -> bool:
        """Whether it names most of the pictures."""
        return len(self.rows) > _SHARE * (len(self.rows) + self.unnamed)


@dataclass(slots=True)
class _Read:
    """What one file says, by name of the picture."""

    labels: dict[str, str] = field(default_factory=dict)
    splits: dict[str, str] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    """Pictures with more than one label or split."""
    missing: int = 0
    """Lines whose file was not found, or cannot be told from another."""
    unlabelled: int = 0


@dataclass(frozen=True, slots=True)
class _Columns:
    file: int
    label: int
    split: int | None


def is_table(name: str) -> bool:
    """Whether a file's name says that it is a table of labels."""
    return suffix_of(name) in (".csv", ".tsv") and _PLACEHOLDERS not in name.lower()


def read_tables(files: Sequence[Path], names: Sequence[str]) -> LabelTable | None:
    """What tables say of the files beside and below them; None where at most half of what they name is there.

    Columns are known by their usual names, or by their order where there are none: file, label and perhaps split.
    Files are looked for by their path, and by their bare name, with or without ending, where that is clear. Several
    tables add up; if they are called train, test and so on, that is their split.

    Args:
        files: the tables, all in one folder.
        names: of all files there and below that may be pictures, relative to that folder, with forward slashes.
    """
    places, folders = _places(names), {name.rpartition("/")[0] for name in names}
    read = {file: table for file in files if (table := _read(file, places, folders)) and _is_found(table)}
    tables, complaints = _agreeing(read)
    if not tables:
        return None
    several = _contradicted([table.labels for table in tables.values()])
    several = several.union(*(table.several for table in tables.values()))
    labels: dict[str, str] = {}
    splits: dict[str, Split] = {}
    for file, table in tables.items():
        labels = {name: label for name, label in table.labels.items() if name not in several} | labels
        own = SPLIT_NAMES.get(file.stem.lower()) if len(tables) > 1 and not any(table.splits.values()) else None
        said = {name: own or SPLIT_NAMES.get(table.splits.get(name, "").lower()) for name in table.labels}
        splits = {name: split for name, split in said.items() if split} | splits
        complaints += [(file, words) for words in _complaints(file.name, table)]
    if not splits:
        splits = _by_folder(labels)
    first = next(iter(tables))
    unsaid = labels.keys() - splits.keys() if splits else ()
    unnamed = {name for name in names if is_picture(name)} - labels.keys() - several
    for those, words in (
        (several, "With several labels or splits, so skipped"),
        (unnamed, "In no table, so of no known class"),
        (unsaid, "In no split, so used for training"),
    ):
        if those:
            complaints.append((first, f"{words}: {counted(len(those), 'picture')}."))
    rows = tuple(Row(name, label, splits.get(name, "train") if splits else None) for name, label in labels.items())
    return LabelTable(rows=rows, has_splits=bool(splits), unnamed=len(unnamed), complaints=tuple(complaints))


def _agreeing(tables: Mapping[Path, _Read]) -> tuple[dict[Path, _Read], list[tuple[Path, str]]]:
    """The largest table and all that do not say something else throughout, such as in another language."""
    kept, complaints, said = dict[Path, _Read](), list[tuple[Path, str]](), dict[str, str]()
    for file, table in sorted(tables.items(), key=lambda item: -len(item[1].labels)):
        both = [name for name in table.labels if name in said]
        if sum(said[name] != table.labels[name] for name in both) > _SHARE * len(both):
            complaints.append((file, f"{file.name} gives most pictures other labels than {next(iter(kept)).name}."))
        else:
            kept[file] = table
            said = table.labels | said
    return kept, complaints


def _contradicted(tables: Sequence[Mapping[str, str]]) -> set[str]:
    """Pictures to which tables give different labels."""
    said: dict[str, str] = {}
    return {name for table in tables for name, label in table.items() if said.setdefault(name, label) != label}


def _by_folder(names: Iterable[str]) -> dict[str, Split]:
    """The splits that folders called train, test and so on say, where all pictures lie in such folders."""
    tops = {name: SPLIT_NAMES.get(name.partition("/")[0].lower()) for name in names if "/" in name}
    found = {name: split for name, split in tops.items() if split}
    return found if len(set(found.values())) > 1 and len(found) == len(list(names)) else {}


def _is_found(table: _Read) -> bool:
    return len(table.labels) >= _SHARE * (len(table.labels) + table.missing)


def _complaints(name: str, table: _Read) -> Iterator[str]:
    if table.missing:
        yield f"{name} has {counted(table.missing, 'line')} whose file cannot be found or is not unique."
    if table.unlabelled:
        yield f"{name} has {counted(table.unlabelled, 'line')} without a label."


def _read(file: Path, places: Mapping[str, str | None], folders: set[str]) -> _Read | None:
    try:
        if file.stat().st_size > _LARGEST:
            return None
        with file.open(encoding=_encoding(file), errors="replace", newline="") as opened:
            lines = _lines_of(opened)
            first = next(lines, "")
            if first.lower().startswith("sep="):  # Excel's own
                first = next(lines, "")
            delimiter = csv.Sniffer().sniff(first, delimiters=",;\t|").delimiter
            return _resolved(file, csv.reader(chain([first], lines), delimiter=delimiter), places, folders)
    except (OSError, csv.Error, UnicodeError):
        return None


def _lines_of(opened: TextIO) -> Iterator[str]:
    while line := opened.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error("a line without an end")
        yield line


def _encoding(file: Path) -> str:
    """UTF-8, or what Excel writes."""
    with file.open("rb") as opened:
        start = opened.read(_START)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < _START)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _resolved(
    file: Path, lines: Iterator[list[str]], places: Mapping[str, str | None], folders: set[str]
) -> _Read | None:
    def place_of(text: str) -> str | None:
        name = text.strip().replace("\\", "/").removeprefix("./")
        folder, _, bare = name.rpartition("/")
        inside = folder in folders or not folder
        return places.get(name) or places.get(f"{file.stem}/{name}") or (None if inside else places.get(bare))

    first = next(lines, [])
    some = list(islice(lines, _TRIED))
    columns = _columns(first, some, place_of)
    if columns is None:  # no header, if this is a file already
        if len(first) < 2 or place_of(first[0]) is None:
            return None
        columns, some = _Columns(0, 1, 2 if len(first) > 2 else None), [first, *some]
    table = _Read()
    for line in islice(chain(some, lines), _MOST_ROWS):
        if len(line) <= columns.file or not line[columns.file].strip():
            continue
        name = place_of(line[columns.file])
        label = line[columns.label].strip() if len(line) > columns.label else ""
        if name is None:
            table.missing += 1
        elif not label:
            table.unlabelled += 1
        else:
            split = line[columns.split].strip() if columns.split is not None and len(line) > columns.split else ""
            if table.labels.setdefault(name, label) != label or table.splits.setdefault(name, split) != split:
                table.several.add(name)
    return table if table.labels else None


def _columns(header: list[str], rows: list[list[str]], place_of: Callable[[str], str | None]) -> _Columns | None:
    """Which columns are which, by their names; of several that could hold the files, the one that does."""
    names = [name.strip().lower() for name in header]
    label, split = (next((names.index(name) for name in usual if name in names), None) for usual in (_LABEL, _SPLIT))
    files = [names.index(name) for name in _FILE if name in names]
    if label is None or not files:
        return None
    found = {file: sum(place_of(row[file]) is not None for row in rows if len(row) > file) for file in files}
    return _Columns(max(files, key=found.__getitem__), label, split)


def _places(names: Sequence[str]) -> dict[str, str | None]:
    """Every file by each name that a table may call it; None for names that are not clear. Full names win."""
    places: dict[str, str | None] = {}
    for name in names:
        bare = name.rpartition("/")[2]
        for short in {_stem(name), bare, _stem(bare)} - {name}:
            places[short] = None if short in places else name
    return places | {name: name for name in names}


def _stem(name: str) -> str:
    return name[: len(name) - len(suffix_of(name))]
