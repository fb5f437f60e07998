"""Whether the system's settings ask programs to move nothing, which Qt tells on no system."""

import configparser
import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

_SECONDS = 2.0
_CLIENT_AREA_ANIMATION = 0x1042
"""Windows' name for *Animation effects* in its settings of accessibility."""
_ASKS: dict[str, tuple[tuple[str, ...], str]] = {
    "linux": (("gsettings", "get", "org.gnome.desktop.interface", "enable-animations"), "false"),
    "darwin": (("defaults", "read", "com.apple.universalaccess", "reduceMotion"), "1"),
}
"""What is asked, and the answer that means that nothing is to move."""


def asks_for_stillness() -> bool:
    """True where a person has told the system so (GNOME and its relatives, KDE, Windows, macOS), else False.

    It may start a small program of the system and wait for its answer, two seconds at most.
    """
    if sys.platform == "win32":
        animated = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(animated), 0)
        return not animated.value
    if sys.platform not in _ASKS:
        return False
    command, still = _ASKS[sys.platform]
    return _answer(command) == still or (sys.platform == "linux" and _kde_is_still())


def _answer(command: tuple[str, ...]) -> str:
    program = shutil.which(command[0])
    if program is None:
        return ""
    try:
        told = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def _kde_is_still() -> bool:
    """KDE keeps how long its animations take, times the usual; nothing is no animations."""
    place = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kdeglobals"
    settings = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        settings.read_string(place.read_text(encoding="utf-8"))
        return settings.getfloat("KDE", "AnimationDurationFactor", fallback=1.0) == 0
    except (OSError, ValueError, configparser.Error):
        return False
