"""A run's ``samples.csv``: which pictures it learned from and was judged by. Its only writer and its only reader."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cnnstudio.core import ALONE, DatasetError, read_csv, write_csv
from cnnstudio.data.dataset import SPLITS, Dataset, Sample, Split, SplitSource

SAMPLES_FILE = "samples.csv"
DAMAGE = (OSError, csv.Error, ValueError)
"""What reading a table of ours raises where it is missing or damaged."""
_ALWAYS, _LATER = ["path", "class", "split"], ["content", "group"]
"""Columns of every version, and those that earlier ones did not have."""


class SampleRow(NamedTuple):
    """A picture of a run."""

    name: str
    """Relative to the folder of pictures, with forward slashes."""
    label: str
    """The name of its class."""
    split: Split
    content: str = ""
    """See ``contents_of``; empty where it is not known."""
    group: int = ALONE
    """See ``Sample``; also ``ALONE`` where an earlier version did not note it."""


def save_samples(path: Path, dataset: Dataset, contents: Sequence[str]) -> None:
    """Write path (under the dataset's root), class, split, content and group of every sample; lone ones have no group.

    Raises:
        StorageError: it cannot be written.
    """
    classes, name_of = dataset.classes, dataset.name_of
    rows = (
        (name_of(sample.path), classes[sample.label], sample.split, content, _group_cell(sample.group))
        for sample, content in zip(dataset.samples, contents, strict=True)
    )
    write_csv(path, [[*_ALWAYS, *_LATER], *rows])


def _group_cell(group: int) -> str:
    return "" if group == ALONE else str(group)


def load_samples(path: Path, root: Path, classes: tuple[str, ...], source: SplitSource) -> Dataset:
    """The inverse of save_samples.

    Raises:
        DatasetError: the list is missing or damaged, or the folder of pictures is gone.
    """
    if not root.is_dir():
        raise DatasetError(f"The folder of pictures is not there: {root}.", remedy="Put it back, then try again.")
    labels = {name: index for index, name in enumerate(classes)}
    try:
        samples = tuple(Sample(root / row.name, labels[row.label], row.split, row.group) for row in read_samples(path))
    except (*DAMAGE, KeyError) as error:
        raise DatasetError(
            "The run's list of pictures cannot be read.", remedy="Start a new run.", details=f"{path}: {error!r}"
        ) from error
    return Dataset(root=root, classes=classes, samples=samples, problems=(), split_source=source)


def read_samples(path: Path) -> Iterator[SampleRow]:
    """Every sample of a run.

    Raises:
        OSError, csv.Error, ValueError: the list is missing or damaged; these are ``DAMAGE``.
    """
    rows = read_csv(path)
    header = next(rows, [])  # an empty file would be an empty list
    if header[:3] != _ALWAYS or not set(header[3:]) <= set(_LATER):
        raise ValueError(f"columns {header}")
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        split, group = SPLITS[[str(each) for each in SPLITS].index(cells["split"])], cells.get("group")
        content = cells.get("content", "")
        yield SampleRow(cells["path"], cells["class"], split, content, int(group) if group else ALONE)
