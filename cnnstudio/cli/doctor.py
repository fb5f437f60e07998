"""What this computer has, for people who ask why something does not work."""

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from cnnstudio.core.machine import usable_cores
from cnnstudio.core.paths import cache_folder, data_folder, log_folder, runs_folder
from cnnstudio.core.watch import Watch
from cnnstudio.jobs import specs
from cnnstudio.jobs.execute import run_inline

_PACKAGES = (
    "cnnstudio", "torch", "torchvision", "lightning-fabric", "PySide6-Essentials", "pyqtgraph", "pillow", "numpy",
    "safetensors",
)  # fmt: skip


def examine(watch: Watch) -> dict[str, Any]:
    """Versions, cores, memory, disk, devices that really work, weights on this computer, folders."""
    devices = run_inline(specs.ListDevices(), watch)
    catalogue = run_inline(specs.ListNetworks(), watch)
    local = [network.name for network in catalogue.networks if network.local_weights]
    home = data_folder()
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
        "cores": usable_cores(),
        "memory": _memory(),
        "free disk": f"{shutil.disk_usage(place).free / 2**30:.0f} GB",
        "devices": [f"{device.title}: {device.note or 'works'}" for device in devices],
        "display": _display(),
        "weights here": local,
        "data folder": str(home),
        "runs folder": str(runs_folder()),
        "cache folder": str(cache_folder()),
        "log folder": str(log_folder()),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _memory() -> str:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return "unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB"


def _display() -> str:
    from cnnstudio.cli.display import missing_display

    if find_spec("PySide6") is None:
        return "PySide6 is not installed"
    return missing_display() or "there is one"
