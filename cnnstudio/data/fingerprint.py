"""Short names for pictures and datasets, to find features again and to tell datasets apart."""

import hashlib
import os
from pathlib import Path

from cnnstudio.data.dataset import Dataset


def stamp(path: str | Path) -> tuple[int, int]:
    """A file's size in bytes and the time of its last change in ns; zeros where it cannot be asked."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - making 60,000 paths is felt
    except OSError:
        return 0, 0
    return stat.st_size, time_of(stat)


def time_of(stat: os.stat_result) -> int:
    """Of the last change in ns, as far as 64 bits reach: clocks go wrong, and 2262 is the end."""
    return max(-(2**63), min(stat.st_mtime_ns, 2**63 - 1))


def sample_key(path: Path) -> bytes:
    """16 bytes that change when the file at ``path`` does: absolute path, size and modification time."""
    size, time = stamp(path)
    text = os.fsencode(path.absolute()) + f"|{size}|{time}".encode()
    return hashlib.blake2b(text, digest_size=16).digest()


def dataset_hash(dataset: Dataset) -> str:
    """32 hexadecimal digits over classes, relative paths, splits and sizes; independent of where the folder lies."""
    digest = hashlib.blake2b("\0".join(dataset.classes).encode(errors="surrogateescape"), digest_size=16)
    rows = sorted(
        (os.fsencode(sample.path.relative_to(dataset.root)), sample.split, sample.label, _size(sample.path))
        for sample in dataset.samples
    )
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
