"""Which files in a folder may be tables of labels, and which are tables that cannot be read here."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cnnstudio.data.layouts.folder import Folder, Tree
from cnnstudio.data.reading import is_picture, suffix_of

TABLES = frozenset({".csv", ".tsv"})
"""Endings that say table; what is under the others is looked at."""
TEXTS = frozenset({".txt", ".lst", ".list", ".tab", ".psv", ".dat", ".data", ".json", ".jsonl", ".ndjson"})
SPREADSHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"})
OTHERS = frozenset({
    ".parquet", ".feather", ".arrow", ".sqlite", ".sqlite3", ".db", ".mdb", ".accdb", ".sav", ".dta", ".sas7bdat",
    ".rds", ".rdata", ".pkl", ".pickle", ".mat", ".npy", ".npz", ".h5", ".hdf5", ".tfrecord", ".lmdb",
})  # fmt: skip
_READ = TABLES | TEXTS | {".xml"}
PACKED = (".csv.gz", ".tsv.gz", ".csv.bz2", ".csv.xz", ".json.gz", ".csv.zip")
_ANSWERS = ("submission", "prediction")
"""In the names of tables that show how answers look, or hold those of a network; their labels are none."""
_DEEPEST, _WRAPPERS = 2, 3
_MOST_FILES = 300
_MOST_OF_ONE_KIND = 20
"""Texts in one folder, over which each is about one picture."""
_ABOUT_ONE = 3
"""Files about one picture each that are looked at, of the many there may be."""


@dataclass(slots=True, kw_only=True)
class Candidates:
    """Files of a folder by what may be in them; paths in a fixed order."""

    tables: list[Path] = field(default_factory=list)
    """That may be tables."""
    answers: list[Path] = field(default_factory=list)
    """Called like the answers of a network."""
    unreadable: list[Path] = field(default_factory=list)
    """Tables in a format that is not read here."""
    about_one: list[Path] = field(default_factory=list)
    """Of the files that are called like one picture each, some."""
    more: int = 0
    """Tables that are too many to be read."""


def is_table(name: str) -> bool:
    """Whether a file's ending says that it is a table."""
    return suffix_of(name) in TABLES and not _has_answers(name)


def _has_answers(name: str) -> bool:
    return any(word in name.lower() for word in _ANSWERS)


def candidates(tree: Tree) -> Candidates:
    """Look through a folder and two levels below, and through folders that are only wrapped around."""
    found = Candidates()
    for inner in _folders(tree):
        texts = [name for name in inner.files if suffix_of(name) in _READ]
        stems = {_stem(name) for name in inner.files if is_picture(name)} if texts else set()
        many = {suffix for suffix, count in Counter(map(suffix_of, texts)).items() if count > _MOST_OF_ONE_KIND}
        for name in texts:
            suffix = suffix_of(name)
            one = suffix == ".xml" or _stem(name) in stems or (suffix in many and suffix not in TABLES)
            _sort(found, inner.path / name, about_one=one)
        found.unreadable += [inner.path / name for name in inner.files if _is_unreadable(name)]
    return found


def _is_unreadable(name: str) -> bool:
    return suffix_of(name) in SPREADSHEETS or suffix_of(name) in OTHERS or name.lower().endswith(PACKED)


def _sort(found: Candidates, file: Path, *, about_one: bool) -> None:
    if about_one:
        if len(found.about_one) < _ABOUT_ONE:
            found.about_one.append(file)
    elif _has_answers(file.name):
        found.answers.append(file)
    elif len(found.tables) < _MOST_FILES:
        found.tables.append(file)
    else:
        found.more += 1


def _folders(tree: Tree) -> Iterator[Folder]:
    """The folder and those below it, as far as tables may lie."""
    waiting = deque([(tree, 0, _WRAPPERS)])
    while waiting:
        each, depth, wrappers = waiting.popleft()
        yield each.folder
        wraps = len(each.inner) == 1 and wrappers > 0 and not depth
        if depth < _DEEPEST:
            waiting.extend((inner, 0 if wraps else depth + 1, wrappers - 1) for inner in each.inner)


def _stem(name: str) -> str:
    return name[: len(name) - len(suffix_of(name))]
