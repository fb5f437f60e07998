"""How long networks take for a picture on this computer, as remembered values. No torch."""

import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from cnnstudio import __version__
from cnnstudio.core.codec import load_json, save_json
from cnnstudio.core.errors import FormatError, StorageError
from cnnstudio.core.paths import cache_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Seconds per picture through the frozen network, without its head and without reading the file."""

    device: str
    """Where it was measured, such as ``cpu``."""
    machine: str
    """Processor and versions: another one, another measurement."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By name of a pretrained network, at its own input size."""
    measured: tuple[str, ...] = ()
    """Names that were really measured; the others are estimated from them."""

    def is_estimate(self, network: str) -> bool:
        """Whether a network's time was not measured itself."""
        return network not in self.measured


def load_speeds() -> Speeds | None:
    """What was measured on this computer with these versions; None when nothing was."""
    try:
        speeds = load_json(_file(), Speeds)
    except (OSError, FormatError):
        return None
    return speeds if speeds.machine == this_machine() else None


def save_speeds(speeds: Speeds) -> None:
    """Remember a measurement; a disk that refuses costs twenty seconds the next time."""
    try:
        save_json(_file(), speeds)
    except StorageError:
        return


def this_machine() -> str:
    """What a measurement depends on, besides the device."""
    parts = (platform.machine(), platform.processor(), f"{os.cpu_count()} cores", f"torch {version('torch')}")
    return ", ".join((*parts, f"torchvision {version('torchvision')}", f"cnnstudio {__version__}"))


def _file() -> Path:
    return cache_folder() / "speeds.json"
