"""What the cache holds, how large it is, and how it is made smaller. All of it can be computed again."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cnnstudio.core import Watch, cache_folder
from cnnstudio.jobs.specs.computer import CachePart

PARTS = {name: name for name in ("features", "thumbnails", "pictures", "pasted", "answers")}
"""Folders in the cache, by the names of their parts; what lies beside them is small, and the part ``others``."""
OTHERS = "others"
_STORE = re.compile(r"(?P<name>.+?)(-[0-9a-f]+\.rows|\.index|\.lock|\.final)")
_MAP = re.compile(r"map-.*\.npy")
_ALONE = ("thumbnails", "pictures", "answers")
"""Parts of which each file goes by itself."""
_IN_USE_S = 3600


def measure_cache(watch: Watch) -> tuple[CachePart, ...]:
    """Every part with its size, the largest first; what cannot be read counts as nothing."""
    folder = cache_folder()
    sizes = {name: _bytes_in(folder / place, watch) for name, place in PARTS.items()}
    beside = [entry for entry in _entries(folder) if entry.name not in PARTS.values()]
    sizes[OTHERS] = sum(_size(Path(entry.path)) for entry in beside if entry.is_file(follow_symlinks=False))
    parts = (CachePart(name=name, bytes=size) for name, size in sizes.items())
    return tuple(sorted(parts, key=lambda part: -part.bytes))


def clear_cache(names: tuple[str, ...], watch: Watch) -> tuple[CachePart, ...]:
    """Remove parts; a file that is in use stays. Gives what is left."""
    folder = cache_folder()
    for name in names:
        watch.check()
        if name == OTHERS:
            for entry in _entries(folder):
                if entry.is_file(follow_symlinks=False):
                    with suppress(OSError):
                        Path(entry.path).unlink()
        else:
            shutil.rmtree(folder / PARTS[name], ignore_errors=True)
    return measure_cache(watch)


def trim_cache(limit: int, watch: Watch) -> tuple[CachePart, ...]:
    """Remove what was used longest ago, until all that is computed from pictures takes at most ``limit`` bytes.

    The features of one network on one folder go together. Pictures that were pasted stay, since somebody may look for
    them, and so do the small files beside all these.
    """
    pieces = _pieces(cache_folder(), watch)
    known = {name: [(file, found) for file in files if (found := _stat(file))] for name, files in pieces.items()}
    used = {name: max((_last_used(found) for _, found in files), default=0.0) for name, files in known.items()}
    total = sum(found.st_size for files in known.values() for _, found in files)
    for name in sorted(known, key=used.__getitem__):
        if total <= limit or time.time() - used[name] < _IN_USE_S:
            break
        watch.check()
        for file, found in known[name]:
            with suppress(OSError):
                file.unlink()
                total -= found.st_size
    return measure_cache(watch)


def _pieces(folder: Path, watch: Watch) -> dict[str, list[Path]]:
    """What can go by itself, under some name: the files of a store of features, else one file."""
    pieces: dict[str, list[Path]] = {}
    for entry in _entries(folder / PARTS["features"]):
        if found := _STORE.fullmatch(entry.name):
            pieces.setdefault(f"store {found['name']}", []).append(Path(entry.path))
    for part in _ALONE:
        for place, _, files in os.walk(folder / PARTS[part]):
            watch.check()
            pieces |= {f"file {place}/{name}": [Path(place) / name] for name in files}
    maps = (Path(entry.path) for entry in _entries(folder) if _MAP.fullmatch(entry.name))
    return pieces | {f"map {path.name}": [path] for path in maps}


def _bytes_in(folder: Path, watch: Watch) -> int:
    total = 0
    for place, _, files in os.walk(folder):
        watch.check()
        total += sum(_size(Path(place) / name) for name in files)
    return total


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as found:
        yield from list(found)


def _size(file: Path) -> int:
    found = _stat(file)
    return found.st_size if found else 0


def _stat(file: Path) -> os.stat_result | None:
    try:
        return file.lstat()
    except OSError:
        return None


def _last_used(found: os.stat_result) -> float:
    return max(found.st_atime, found.st_mtime)
