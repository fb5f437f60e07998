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
    """Remove the features that were used longest ago, until they take at most ``limit`` bytes."""
    stores: dict[str, list[Path]] = {}
    for entry in _entries(cache_folder() / PARTS["features"]):
        if found := _STORE.fullmatch(entry.name):
            stores.setdefault(found["name"], []).append(Path(entry.path))
    used = {name: max(map(_last_used, files), default=0.0) for name, files in stores.items()}
    total = sum(_size(file) for files in stores.values() for file in files)
    for name in sorted(stores, key=used.__getitem__):
        watch.check()
        if total <= limit or time.time() - used[name] < _IN_USE_S:
            break
        for file in stores[name]:
            size = _size(file)
            with suppress(OSError):
                file.unlink()
                total -= size
    return measure_cache(watch)


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
    try:
        return file.lstat().st_size
    except OSError:
        return 0


def _last_used(file: Path) -> float:
    try:
        known = file.lstat()
    except OSError:
        return 0.0
    return max(known.st_atime, known.st_mtime)
