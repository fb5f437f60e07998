"""The menu entry, icons and kind of file of freedesktop.org, in a person's own folders."""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import resource
from cnnstudio.jobs.desktop.record import (
    DesktopRecord,
    clear_up,
    load_record,
    planned,
    save_record,
    take_back,
    write,
)

ENTRY = "cnnstudio.desktop"
_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
_SECONDS = 30
_SPECIAL = str.maketrans({"\\": r"\\", '"': r"\"", "`": r"\`", "$": r"\$"})


def add(command: tuple[str, ...]) -> None:
    """Write everything, in place of what an earlier call wrote.

    Raises:
        StorageError: something cannot be written; what was written stays listed, and can be taken back.
    """
    remove()
    contents = _contents(command)
    record = planned(contents, command)
    save_record(record)
    write(contents)
    files, folders = _databases(), _folders()
    tell_desktop()
    made = {*record.folders, *(_folders() - folders)}
    generated = tuple(sorted(str(path) for path in _databases() - files))
    save_record(replace(record, generated=generated, folders=tuple(sorted(made)), neighbours=_neighbours()))


def remove() -> bool:
    """Take out exactly what was written; gives whether there was anything.

    Raises:
        StorageError: a file cannot be changed; the rest can be tried again.
    """
    record = load_record()
    if record is None:
        return False
    take_back(record)
    if _neighbours() == record.neighbours:
        for path in record.generated:
            with suppress(OSError):
                Path(path).unlink()
    tell_desktop(again=True)
    clear_up(record)
    return True


def is_whole(record: DesktopRecord) -> bool:
    """Whether everything that was written is still there."""
    return all(Path(file.path).is_file() for file in record.files)


def installed_for_all() -> bool:
    """Whether the system's package manager has put the entry into the menu."""
    folders = os.environ.get("XDG_DATA_DIRS", "") or "/usr/local/share:/usr/share"
    return any((Path(folder) / "applications" / ENTRY).is_file() for folder in folders.split(":") if folder)


def tell_desktop(*, again: bool = False) -> None:
    """Have the desktop's tools read the entries; desktops without them look at the files themselves.

    Args:
        again: only where there is something that has to be made anew.
    """
    if not again or (_home() / "mime" / "mime.cache").is_file():
        _run("update-mime-database", str(_home() / "mime"))
    if not again or (_applications() / "mimeinfo.cache").is_file():
        _run("update-desktop-database", str(_applications()))
    if _cache().is_file():  # an old one would hide the new icons
        _run("gtk-update-icon-cache", "-q", "-f", "-t", str(_cache().parent))


def exec_line(command: tuple[str, ...]) -> str:
    """The words of a command as menu entries want them: quoted, special letters escaped, twice where they are text."""
    quoted = [f'"{word.translate(_SPECIAL)}"' for word in command]
    return " ".join(quoted).replace("\\", "\\\\").replace("%", "%%") + " open %F"


def _home() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    return Path(given) if given.startswith("/") else Path.home() / ".local" / "share"


def _contents(command: tuple[str, ...]) -> dict[Path, bytes]:
    entry = resource("desktop", ENTRY).read_text(encoding="utf-8")
    lines = [f"Exec={exec_line(command)}" if line.startswith("Exec=") else line for line in entry.splitlines()]
    icons = _home() / "icons" / "hicolor"
    drawings = {icons / "scalable" / "apps" / "cnnstudio.svg": resource("icons", "app.svg")}
    for size in _SIZES:
        drawings[icons / f"{size}x{size}" / "apps" / "cnnstudio.png"] = resource("desktop", f"cnnstudio-{size}.png")
    return {
        _applications() / ENTRY: ("\n".join(lines) + "\n").encode(),
        _packages() / "cnnstudio.xml": resource("desktop", "cnnstudio.xml").read_bytes(),
        **{path: drawing.read_bytes() for path, drawing in drawings.items()},
    }


def _applications() -> Path:
    return _home() / "applications"


def _packages() -> Path:
    return _home() / "mime" / "packages"


def _neighbours() -> tuple[str, ...]:
    """Entries and kinds of files of other programs."""
    beside = [*_applications().glob("*.desktop"), *_packages().glob("*.xml")]
    return tuple(sorted(path.name for path in beside if path.stem != "cnnstudio"))


def _databases() -> set[Path]:
    """What the desktop's tools made of all entries."""
    mime = _home() / "mime"
    found = {path for path in mime.rglob("*") if path.is_file() and not path.is_relative_to(_packages())}
    return found | {path for path in (_applications() / "mimeinfo.cache", _cache()) if path.is_file()}


def _cache() -> Path:
    return _home() / "icons" / "hicolor" / "icon-theme.cache"


def _folders() -> set[str]:
    return {str(path) for path in (_home() / "mime").rglob("*") if path.is_dir()}


def _run(program: str, *words: str) -> None:
    found = shutil.which(program)
    if found is not None:
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run([found, *words], check=False, capture_output=True, timeout=_SECONDS)
