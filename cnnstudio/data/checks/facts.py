"""What was found out about every picture of a folder, as one table (60,000 rows take 15 MB), kept in the cache."""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.errors import StorageError
from cnnstudio.core.paths import cache_folder
from cnnstudio.data.dataset import FileProblem, ProblemKind
from cnnstudio.data.fingerprint import stamp

TINY = 8
"""Side of the small copy that near-duplicates are compared by."""
ROW = np.dtype(
    [
        ("seen", "?"),  # looked at, so that everything else is known
        ("good", "?"),  # could be read
        ("size", "u8"),  # of the file in bytes, and
        ("time", "i8"),  # when it was changed, in ns: another of either means that it has to be looked at again
        ("content", "u8", 2),  # hash of the file's bytes
        ("look", "u8"),  # perceptual hash
        ("tiny", "u1", (TINY, TINY, 3)),
        ("width", "u4"),  # as stored, before EXIF orientation
        ("height", "u4"),
        ("spread", "f4"),  # standard deviation of the grey values, 0 to 128
        ("format", "u1"),  # index into image_reader.FORMATS
        ("rotated", "?"),  # turned by EXIF
        ("grey", "?"),  # no colour in it
    ]
)
_VERSION = "3"
_NOTHING: tuple[np.ndarray, list[str], dict[str, tuple[ProblemKind, str]]] = (np.zeros(0, ROW), [], {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row per file, in the order in which they were listed."""

    table: np.ndarray
    """Of dtype ROW."""
    problems: dict[int, FileProblem] = field(default_factory=dict)
    """By row, for files that could not be read."""


def is_known(root: Path) -> bool:
    """Whether pictures of a folder were looked at before."""
    return _file(root).is_file()


def load_facts(root: Path, names: Sequence[str]) -> Facts:
    """What is known of some files: rows of zeros where nothing is, or where the file changed.

    Args:
        root: the dataset's folder.
        names: of the files in it, relative, with forward slashes.
    """
    table = np.zeros(len(names), ROW)
    known, known_names, texts = _read(root)
    if not len(known):
        return Facts(table=table)
    if known_names == list(names):
        rows = known_rows = np.arange(len(names))
    else:
        place = {name: row for row, name in enumerate(known_names)}
        pairs = [(row, place[name]) for row, name in enumerate(names) if name in place]
        rows, known_rows = np.array(pairs, np.intp).reshape(-1, 2).T
    stamps = np.array([stamp(f"{root}{os.sep}{names[row]}") for row in rows.tolist()], np.int64).reshape(-1, 2)
    same = (known["size"][known_rows] == stamps[:, 0].astype(np.uint64)) & (known["time"][known_rows] == stamps[:, 1])
    rows, known_rows = rows[same], known_rows[same]
    table[rows] = known[known_rows]
    problems = {}
    for row, known_row in zip(rows.tolist(), known_rows.tolist(), strict=True) if texts else ():
        if str(known_row) in texts:
            kind, detail = texts[str(known_row)]
            problems[row] = FileProblem(path=root / names[row], kind=kind, detail=detail)
    return Facts(table=table, problems=problems)


def save_facts(root: Path, names: Sequence[str], facts: Facts) -> None:
    """Remember; a disk that refuses costs looking again."""
    kept = np.flatnonzero(facts.table["seen"])
    number = {row: index for index, row in enumerate(kept.tolist())}
    texts = {str(number[row]): (p.kind, p.detail) for row, p in facts.problems.items() if row in number}
    words = {"names": [names[row] for row in kept.tolist()], "texts": texts}
    buffer = io.BytesIO()
    text = json.dumps(words).encode("ascii")  # file names that are no UTF-8 are escaped like others
    np.savez(buffer, table=facts.table[kept], words=np.frombuffer(text, np.uint8), version=np.array(_VERSION))
    with suppress(StorageError, OSError):
        write_atomically(_file(root), buffer.getvalue())


def _read(root: Path) -> tuple[np.ndarray, list[str], dict[str, tuple[ProblemKind, str]]]:
    try:
        with np.load(_file(root), allow_pickle=False) as stored:
            if str(stored["version"]) == _VERSION and stored["table"].dtype == ROW:
                words = json.loads(stored["words"].tobytes())
                return stored["table"], words["names"], words["texts"]
    except Exception:  # noqa: BLE001 - numpy and zipfile raise many types on a damaged file, which is then forgotten
        return _NOTHING
    return _NOTHING


def _file(root: Path) -> Path:
    digest = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=8).hexdigest()
    return cache_folder() / "pictures" / f"{digest}.npz"
