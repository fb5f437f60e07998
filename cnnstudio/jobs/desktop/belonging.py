"""Whether CNN Studio is in the menu of this desktop, and putting it there."""

import sys
from pathlib import Path
from types import ModuleType

from cnnstudio.core import StudioError
from cnnstudio.jobs.desktop import linux, windows
from cnnstudio.jobs.desktop.record import load_record
from cnnstudio.jobs.specs.desktop import DesktopState


class NoDesktopError(StudioError):
    """There is no menu that it could be put into."""

    kind = "desktop"


def desktop_state() -> DesktopState:
    """Looks at the disk."""
    why_not = _why_not()
    record = None if why_not else load_record()
    if record is None:
        return DesktopState(why_not=why_not)
    is_whole = _system().is_whole(record)
    return DesktopState(
        added=True,
        whole=is_whole and record.command == own_command(),
        command=record.command,
        files=tuple(Path(file.path) for file in record.files),
    )


def add_to_desktop() -> DesktopState:
    """Raises NoDesktopError, StorageError."""
    if why_not := _why_not():
        raise NoDesktopError("CNN Studio cannot be put into the menu here.", meaning=why_not)
    _system().add(own_command())
    return desktop_state()


def remove_from_desktop() -> DesktopState:
    """Raises NoDesktopError, StorageError."""
    if sys.platform == "darwin":
        raise NoDesktopError("There is nothing to take out.", meaning=_why_not())
    _system().remove()
    return desktop_state()


def own_command() -> tuple[str, ...]:
    """Full path of what starts this very installation; on Windows the one without a console."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    names = ("cnnstudio-window.exe", "cnnstudio.exe") if sys.platform == "win32" else ("cnnstudio",)
    beside = Path(sys.executable).parent  # never resolved: a venv's python is a link to another one
    script = next((beside / name for name in names if (beside / name).is_file()), None)
    return (str(script),) if script else (sys.executable, "-m", "cnnstudio")


def _system() -> ModuleType:
    return windows if sys.platform == "win32" else linux


def _why_not() -> str:
    if sys.platform == "darwin":
        return "On macOS programs are in the menu when they are in the folder Applications, as the bundle is."
    if sys.platform != "win32" and linux.installed_for_all():
        return "It is there already: the package of the system brought it."
    return ""
