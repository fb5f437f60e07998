"""Files that were added and are taken back go to the system's trash, and come out of it again. Nothing is deleted."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6 import QtCore

from cnnstudio.core import StorageError, Watch, storage_error
from cnnstudio.jobs import Job

Trashed = tuple[tuple[Path, Path], ...]
"""Where each file was, and where it lies in the trash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashFiles(Job[Trashed]):
    """Take files away, all or none; what is gone already is no reason to stop."""

    files: tuple[Path, ...]
    folder: Path | None = None
    """Was made for them, and goes with them unless there is something else in it by now."""

    def handle(self, watch: Watch) -> Trashed:
        """Raises StorageError; then every file is where it was."""
        watch.check()
        _make_room()
        trashed: list[tuple[Path, Path]] = []
        for path in self.files:
            if not path.exists():
                continue
            file = QtCore.QFile(str(path))
            if not file.moveToTrash():
                _put_back(trashed)
                raise StorageError(
                    f"{path.name} could not be moved to the trash.",
                    meaning="Nothing was changed: the added pictures are still there.",
                    remedy="Delete them yourself, or skip them.",
                )
            trashed.append((path, Path(file.fileName())))
        if self.folder is not None:
            with suppress(OSError):
                self.folder.rmdir()
        return tuple(trashed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Job[None]):
    """Take files out of the trash, to where they were."""

    trashed: Trashed

    def handle(self, watch: Watch) -> None:
        """Raises StorageError when one is gone from the trash, or another one has its place."""
        watch.check()
        for path, _ in self.trashed:
            if path.exists():
                raise StorageError(f"There is another {path.name} in {path.parent.name} by now.", remedy="Rename it.")
        _put_back(self.trashed)


def _make_room() -> None:
    """On Linux, Qt makes the trash but not the folder it belongs into."""
    with suppress(OSError):
        place = QtCore.QStandardPaths.writableLocation(QtCore.QStandardPaths.StandardLocation.GenericDataLocation)
        Path(place).mkdir(parents=True, exist_ok=True)


def _put_back(trashed: Iterable[tuple[Path, Path]]) -> None:
    for path, place in trashed:
        try:
            path.parent.mkdir(exist_ok=True)
            shutil.move(place, path)
        except OSError as error:
            raise storage_error(path, error) from error
        with suppress(OSError):  # what the desktops of Linux keep beside it
            (place.parent.parent / "info" / f"{place.name}.trashinfo").unlink()
