"""What was written into a person's home for the desktop, so that exactly that can be taken out again."""

import base64
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cnnstudio.core import FormatError, codec, config_folder, storage_error, write_atomically


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A file that was written, and what was in its place."""

    path: str
    before: str | None = None
    """Its content in base64; None where there was no such file."""
    mode: int | None = None
    """Its permissions: some desktops start an entry only where it may be executed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopRecord:
    """Kept among the settings as long as something is there to be undone."""

    command: tuple[str, ...]
    """What the menu entry starts."""
    files: tuple[WrittenFile, ...] = ()
    folders: tuple[str, ...] = ()
    """That were made for them, the outermost first."""
    generated: tuple[str, ...] = ()
    """Files that the desktop's own tools made of these, and had not made before."""
    neighbours: tuple[str, ...] = ()
    """Entries of other programs beside ours: where they are others by now, the generated files are theirs, too."""
    keys: tuple[str, ...] = field(default=())
    """Of the registry of Windows, below HKEY_CURRENT_USER."""


def record_file() -> Path:
    """Where it is kept."""
    return config_folder() / "desktop.json"


def load_record() -> DesktopRecord | None:
    """What was written; None where nothing was, or where that cannot be known."""
    try:
        return codec.load_json(record_file(), DesktopRecord)
    except (OSError, FormatError):
        return None


def save_record(record: DesktopRecord) -> None:
    """Raises StorageError."""
    codec.save_json(record_file(), record)


def planned(places: Iterable[Path], command: tuple[str, ...]) -> DesktopRecord:
    """What is to be written, to be kept before a single file is, so that a half one can be undone, too."""
    files, folders = tuple(places), set[Path]()
    for path in (*files, record_file()):
        folders |= {folder for folder in path.parents if not folder.exists()}
    written = tuple(WrittenFile(path=str(path), before=_content(path), mode=_mode(path)) for path in files)
    return DesktopRecord(command=command, files=written, folders=tuple(map(str, sorted(folders))))


def write(contents: dict[Path, bytes]) -> None:
    """Raises StorageError."""
    for path, content in contents.items():
        write_atomically(path, content)


def take_back(record: DesktopRecord) -> None:
    """Every file as it was before, those that were not there gone.

    Raises:
        StorageError: one of them cannot be changed.
    """
    for file in record.files:
        path = Path(file.path)
        try:
            if file.before is not None:
                write_atomically(path, base64.b64decode(file.before))
                if file.mode is not None:
                    path.chmod(file.mode)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error


def clear_up(record: DesktopRecord) -> None:
    """The record itself, and folders that were made and are empty again."""
    record_file().unlink(missing_ok=True)
    for folder in sorted(record.folders, key=len, reverse=True):
        with suppress(OSError):  # somebody else has put something there
            Path(folder).rmdir()


def _mode(path: Path) -> int | None:
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    return None


def _content(path: Path) -> str | None:
    try:
        return base64.b64encode(path.read_bytes()).decode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(path, error) from error
