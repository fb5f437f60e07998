"""Short names for pictures and datasets, to find features again and to tell datasets apart."""

import hashlib
import os
from pathlib import Path

import numpy as np

from cnnstudio.data.dataset import Dataset


def sample_key(path: Path) -> bytes:
    """16 bytes that change when the file at ``path`` does: absolute path, size and modification time."""
    try:
        stat = path.stat()
        size, time = stat.st_size, stat.st_mtime_ns
    except OSError:
        size, time = 0, 0
    text = os.fsencode(path.absolute()) + f"|{size}|{time}".encode()
    return hashlib.blake2b(text, digest_size=16).digest()


def key_of(path: Path) -> np.ndarray:
    """``sample_key`` as two uint64."""
    return np.frombuffer(sample_key(path), np.uint64)


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
