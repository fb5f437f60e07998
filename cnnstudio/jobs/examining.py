"""What this computer is and has, for ``cnnstudio doctor`` and for who reports a problem."""

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version

from cnnstudio.core import Watch, paths, usable_cores
from cnnstudio.jobs.job import run_inline
from cnnstudio.jobs.specs.computer import Examination
from cnnstudio.jobs.specs.networks import ListDevices, ListNetworks

_PACKAGES = (
    "cnnstudio", "torch", "torchvision", "lightning-fabric", "PySide6-Essentials", "pyqtgraph", "pillow", "numpy",
    "safetensors",
)  # fmt: skip
_LOG_BYTES = 6000


def examine(watch: Watch) -> Examination:
    """Versions, cores, memory, disk, devices that really work, weights on this computer, folders, the log's end."""
    devices = run_inline(ListDevices(), watch)
    catalogue = run_inline(ListNetworks(), watch)
    local = [network.name for network in catalogue.networks if network.local_weights]
    home = paths.data_folder()
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    findings = {
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
        "cores": usable_cores(),
        "memory": _memory(),
        "free disk": f"{shutil.disk_usage(place).free / 2**30:.0f} GB",
        "devices": [f"{device.title}: {device.note or 'works'}" for device in devices],
        "weights here": local,
        "data folder": str(home),
        "runs folder": str(paths.runs_folder()),
        "cache folder": str(paths.cache_folder()),
        "log folder": str(paths.log_folder()),
    }
    return Examination(findings=findings, log=_end_of_log())


def _end_of_log() -> str:
    try:
        with (paths.log_folder() / "cnnstudio.log").open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LOG_BYTES))
            end = file.read().decode(errors="replace")
    except OSError:
        return ""
    return end.strip() if size <= _LOG_BYTES else end.partition("\n")[2].strip()  # from a whole line on


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _memory() -> str:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return "unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB"
