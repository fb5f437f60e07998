"""The system's libraries that Qt's window is linked against: which are missing, and the line that installs them."""

import ctypes
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

_RELEASE = (Path("/etc/os-release"), Path("/usr/lib/os-release"))
_X11_PLUGIN, _WAYLAND_PLUGIN = "libqxcb.so", "libqwayland*.so"

_PACKAGES: dict[str, tuple[str, str, str]] = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype", "freetype2"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2", "glib2"),
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client", "wayland"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor", "wayland"),
    "libwayland-egl.so.1": ("libwayland-egl1", "libwayland-egl", "wayland"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb", "libxcb"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb", "libxcb"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb"),
    "libxcb.so.1": ("libxcb1", "libxcb", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon"),
}
"""Of each library the package of Debian, Fedora and Arch."""
_INSTALL = {"debian": "sudo apt install", "fedora": "sudo dnf install", "arch": "sudo pacman -S"}
_RELATIVES = {
    "debian": "debian", "ubuntu": "debian", "fedora": "fedora", "rhel": "fedora", "centos": "fedora", "arch": "arch",
}  # fmt: skip


def missing_for_window(*, x11: bool, wayland: bool) -> list[str]:
    """Libraries without which Qt could show no window, looked for as Qt does: by loading its part for the display.

    Qt takes the other part where one cannot be loaded, so both have to fail.

    Args:
        x11: whether a display of X11 answers.
        wayland: whether one of Wayland does.

    Returns:
        Names such as ``libxcb-icccm.so.4``; empty where a window can be shown, or where that cannot be known.
    """
    wanted = [pattern for pattern, answers in ((_WAYLAND_PLUGIN, wayland), (_X11_PLUGIN, x11)) if answers]
    missing: list[str] = []
    for parts in map(_plugins, wanted):
        failures = [failure for failure in map(_why_not_loaded, parts) if failure]
        if len(failures) < max(1, len(parts)):
            return []
        missing += [name for name in map(named_library, failures) if name]
    return all_missing(missing, wayland=wayland and not x11) if missing else []


def all_missing(told: Iterable[str] = (), *, wayland: bool = False) -> list[str]:
    """All that is missing at once, and not one more at every start.

    Args:
        told: what a loader has named as missing.
        wayland: whether Wayland's libraries are wanted in place of those of X11.
    """
    other = "libxcb-" if wayland else "libwayland-"
    known = {name for name in _PACKAGES if not name.startswith(other) and _why_not_loaded(name)}
    return sorted({*told, *known})


def named_library(text: str) -> str:
    """The library that a loader's message is about: ``libEGL.so.1: cannot open shared object file``; or empty."""
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open", text)
    return found[1] if found else ""


def how_to_install(libraries: Sequence[str]) -> str:
    """A sentence with the line for this distribution, or with the libraries' names where it is another one."""
    family = _family()
    if family == "suse":
        wanted = [f"'{library}()(64bit)'" for library in libraries]
        return f"Install what is missing with: sudo zypper install {' '.join(wanted)}."
    if family not in _INSTALL or not all(library in _PACKAGES for library in libraries):
        return f"Install the packages of your system that bring {', '.join(libraries)}."
    column = list(_INSTALL).index(family)
    packages = sorted({_PACKAGES[library][column] for library in libraries})
    return f"Install what is missing with: {_INSTALL[family]} {' '.join(packages)}."


def _plugins(pattern: str) -> list[Path]:
    """Qt's own files for a window system; the front ends do not import each other, so only their place is asked for."""
    spec = find_spec("PySide6")
    roots = map(Path, (spec.submodule_search_locations or []) if spec else [])
    return [file for root in roots for file in sorted((root / "Qt" / "plugins" / "platforms").glob(pattern))]


def _why_not_loaded(library: str | Path) -> str:
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        return str(error)
    return ""


def _family() -> str:
    """``debian``, ``fedora``, ``arch``, ``suse``, or empty for any other."""
    told = _release()
    words = [told.get("ID", ""), *told.get("ID_LIKE", "").split()]
    if any("suse" in word for word in words):
        return "suse"
    return next((_RELATIVES[word] for word in words if word in _RELATIVES), "")


def _release() -> Mapping[str, str]:
    """What the system says of itself: ``ID`` and ``ID_LIKE`` above all."""
    for file in _RELEASE if sys.platform == "linux" else ():
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        pairs = (line.partition("=") for line in lines if "=" in line)
        return {name.strip(): value.strip().strip("\"'").lower() for name, _, value in pairs}
    return {}
