"""Where the application keeps its own files and finds those it came with, and how user text becomes a file name."""

import os
import re
import shutil
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

import platformdirs

_APP = "cnnstudio"
LONGEST_NAME = 255
"""Bytes of a file's or folder's name, on nearly every disk."""
_DIGEST = re.compile(r"-[0-9a-f]{16}$")
_THE_SYSTEMS, _MEMORY_DISK = ("/proc", "/sys", "/dev"), "/dev/shm"
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.DOTALL)


def config_folder() -> Path:
    """Settings and recent projects."""
    return _root("CONFIG") or Path(platformdirs.user_config_dir(_APP, appauthor=False))


def data_folder() -> Path:
    """What must not be lost: runs of folders without a project of their own, samples, downloaded weights."""
    return _chosen("data") or _root("DATA") or Path(platformdirs.user_data_dir(_APP, appauthor=False))


def unpacked_folder() -> Path:
    """What archives were unpacked to, a folder for each."""
    return data_folder() / "unpacked"


def shown_name(folder: Path) -> str:
    """A folder's name as people know it: what an archive was unpacked to is called as the archive was."""
    name = folder.name or folder.absolute().name
    digest = _DIGEST.search(name)  # asked first, since few have one
    return name[: digest.start()] if digest and folder.parent == unpacked_folder() else name


def cache_folder() -> Path:
    """What can be computed again: features, the catalogue, thumbnails."""
    return _chosen("cache") or _root("CACHE") or Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def log_folder() -> Path:
    """Logs and crash reports."""
    return _root("LOG") or Path(platformdirs.user_log_dir(_APP, appauthor=False))


def documents_folder() -> Path:
    """Where people look for what they made; asks the disk on some systems."""
    return _root("DOCUMENTS") or Path(platformdirs.user_documents_dir())


def weights_folder() -> Path:
    """Downloaded weights files, under torchvision's own names."""
    return data_folder() / "weights"


def runs_folder() -> Path:
    """Where runs go unless the user says otherwise."""
    return _chosen("runs") or data_folder() / "runs"


def projects_folder() -> Path | None:
    """Where new projects are made, if somebody chose that."""
    return _chosen("projects")


def resource(*parts: str) -> Path:
    """Path of a file shipped with the application, such as ``resource("icons", "data.svg")``.

    ``resources/`` lies elsewhere in a checkout, an installed wheel and a frozen application; only this place knows.
    """
    return _resources(getattr(sys, "_MEIPASS", None)).joinpath(*parts)


@cache
def _resources(frozen: str | None) -> Path:
    package = Path(__file__).resolve().parents[1]
    roots = (Path(frozen or package) / "resources", package / "resources", package.parent / "resources")
    return next((root for root in roots if root.is_dir()), roots[-1])


def free_bytes(folder: Path) -> int:
    """Room on the disk where ``folder`` is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def safe_file_name(text: str, default: str = "unnamed") -> str:
    """``text`` as a name that every file system takes: letters, digits, ``._-``, at most 80 bytes."""
    plain = unicodedata.normalize("NFKC", text)
    name = re.sub(r"[^\w.\-]+", "-", plain).strip("-. ")
    name = name.encode()[:80].decode(errors="ignore").strip("-. ")
    return f"_{name}" if is_reserved(name) else name or default


def numbered_name(name: str, number: int) -> str:
    """A file's name with a number before its ending; a long one loses letters, so that a disk still takes it."""
    path = Path(name)
    stem, ending = path.stem, f"-{number}{path.suffix}"
    while stem and len(os.fsencode(stem + ending)) > LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending


def is_reserved(name: str) -> bool:
    """Whether Windows keeps a name for itself, which it does with every ending."""
    return _RESERVED.fullmatch(name) is not None


def expanded(text: str) -> Path:
    """A path as a person wrote it: ``~`` is their folder, and ``~somebody`` who is unknown here a name like others."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def is_the_systems(folder: Path) -> bool:
    """Whether a folder holds no files but what the system says of itself and its devices, which may never end."""
    if os.name == "nt":
        return False
    place = Path(os.path.realpath(folder))
    return any(place.is_relative_to(each) for each in _THE_SYSTEMS) and not place.is_relative_to(_MEMORY_DISK)


def _chosen(kind: Literal["data", "runs", "cache", "projects"]) -> Path | None:
    from cnnstudio.core.chosen_folders import chosen  # which reads a file, and needs to know where

    return chosen(config_folder(), kind)


def _root(kind: str) -> Path | None:
    """CNNSTUDIO_HOME puts everything under one folder, for USB sticks and tests."""
    home = os.environ.get("CNNSTUDIO_HOME")
    return expanded(home) / kind.lower() if home else None
