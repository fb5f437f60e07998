"""DownloadWeights: fetch one of torchvision's weights files."""

from collections.abc import Callable
from pathlib import Path

from cnnstudio.core.control import Control
from cnnstudio.core.errors import NetworkError
from cnnstudio.core.events import Event, Progressed
from cnnstudio.jobs.specs import DownloadWeights
from cnnstudio.networks.builder import weights_entries
from cnnstudio.networks.weights.download import download_weights


def run(spec: DownloadWeights, control: Control, emit: Callable[[Event], None]) -> Path:
    """The file, whole and checked."""
    entry = next((entry for entry in weights_entries(spec.network) if entry.name == spec.entry), None)
    if entry is None:
        raise NetworkError(f"{spec.network} has no weights called {spec.entry}.", remedy="Choose them from the list.")
    return download_weights(
        entry.url,
        control=control,
        progress=lambda done, total, text: emit(Progressed(done=done, total=total, text=text)),
    )
