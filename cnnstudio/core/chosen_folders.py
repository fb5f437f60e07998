"""Folders that a person chose for what CNN Studio keeps, in place of the usual ones."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from cnnstudio.core import codec
from cnnstudio.core.errors import FormatError

Kind = Literal["data", "runs", "cache", "projects"]
_FILE = "folders.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFolders:
    """Full paths; empty where the usual folder is used."""

    data: str = ""
    """Downloaded weights, examples and what archives held."""
    runs: str = ""
    """Trainings on folders that cannot be written to."""
    cache: str = ""
    projects: str = ""
    """Where new projects are made."""


def chosen(config: Path, kind: Kind) -> Path | None:
    """The folder that was chosen; None where none was, or where it is not there, as on a drive that is away."""
    return _there(config).get(kind)


def choose(config: Path, kind: Kind, folder: Path | None) -> None:
    """Use a folder from now on, or the usual one again.

    Raises:
        StorageError: the choice cannot be kept.
    """
    codec.save_json(config / _FILE, replace(load(config), **{kind: "" if folder is None else str(folder)}))
    _there.cache_clear()


def load(config: Path) -> ChosenFolders:
    """What was chosen, whether or not it is there."""
    try:
        return codec.load_json(config / _FILE, ChosenFolders)
    except (OSError, FormatError):
        return ChosenFolders()


@cache
def _there(config: Path) -> dict[str, Path]:
    """Looked at once for each process, so that nothing changes its place in the middle of the work."""
    known = load(config)
    folders = {kind: Path(getattr(known, kind)) for kind in ChosenFolders.__dataclass_fields__ if getattr(known, kind)}
    return {kind: folder for kind, folder in folders.items() if folder.is_dir()}
