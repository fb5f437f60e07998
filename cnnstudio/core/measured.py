"""What was measured on this computer: kept with the computer's name, and not for long where others were at work, too.

A stopwatch tells nothing while other programs take the cores. So it is noticed how much they took; then it is measured
once more, and what was no better the second time is asked again after ten minutes.
"""

import contextlib
import hashlib
import math
import os
import platform
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeGuard

import psutil

from cnnstudio.core.errors import StorageError
from cnnstudio.core.machine import usable_cores
from cnnstudio.core.paths import cache_folder
from cnnstudio.core.sealed import load_sealed, save_sealed

_FILE = "measured.json"
_TAKEN = 0.15
"""Share of the cores that others may take while something is measured."""
_SHORTEST_S = 0.1
"""Of what is shorter, the system's clocks cannot tell who took the cores."""
_BELIEVED_S = 600.0
"""How long a measurement beside others is used."""
_IDLE = ("idle", "iowait", "guest", "guest_nice")
"""Of the processor's times: nobody works in the first two, and the others are counted in ``user`` already."""


def remembered(key: str, measure: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """The outcome of ``measure`` on this computer, measured once.

    Args:
        key: what it depends on: network, size, device, versions.
        measure: gives a JSON value.
        fits: whether a value read from the file is usable; what does not fit is measured anew.
    """
    full = _full(key)
    entry = _known().get(full)
    if not _holds(entry) or not fits(entry["value"]):
        value, taken = _watched(measure)
        if taken > _TAKEN:
            again, less = _watched(measure)
            value, taken = (again, less) if less < taken else (value, taken)
        entry = {"value": value, "taken": round(taken, 3), "at": time.time()}
        _save({**_known(), full: entry})
    return entry["value"]


def known_value(key: str) -> Any:
    """What is remembered under a key; None where nothing is, or nothing that is still believed."""
    entry = _known().get(_full(key))
    return entry["value"] if _holds(entry) else None


def forget(key: str) -> None:
    """What turned out wrong is measured anew when it is asked for the next time."""
    known = _known()
    if known.pop(_full(key), None) is not None:
        _save(known)


@lru_cache(maxsize=1)
def this_computer() -> str:
    """Its processor, with a digest of what that can compute, and the cores that may be used.

    A cache on a USB stick comes to other computers.
    """
    name, abilities = platform.processor() or platform.machine(), ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(errors="replace").split("\n\n")[0].splitlines()
        told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        name, abilities = told.get("model name", name), told.get("flags", told.get("Features", ""))
    digest = hashlib.blake2b(abilities.encode(), digest_size=4).hexdigest() if abilities else ""
    return f"{name} {digest}, {platform.system()} {platform.machine()}, {usable_cores()} cores"


class Others:
    """How much of the cores that this process may use others take, from now on."""

    def __init__(self) -> None:
        self._start, self._own, self._all = time.perf_counter(), time.process_time(), _busy_seconds()

    def taken(self) -> float:
        """A share in [0, 1]; 0 where too little time has passed to tell."""
        seconds = time.perf_counter() - self._start
        if seconds < _SHORTEST_S:
            return 0.0
        others = _busy_seconds() - self._all - (time.process_time() - self._own)
        return min(1.0, max(0.0, others / (seconds * usable_cores())))

    @property
    def disturb(self) -> bool:
        """Whether a stopwatch tells little beside them."""
        return self.taken() > _TAKEN


def _watched(measure: Callable[[], Any]) -> tuple[Any, float]:
    others = Others()
    return measure(), others.taken()


def _busy_seconds() -> float:
    """Of the cores that this process may use, since the computer started."""
    times = psutil.cpu_times(percpu=True)
    if hasattr(os, "sched_getaffinity"):
        own = os.sched_getaffinity(0)
        times = [each for core, each in enumerate(times) if core in own] or times
    return sum(value for each in times for name, value in each._asdict().items() if name not in _IDLE)


def _full(key: str) -> str:
    return f"{key}, {this_computer()}"


def _holds(entry: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it is an entry of ours that is still believed."""
    if not isinstance(entry, dict) or set(entry) != {"value", "taken", "at"}:
        return False
    taken, at = entry["taken"], entry["at"]
    if not all(type(number) in (int, float) and math.isfinite(number) for number in (taken, at)):
        return False
    return taken <= _TAKEN or 0 <= time.time() - at < _BELIEVED_S


def _known() -> dict[str, Any]:
    known = load_sealed(cache_folder() / _FILE, _FILE)
    return known if isinstance(known, dict) else {}


def _save(known: dict[str, Any]) -> None:
    with contextlib.suppress(StorageError):
        save_sealed(cache_folder() / _FILE, _FILE, known)
