"""Which picture is in which class and split, as a CSV that a spreadsheet opens: a resumed run reads it back."""

import csv
import io
from pathlib import Path

from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.errors import DatasetError
from cnnstudio.data.dataset import Dataset, Sample, SplitSource
from cnnstudio.data.spec import SPLITS, Split

SAMPLES_FILE = "samples.csv"
_COLUMNS = ["path", "class", "split"]
_ERRORS = "surrogateescape"  # names on disk need not be valid Unicode; their bytes come back as they were


def save_samples(path: Path, dataset: Dataset) -> None:
    """Write path (under the dataset's root), class and split of every sample."""
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(_COLUMNS)
    for sample in dataset.samples:
        shown = sample.path.relative_to(dataset.root).as_posix()
        name = dataset.classes[sample.label]
        writer = quoted if "\r" in shown + name else plain  # before Python 3.13, a line's other end is not quoted
        writer.writerow([shown, name, sample.split])
    write_atomically(path, text.getvalue().encode(errors=_ERRORS))


def load_samples(path: Path, root: Path, classes: tuple[str, ...], source: SplitSource) -> Dataset:
    """The inverse of save_samples.

    Raises:
        DatasetError: the list is missing or damaged, or the folder of pictures is gone.
    """
    if not root.is_dir():
        raise DatasetError(f"The folder of pictures is not there: {root}.", remedy="Bring it back, then go on.")
    labels = {name: index for index, name in enumerate(classes)}
    try:
        with path.open(encoding="utf-8", errors=_ERRORS, newline="") as file:
            lines = csv.DictReader(file)
            if lines.fieldnames != _COLUMNS:  # an empty file would be an empty list
                raise ValueError(f"columns {lines.fieldnames}")
            rows = [(row["path"], labels[row["class"]], row["split"]) for row in lines]
        samples = tuple(Sample(root / shown, label, _split(split)) for shown, label, split in rows)
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(
            "The run's list of pictures cannot be read.", remedy="Start a new run.", details=f"{path}: {error!r}"
        ) from error
    return Dataset(root=root, classes=classes, samples=samples, problems=(), split_source=source)


def _split(text: str) -> Split:
    return SPLITS[[str(split) for split in SPLITS].index(text)]
