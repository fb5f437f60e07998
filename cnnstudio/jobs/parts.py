"""Optional parts: whether one can be installed here, and its installation by pip in a child process."""

import importlib
import os
import queue
import re
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path

from cnnstudio.core import Progressed, StorageError, StudioError, Watch
from cnnstudio.core.optional_parts import CAMERA, OptionalPart
from cnnstudio.jobs.specs.computer import PartOffer

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_PINNED = re.compile(r"[A-Za-z0-9][\w.-]*==\d[\w.+!-]*\n")
"""Without what pip could not read, such as a package that was half removed."""
_SAID = 12
"""Lines of pip that are kept for a report."""


class CannotInstallError(StudioError):
    """pip could not install the part."""

    kind = "part"


def part_offer(part: OptionalPart) -> PartOffer:
    """What a person can do about a missing part; looks at the disk."""
    if part is CAMERA and part.is_there:
        return PartOffer(megabytes=0, why_not=_library_missing())
    return PartOffer(megabytes=part.megabytes, why_not=_why_not(part))


def install_part(part: OptionalPart, watch: Watch) -> None:
    """Have pip download and install it into the environment that is running, where nothing else changes.

    Raises:
        CannotInstallError: it cannot be installed here, or pip failed.
        StopRequested: a stop was asked for; what was downloaded so far is forgotten.
    """
    if why_not := _why_not(part):
        raise CannotInstallError(f"{part.title} cannot be installed here.", meaning=why_not)
    said: list[str] = []
    watch.emit(Progressed(done=0, total=0, text=f"Asking for {_inside(part)}"))
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "installed.txt"
        kept.write_text(_what_is_installed(), encoding="utf-8")
        for line in _pip(["install", _wanted(part), "--constraint", str(kept)], watch):
            if found := _PROGRESS.search(line):
                done, total = int(found[1]), int(found[2])
                text = f"Downloading {_inside(part)}"
                watch.emit(Progressed(done=done, total=total, text=text, kind="download"))
            elif line.lstrip().startswith("Downloading"):
                watch.emit(Progressed(done=0, total=0, text=f"Downloading {_inside(part)}"))
            elif line.startswith("Installing"):
                watch.emit(Progressed(done=0, total=0, text=f"Installing {_inside(part)}"))
            if not found:
                said.append(line)
    importlib.invalidate_caches()
    if not part.is_there:
        raise _could_not(part, "\n".join(said[-_SAID:]))


def _could_not(part: OptionalPart, said: str) -> CannotInstallError:
    meaning = "pip, the installer of Python packages, did not succeed."
    remedy = "Check the connection to the internet and the room on the disk, and try again."
    if "ResolutionImpossible" in said:
        meaning = "It needs other versions of packages than those that are installed, and these are in use now."
        remedy = (
            "Close CNN Studio and enter this in a terminal, which may replace them: "
            f'{sys.executable} -m pip install "{_wanted(part)}"'
        )
    return CannotInstallError(f"{part.title} could not be installed.", meaning=meaning, remedy=remedy, details=said)


def _inside(part: OptionalPart) -> str:
    """Its title within a sentence."""
    return part.title[0].lower() + part.title[1:]


def _wanted(part: OptionalPart) -> str:
    """For pip; Qt's part in the version of the Qt that is running."""
    return f"{part.package}=={version('PySide6-Essentials')}" if part is CAMERA else part.package


def _what_is_installed() -> str:
    """Every package with its version: what runs now is not to be changed under it."""
    lines = {f"{each.metadata['Name']}=={each.version}\n" for each in distributions()}
    return "".join(sorted(line for line in lines if _PINNED.fullmatch(line)))


def _why_not(part: OptionalPart) -> str:
    """Empty where pip can install into the environment that is running."""
    if getattr(sys, "frozen", False):
        return "This CNN Studio was installed as one program, which no part can be added to. Install one that has it."
    if find_spec("pip") is None:
        return f"The Python environment has no pip. Install {part.package} with the tool that made the environment."
    packages = Path(sysconfig.get_path("purelib"))
    if sys.prefix == sys.base_prefix and Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists():
        return f"The system's own package manager owns this Python. Install its package for {part.package}."
    if not os.access(packages, os.W_OK):
        return f"You may not write to {packages}. Ask whoever installed CNN Studio for {part.package}."
    if part is CAMERA:
        try:
            version("PySide6-Essentials")
        except PackageNotFoundError:
            return f"Qt was not installed by pip here. Install {part.package} the way Qt was installed."
    return ""


def _library_missing() -> str:
    """It is installed, but a library of the system that it needs is not."""
    return (
        "Camera support is installed, but a library of the system that it needs is missing. On Debian and Ubuntu, "
        "install it with: sudo apt install libpulse0"
    )


def _pip(words: list[str], watch: Watch) -> Iterator[str]:
    """Lines that pip says, until it ends; killed when a stop is asked for."""
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "raw" if _tells_progress() else "off"]
    command = [sys.executable, "-P", "-m", "pip", *words, *options]
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", cwd=sys.prefix,
        )  # fmt: skip
    except OSError as error:
        raise StorageError("Python's installer could not be started.", details=repr(error)) from error
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(child, lines), daemon=True, name="cnnstudio-pip")
    reader.start()
    try:
        while True:
            watch.check()
            try:
                line = lines.get(timeout=0.1)
            except queue.Empty:
                continue
            if line is None:
                return
            yield line
    finally:
        child.kill()
        child.wait()
        reader.join()


def _tells_progress() -> bool:
    """Whether pip can count bytes in lines, as it does since 24.1."""
    try:
        major, minor = map(int, version("pip").split(".")[:2])
    except (PackageNotFoundError, ValueError):
        return False
    return (major, minor) >= (24, 1)


def _read(child: subprocess.Popen[str], lines: "queue.SimpleQueue[str | None]") -> None:
    assert child.stdout is not None
    with child.stdout as said:
        for line in said:
            lines.put(line.rstrip())
    lines.put(None)
