"""The tables of a folder, read, and a sentence about each that says nothing of its pictures."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cnnstudio.data.layouts.tables.candidates import SPREADSHEETS, TABLES, Candidates
from cnnstudio.data.layouts.tables.class_names import may_name_classes
from cnnstudio.data.layouts.tables.meaning import DETECTION, Table, is_about_these, meaning_of
from cnnstudio.data.layouts.tables.naming import Places, shows_picture
from cnnstudio.data.layouts.tables.reading import JSON, Lines, lines_about_pictures, ways_to_read
from cnnstudio.data.layouts.tables.text import Grid, encoding_of, lines_of, with_joined_columns
from cnnstudio.data.reading import is_picture, suffix_of

LARGEST = 500_000_000
"""Bytes of a table."""
_HEAD = 4_000
"""Characters that show what a text is."""
_SPLITS = ("split", "traintest", "istrain")
"""In the names of tables of two columns that say which pictures are for training."""
NO_PICTURE = "none of its columns names pictures that are here"
_SPREADSHEET = "it is a spreadsheet. Save its table as CSV, then its labels can be used"
_OTHER_FORMAT = "it is in a format that is not read here. Save its table as CSV, then its labels can be used"
_CONTENTS = {
    b"PK\x03\x04": _SPREADSHEET, b"\xd0\xcf\x11\xe0": _SPREADSHEET, b"PAR1": _OTHER_FORMAT, b"\x1f\x8b": _OTHER_FORMAT,
    b"SQLite format 3": _OTHER_FORMAT, b"ARROW1": _OTHER_FORMAT,
    b"version https://git-lfs": "it only points to the table, which was not downloaded (Git LFS). Download it as well",
}  # fmt: skip
"""What files begin with that are called like texts and are none."""
_JOINED = 3
"""Ways to read a table in which a folder and a name may stand in two columns."""
_FAILURES = (OSError, ValueError, RecursionError, MemoryError, csv.Error)


@dataclass(slots=True, kw_only=True)
class Found:
    """What the tables of a folder say."""

    tables: list[Table] = field(default_factory=list)
    """About pictures that are here."""
    lists: list[Path] = field(default_factory=list)
    """That may say what numbers stand for."""
    about_none: list[Path] = field(default_factory=list)
    """Tables that name no picture here; one of them may still be a list."""
    unused: dict[str, list[Path]] = field(default_factory=dict)
    """Tables by the reason why they are not used, as the end of a sentence."""

    def skip(self, file: Path, reason: str) -> None:
        """Say why a table is not used."""
        self.unused.setdefault(reason, []).append(file)

    def notes(self) -> Iterator[tuple[Path, str]]:
        """A sentence about each table that is not used."""
        for reason, files in self.unused.items():
            yield from ((file, f"{file.name} is not used: {reason}.") for file in files)


def read_tables(files: Candidates, root: Path, names: Sequence[str]) -> Found:
    """Read every table of a folder.

    Args:
        files: those that may be tables.
        root: the folder.
        names: of all files in it that may be pictures, relative, with forward slashes.
    """
    found, places = Found(), Places(names)
    folders = Counter(name.rpartition("/")[0] for name in names if is_picture(name))
    silent: list[tuple[Path, list[Grid]]] = []
    for file in files.tables:
        try:
            if file.stat().st_size > LARGEST:
                found.skip(file, "it is larger than 500 MB")
                continue
            if other := _other_content(file):
                found.skip(file, other)
                continue
            ways = ways_to_read(file)
            lines = _lines(file, ways, places, root) if _may_list_pictures(file) else None
        except _FAILURES as error:
            _say_unreadable(found, file, error)
            continue
        if lines:
            table = meaning_of(file, lines)
            found.tables.append(table)
            if may_name_classes(file.name) and not table.labels:
                found.lists.append(file)
        else:
            silent.append((file, ways))
    _join(found, silent)
    _sort(found, folders)
    _say_of_others(found, files)
    return found


def _other_content(file: Path) -> str:
    """Why a file is not the text that its name says; empty where it may be."""
    with file.open("rb") as opened:
        start = opened.read(max(map(len, _CONTENTS)))
    return next((reason for sign, reason in _CONTENTS.items() if start.startswith(sign)), "")


def _lines(file: Path, ways: Sequence[Grid], places: Places, root: Path) -> Lines | None:
    name = file.relative_to(root).as_posix()
    lines = lines_about_pictures(ways, places.resolver(name))
    if lines:
        return lines
    if not _is_table(file):
        return None
    numbered = lines_about_pictures(ways, places.resolver(name, by_number=True), further=False)
    if numbered and numbered.width > 1 and numbered.pictures > numbered.missing:
        return numbered
    joined = [grid for way in ways[:_JOINED] for grid in with_joined_columns(way)]
    return lines_about_pictures(joined, places.resolver(name), further=False)


def _is_table(file: Path) -> bool:
    return suffix_of(file.name) in TABLES or suffix_of(file.name) == ".jsonl"


def _may_list_pictures(file: Path) -> bool:
    """Whether its first lines are no prose: they begin with a path, an ending, or something with digits."""
    if _is_table(file) or suffix_of(file.name) in JSON:
        return True
    lines = _first_lines(file)
    likely = sum(bool(re.search(r"[\d/\\.]", words[0])) or any(map(shows_picture, words)) for words in lines)
    return bool(lines) and likely >= len(lines) / 2


def _first_lines(file: Path) -> list[list[str]]:
    with file.open(encoding=encoding_of(file), errors="replace", newline="") as opened:
        return [line.split() for line in islice(lines_of(opened), 50) if line.strip()]


def _join(found: Found, silent: Sequence[tuple[Path, list[Grid]]]) -> None:
    """Tables that call pictures by the number or code that another one gives them."""
    source = next((table for table in found.tables if table.keys and not table.labels), None)
    keys = source.keys if source else None
    for file, ways in silent:
        lines = None
        if (keys and may_name_classes(file.name)) or _says_split(file):
            lines = lines_about_pictures(ways, keys.get) if keys else None
        if lines and lines.width == 2 and lines.pictures > len(keys or ()) / 2:
            if not lines.header and _says_split(file):
                lines.header = ["", "is_training"]
            found.tables.append(meaning_of(file, lines))
            if source:
                source.gives_keys = True
            continue
        if may_name_classes(file.name):
            found.lists.append(file)
        if _is_table(file) or _names_pictures(file):
            found.about_none.append(file)


def _names_pictures(file: Path) -> bool:
    """Whether most lines of a text have the ending of a picture in them, so that it is meant to be a table."""
    if suffix_of(file.name) in JSON:
        return False
    lines = _first_lines(file)
    return sum(any(map(shows_picture, words)) for words in lines) > len(lines) / 2


def _says_split(file: Path) -> bool:
    return any(word in re.sub(r"[\W_]", "", file.name.lower()) for word in _SPLITS)


def _sort(found: Found, folders: Counter[str]) -> None:
    """Keep what is about the pictures here."""
    kept = []
    for table in found.tables:
        if not is_about_these(table, folders):
            found.skip(
                table.file, "most of the pictures that it names are not here, and most that are here it does not name"
            )
        else:
            kept.append(table)
    found.tables = kept


def _say_unreadable(found: Found, file: Path, error: Exception) -> None:
    if _is_table(file) or isinstance(error, OSError):
        found.skip(file, "it cannot be read as a table" if not isinstance(error, OSError) else "it may not be opened")
    elif suffix_of(file.name) in JSON and str(error) == "too large":
        found.skip(file, "it is too large to be read")


def _say_of_others(found: Found, files: Candidates) -> None:
    for file in files.answers:
        found.skip(file, "its name says that it holds answers of a network, or shows how they look")
    for file in files.unreadable:
        found.skip(file, _SPREADSHEET if suffix_of(file.name) in SPREADSHEETS else _OTHER_FORMAT)
    if files.more:
        found.skip(files.tables[-1], f"there are {files.more:,} more tables, too many to be read")
    if any(map(_marks_objects, files.about_one)):
        found.skip(files.about_one[0], f"as others like it, {DETECTION}")


def _marks_objects(file: Path) -> bool:
    """Whether a file about one picture holds boxes or outlines, in the formats of VOC, YOLO, labelme and others."""
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            head = opened.read(_HEAD)
    except OSError:
        return False
    if suffix_of(file.name) in (".xml", ".json"):
        return any(
            word in head for word in ("<bndbox", "<polygon", "<object", '"shapes"', '"bbox"', '"points"', '"regions"')
        )
    rows = [line.split() for line in head.splitlines()[:-1] or head.splitlines() if line.strip()]
    return bool(rows) and all(len(row) >= 5 and all(map(_is_number, row)) for row in rows[:5])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text) is not None
