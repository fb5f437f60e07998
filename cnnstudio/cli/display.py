"""Whether a window can be opened here: one sentence instead of Qt's own words and an abort."""

import ctypes
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from cnnstudio.cli.libraries import all_missing, how_to_install, missing_for_window, named_library
from cnnstudio.core.errors import not_whole

HEADLESS_HINT = "Without a window you can use: cnnstudio demo --headless, cnnstudio train --help."

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


def missing_part() -> str:
    """Empty when Qt has what it needs of the system, else one sentence that names the packages; to be asked before Qt.

    Qt itself says a few words to programmers, and ends the process with an abort.
    """
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    missing = missing_for_window(x11=bool(display), wayland=bool(wayland) and _wayland_answers(wayland))
    return _missing(missing) if missing else ""


def missing_library(error: Exception) -> str:
    """Why Qt could not be imported, with the packages that help."""
    if named := named_library(str(error)):
        return _missing(all_missing([named]))
    return f"The window cannot be opened. {not_whole(error).sentence()}"


def why_qt_gave_up(said: Sequence[str]) -> str:
    """Why Qt would end the process, from what it said before.

    Args:
        said: its messages, the newest last.
    """
    unreachable = next((line for line in said if "could not connect to display" in line), "")
    if platform := os.environ.get("QT_QPA_PLATFORM"):
        return f"Qt has no window system that works here for QT_QPA_PLATFORM={platform}. Unset it, and start again."
    if missing := all_missing():
        return _missing(missing)
    if unreachable:
        return missing_display() or f"The display {os.environ.get('DISPLAY', '')} cannot be reached, or refuses you."
    last = " ".join((said[-1] if said else "Qt gave no reason").split())
    return f"The window cannot be opened: {last}"


def show_message(sentence: str) -> None:
    """Tell it in a box of Windows, where there is neither a console nor a window of Qt."""
    if sys.platform == "win32":
        stop = 0x10  # MB_ICONERROR
        ctypes.windll.user32.MessageBoxW(None, sentence, "CNN Studio", stop)


def _missing(libraries: Sequence[str]) -> str:
    if len(libraries) == 1:
        return (
            f"The window cannot be opened: a library of the system is missing ({libraries[0]}). "
            f"{how_to_install(libraries)}"
        )
    return f"The window cannot be opened: some libraries of the system are missing. {how_to_install(libraries)}"


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
