"""Stratified, seeded splits: the same pictures and seed always give the same split."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePath

from cnnstudio.data.spec import Split, SplitSpec


def stratified_split(names: Sequence[PurePath], spec: SplitSpec) -> list[Split]:
    """Assign the pictures of ONE class to splits.

    Every picture gets a place in a row from a hash of seed and name, so that an added file hardly moves the others.
    Each split gets its share to within one picture; training keeps at least one, and from three pictures on (two for
    one split) validation and test get at least one each where their share is not zero.

    Args:
        names: paths relative to the class folder.
        spec: shares and seed.
    """
    row = sorted(range(len(names)), key=lambda index: _place(names[index], spec.seed))
    test = _share(len(names), spec.test, reserve=2 if spec.validation else 1)
    validation = _share(len(names), spec.validation, reserve=1 + test)
    splits: list[Split] = ["train"] * len(names)
    for index in row[:test]:
        splits[index] = "test"
    for index in row[test : test + validation]:
        splits[index] = "validation"
    return splits


def _share(count: int, fraction: float, *, reserve: int) -> int:
    """A fraction of ``count``, at least one where others keep their ``reserve``."""
    if fraction == 0 or count <= reserve:
        return 0
    return min(max(1, round(count * fraction)), count - reserve)


def _place(name: PurePath, seed: int) -> bytes:
    text = f"{seed}|{name.as_posix()}".encode(errors="surrogateescape")
    return hashlib.blake2b(text, digest_size=16).digest()
