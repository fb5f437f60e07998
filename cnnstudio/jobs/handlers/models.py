"""From a reference to a loaded model; a run that was cut off gets its bundle first."""

from dataclasses import replace
from pathlib import Path

from cnnstudio.inference.session import Session, open_model
from cnnstudio.networks.catalogue.entries import ModelRef
from cnnstudio.runs.store import RECORD_FILE
from cnnstudio.training.recover import ensure_bundle


def open_ref(ref: ModelRef) -> Session:
    """The model of a run folder, a bundle folder or a network name."""
    folder = Path(ref.source)
    if (folder / RECORD_FILE).is_file():
        ref = replace(ref, source=str(ensure_bundle(folder)))
    return open_model(ref)
