"""Facts on disk: one file per dataset folder in the cache."""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.errors import StorageError
from cnnstudio.core.paths import cache_folder
from cnnstudio.data.dataset import FileProblem, ProblemKind
from cnnstudio.data.facts import ROW
from cnnstudio.data.fingerprint import sample_key

_VERSION = "2"


def load_facts(root: Path, paths: Sequence[Path]) -> tuple[np.ndarray, dict[int, FileProblem]]:
    """What is known of some files: rows of zeros where nothing is, or where the file changed."""
    table = np.zeros(len(paths), ROW)
    known, texts = _read(root)
    if not len(known):
        return table, {}
    place = {row.tobytes(): index for index, row in enumerate(known["key"])}
    problems: dict[int, FileProblem] = {}
    for row, path in enumerate(paths):
        index = place.get(sample_key(path))
        if index is None:
            continue
        table[row] = known[index]
        if str(index) in texts:
            kind, detail = texts[str(index)]
            problems[row] = FileProblem(path=path, kind=kind, detail=detail)
    return table, problems


def save_facts(root: Path, paths: Sequence[Path], table: np.ndarray, problems: dict[int, FileProblem]) -> None:
    """Remember; a disk that refuses costs looking again."""
    kept = np.flatnonzero(table["key"].any(1))
    number = {int(row): index for index, row in enumerate(kept)}
    texts = {str(number[row]): (p.kind, p.detail) for row, p in problems.items() if row in number}
    buffer = io.BytesIO()
    text = json.dumps(texts).encode("utf-8", errors="surrogatepass")
    np.savez(buffer, table=table[kept], texts=np.frombuffer(text, np.uint8), version=np.array(_VERSION))
    try:
        write_atomically(_file(root), buffer.getvalue())
    except (StorageError, OSError):
        return


def _read(root: Path) -> tuple[np.ndarray, dict[str, tuple[ProblemKind, str]]]:
    try:
        with np.load(_file(root), allow_pickle=False) as stored:
            if str(stored["version"]) != _VERSION or stored["table"].dtype != ROW:
                return np.zeros(0, ROW), {}
            texts = json.loads(stored["texts"].tobytes().decode("utf-8", errors="surrogatepass"))
            return stored["table"], texts
    except Exception:  # noqa: BLE001 - numpy and zipfile raise many types on a damaged file, which is then forgotten
        return np.zeros(0, ROW), {}


def _file(root: Path) -> Path:
    digest = hashlib.blake2b(os.fsencode(root.absolute()), digest_size=8).hexdigest()
    return cache_folder() / "pictures" / f"{digest}.npz"
