"""Which pictures of a folder a run was trained with: the same files, or copies of them elsewhere."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cnnstudio.core import Control
from cnnstudio.data.dataset import Dataset, Sample, stamp
from cnnstudio.data.samples import read_samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """The pictures of a training; none unless it is known."""

    root: Path | None = None
    """Their folder, by its real path."""
    learned: frozenset[str] = field(default_factory=frozenset)
    """Names of those that it learned from."""
    chose: frozenset[str] = field(default_factory=frozenset)
    """Names of those by which it chose the best epoch."""

    def among(self, dataset: Dataset, samples: Sequence[Sample], control: Control, *, chosen_by: bool) -> set[Path]:
        """Those of ``samples`` that were used, or are copies of such; ``chosen_by`` counts both kinds as used.

        Files of another folder are compared by content where sizes are the same.

        Raises:
            StopRequested: a stop was asked for.
        """
        if self.root is None:
            return set()
        names, root = self.learned | self.chose if chosen_by else self.learned, dataset.root.resolve()
        if root == self.root:
            return {sample.path for sample in samples if dataset.name_of(sample.path) in names}
        by_size = defaultdict[int, list[Path]](list)
        for name in names:
            path = self.root / name
            by_size[stamp(path)[0]].append(path)
        digest, found = cache(_digest), set[Path]()
        for sample in samples:
            control.check()
            size = stamp(sample.path)[0]
            with suppress(OSError):
                own = digest(sample.path) if size and size in by_size else b""
                if own and any(digest(path) == own for path in by_size[size]):
                    found.add(sample.path)
        return found


def used_by(samples_file: Path, root: Path) -> Used:
    """What a run's list of pictures says; nothing is known of a run whose list cannot be read.

    Args:
        samples_file: of the run.
        root: its folder of pictures.
    """
    try:
        rows = list(read_samples(samples_file))
    except (OSError, csv.Error, ValueError):
        return Used()
    learned, chose = (frozenset(name for name, _, split in rows if split == own) for own in ("train", "validation"))
    return Used(root=root.resolve(), learned=learned, chose=chose)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
