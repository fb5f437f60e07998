"""ScanFolder: list a folder of pictures."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event, Progressed
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs.specs import ScanFolder


def run(spec: ScanFolder, control: Control, emit: Callable[[Event], None]) -> Dataset:
    """The dataset; raises DatasetError when the folder cannot be used."""
    return open_dataset(
        spec.folder,
        spec.split,
        redraw=spec.redraw,
        names_are_labels=spec.names_are_labels,
        control=control,
        progress=lambda done, total, text: emit(Progressed(done=done, total=total, text=text)),
    )
