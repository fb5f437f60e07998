"""Whether a window can be opened here: one sentence instead of Qt's own words and an abort."""

import ctypes
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

HEADLESS_HINT = "Without a window you can use: cnnstudio demo --headless, cnnstudio train --help."

_PACKAGES = {
    "libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libX11-xcb.so.1": "libx11-xcb1", "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1", "libfreetype.so.6": "libfreetype6", "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0", "libxcb-icccm.so.4": "libxcb-icccm4", "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1", "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0", "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0", "libxcb-shm.so.0": "libxcb-shm0", "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0", "libxcb-xkb.so.1": "libxcb-xkb1", "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0", "libxkbcommon.so.0": "libxkbcommon0",
}  # fmt: skip
"""Libraries that Qt's window for X11 is linked against, and Debian's package of each."""
_ANSWERS_S = 3.0


def missing_display() -> str:
    """Empty when a window can be opened, else one sentence that says what is missing."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        return "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    if (wayland and _wayland_answers(wayland)) or (display and _x11_answers(display)):
        return ""
    named = " and ".join(f"{name}={value}" for name, value in _named(display, wayland))
    return (
        f"The display cannot be reached ({named}). Perhaps its connection was closed, or it is not shared with this "
        "user or container."
    )


def missing_library(error: ImportError) -> str:
    """Why Qt could not be imported, with the Debian package that helps."""
    return f"The window cannot be opened: {error}. {_advice(str(error))}"


def why_qt_gave_up(said: Sequence[str]) -> str:
    """Why Qt would end the process, from what it said before.

    Args:
        said: its messages, the newest last.
    """
    unreachable = next((line for line in said if "could not connect to display" in line), "")
    if platform := os.environ.get("QT_QPA_PLATFORM"):
        return f"Qt has no window system that works here for QT_QPA_PLATFORM={platform}. Unset it, and start again."
    if missing := _missing_packages():
        libraries = "a library" if len(missing) == 1 else "some libraries"
        return f"The window cannot be opened: {libraries} of the system are missing. {_install(missing)}"
    if unreachable:
        return missing_display() or f"The display {os.environ.get('DISPLAY', '')} cannot be reached, or refuses you."
    last = " ".join((said[-1] if said else "Qt gave no reason").split())
    return f"The window cannot be opened: {last}"


def _named(display: str, wayland: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in (("WAYLAND_DISPLAY", wayland), ("DISPLAY", display)) if value]


def _wayland_answers(name: str) -> bool:
    return _listens(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name))


def _x11_answers(display: str) -> bool:
    """Whether somebody listens where ``DISPLAY`` points to; far away, only Qt itself may find out."""
    host, _, numbers = display.rpartition(":")
    number = numbers.partition(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _listens(f"\0{path}") or _listens(path)
    if host not in ("localhost", "127.0.0.1", "::1"):
        return True
    with suppress(OSError), socket.create_connection((host, 6000 + int(number)), _ANSWERS_S):
        return True
    return False


def _listens(address: str) -> bool:
    with suppress(OSError), closing(socket.socket(socket.AF_UNIX)) as asking:
        asking.settimeout(_ANSWERS_S)
        asking.connect(address)
        return True
    return False


def _missing_packages() -> list[str]:
    return sorted({package for library, package in _PACKAGES.items() if not _is_there(library)})


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _advice(text: str) -> str:
    """All that is missing at once, and not one more at every start."""
    named = {package for library, package in _PACKAGES.items() if library.partition(".so")[0] in text}
    packages = sorted({*_missing_packages(), *named}) if named else []
    return _install(packages) if packages else "Install PySide6-Essentials again."


def _install(packages: Sequence[str]) -> str:
    return f"On Debian and Ubuntu, install what is missing with: sudo apt install {' '.join(packages)}."
