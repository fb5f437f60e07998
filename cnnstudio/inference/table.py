"""Predictions as a table for spreadsheets. No torch."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from cnnstudio.core.atomic import write_atomically
from cnnstudio.inference.results import Prediction


def write_table(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write a CSV: path, rank, label, probability, error; one row per answer, or one for an unreadable picture.

    Raises:
        StorageError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "rank", "label", "probability", "error"])
    for prediction in predictions:
        for rank, score in enumerate(prediction.top, 1):
            writer.writerow([prediction.path, rank, score.label, f"{score.probability:.6f}", ""])
        if prediction.error:
            writer.writerow([prediction.path, "", "", "", prediction.error])
    write_atomically(path, text.getvalue().encode(errors="surrogateescape"))  # names need not be valid Unicode
