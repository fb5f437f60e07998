"""Whether a window can be opened here, found out before Qt would abort the process."""

import os
import sys

HEADLESS_HINT = "Without a window you can use: cnnstudio demo --headless, cnnstudio train --help."


def missing_display() -> str:
    """Empty when a window can be opened, else one sentence that says what is missing."""
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    return ""


def missing_library(error: ImportError) -> str:
    """Why Qt could not be imported, with the Debian package that helps."""
    packages = {
        "libEGL": "libegl1", "libGL": "libgl1", "libxkbcommon": "libxkbcommon0", "libdbus": "libdbus-1-3",
        "libfontconfig": "libfontconfig1", "libxcb-cursor": "libxcb-cursor0",
    }  # fmt: skip
    package = next((package for library, package in packages.items() if library in str(error)), "")
    advice = f"Install it with: sudo apt install {package}." if package else "Install PySide6-Essentials again."
    return f"The window cannot be opened: {error}. {advice}"
