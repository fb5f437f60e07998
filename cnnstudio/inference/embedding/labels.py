"""What is known of a picture beside the picture: its class and its split. No torch."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from cnnstudio.core import FormatError, RunError, one_spelling
from cnnstudio.data.layouts.folder_words import split_of
from cnnstudio.data.samples import DAMAGE, SAMPLES_FILE, read_samples
from cnnstudio.runs import open_run

Known = tuple[str, str]
"""Class and split; empty where nobody knows."""


class Labels:
    """What a run knows of its own pictures, and what the folders say of others."""

    def __init__(self, folder: Path, classes: Sequence[str], run: Path | None) -> None:
        """Reads the run's list of pictures, where there is one."""
        self._folder = folder.absolute()
        self._classes = {one_spelling(name): name for name in classes}
        self._of_run = _of_run(run) if run is not None else {}

    def of(self, path: str) -> Known:
        """Of a picture of the folder."""
        place = os.path.abspath(path)  # noqa: PTH100 - the run's are text, too
        return self._of_run.get(place) or self._by_folders(PurePath(place))

    def _by_folders(self, path: PurePath) -> Known:
        """By the nearest folder that is called like a class of the network, and one that is called like a split."""
        label = split = ""
        for name in reversed(path.relative_to(self._folder).parts[:-1]):
            label = label or self._classes.get(one_spelling(name), "")
            split = split or split_of(name) or ""
        return label, split if label else ""


def _of_run(run: Path) -> Mapping[str, Known]:
    try:
        root = os.path.abspath(open_run(run).record.dataset)  # noqa: PTH100
        return {os.path.join(root, row.name): (row.label, row.split) for row in read_samples(run / SAMPLES_FILE)}  # noqa: PTH118
    except (*DAMAGE, FormatError, RunError):
        return {}
