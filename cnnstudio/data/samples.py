"""A run's ``samples.csv``: which pictures it learned from and was judged by. Its only writer and its only reader."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cnnstudio.core import DatasetError, read_csv, write_csv
from cnnstudio.data.dataset import SPLITS, Dataset, Sample, Split, SplitSource

SAMPLES_FILE = "samples.csv"
_COLUMNS = ["path", "class", "split", "content"]
_BEFORE = _COLUMNS[:3]
"""As runs had it that knew their pictures by name alone."""


class SampleRow(NamedTuple):
    """A picture of a run."""

    name: str
    """Relative to the folder of pictures, with forward slashes."""
    label: str
    """The name of its class."""
    split: Split
    content: str = ""
    """See ``contents_of``; empty where it is not known."""


def save_samples(path: Path, dataset: Dataset, contents: Sequence[str]) -> None:
    """Write path (under the dataset's root), class, split and content of every sample.

    Raises:
        StorageError: it cannot be written.
    """
    classes, name_of = dataset.classes, dataset.name_of
    rows = (
        (name_of(sample.path), classes[sample.label], sample.split, content)
        for sample, content in zip(dataset.samples, contents, strict=True)
    )
    write_csv(path, [_COLUMNS, *rows])


def load_samples(path: Path, root: Path, classes: tuple[str, ...], source: SplitSource) -> Dataset:
    """The inverse of save_samples.

    Raises:
        DatasetError: the list is missing or damaged, or the folder of pictures is gone.
    """
    if not root.is_dir():
        raise DatasetError(f"The folder of pictures is not there: {root}.", remedy="Put it back, then resume the run.")
    labels = {name: index for index, name in enumerate(classes)}
    try:
        samples = tuple(Sample(root / row.name, labels[row.label], row.split) for row in read_samples(path))
    except (OSError, csv.Error, KeyError, ValueError) as error:
        raise DatasetError(
            "The run's list of pictures cannot be read.", remedy="Start a new run.", details=f"{path}: {error!r}"
        ) from error
    return Dataset(root=root, classes=classes, samples=samples, problems=(), split_source=source)


def read_samples(path: Path) -> Iterator[SampleRow]:
    """Every sample of a run.

    Raises:
        OSError, csv.Error, ValueError: the list is missing or damaged.
    """
    rows = read_csv(path)
    if (header := next(rows, None)) not in (_COLUMNS, _BEFORE):  # an empty file would be an empty list
        raise ValueError(f"columns {header}")
    for name, own, split, *content in rows:
        yield SampleRow(name, own, SPLITS[[str(each) for each in SPLITS].index(split)], *content)
