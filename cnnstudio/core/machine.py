"""The machine this runs on: cores and memory, manners to share them, processes beside this one.

A training step allocates and frees hundreds of megabytes. With the allocator's defaults each block comes fresh from
the system, page by page: a step of squeezenet1_0 took 1.2 times, one of mobilenet_v3_large 1.3 times as long. So large
blocks are taken in huge pages, kept between steps, and given back at the end.
"""

import atexit
import contextlib
import ctypes
import gc
import os
import platform
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

PROBE_DEVICE = "--probe-device"
OPEN_WEIGHTS = "--open-weights"
MEASURE_SPEEDS = "--measure-speeds"
EXAMINE = "--examine-pictures"
MATCH_NAMES = "--match-names"
CHECK_SCRIPT = "--check-script"
WRITE_CORE_ML = "--write-core-ml"
WRITE_ONNX = "--write-onnx"
ANSWER_EXPORT = "--answer-export"
TRY_WINDOW = "--try-window"
_PACKAGES = Path(__file__).resolve().parents[2]
_START = f"import sys; sys.path.append({os.fspath(_PACKAGES)!r}); from cnnstudio.__main__ import main; sys.exit(main())"


def child_command(task: str, *words: str) -> list[str]:
    """The command line of this application once more, for what may crash, hang, or hold up the window.

    ``__main__`` knows the tasks above. The folder one is in is not where it imports from (``-P``): a stranger's
    dataset could have a ``json.py`` in it.
    """
    itself = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-c", _START]
    return [*itself, task, *words]


def process_count() -> int:
    """1 when alone. A batch script's own environment does not count: only srun starts tasks of a step."""
    return _number("WORLD_SIZE", "SLURM_STEP_NUM_TASKS") or 1


def process_rank() -> int:
    """From 0; only the first process writes and talks."""
    return _number("RANK", "SLURM_PROCID") or 0 if process_count() > 1 else 0


def processes_here() -> int:
    """Those on this machine."""
    return _number("LOCAL_WORLD_SIZE") or process_count() // (_number("SLURM_STEP_NUM_NODES") or 1)


def process_place() -> int | None:
    """This process's number among those on this machine, which is that of its graphics card; None when alone."""
    return _number("LOCAL_RANK", "SLURM_LOCALID") or 0 if process_count() > 1 else None


def _number(*names: str) -> int | None:
    """The first of the variables that holds a number."""
    return next((int(os.environ[name]) for name in names if os.environ.get(name, "").isdigit()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo:
    """One device that passed a real convolution forward and backward."""

    kind: str
    """``cpu``, ``cuda`` or ``mps``."""
    title: str
    """For people, such as ``NVIDIA RTX 4070 (12 GB)`` or ``CPU (8 cores)``."""
    note: str = ""
    """Why a device that was found cannot be used; empty when it can."""


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_KEEP = 2**30
_SPINS = 2000
"""Some 0.1 ms: longer than threads that have a core each wait for each other."""


def usable_cores() -> int:
    """Cores this process may use; respects affinity masks."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_cores(cores: int) -> None:
    """Use at most so many cores from now on, in this process and its children; call it before torch is imported.

    Where a process cannot be bound to cores, as on macOS, at least the libraries that compute are told.
    """
    if not 0 < cores < usable_cores():
        return
    with contextlib.suppress(AttributeError, OSError, psutil.Error):
        this = psutil.Process()
        this.cpu_affinity(this.cpu_affinity()[-cores:])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(cores))


def decode_threads() -> int:
    """Threads that read pictures; decoding releases the GIL, so threads scale."""
    return max(2, min(16, usable_cores()))


def lower_priority() -> None:
    """Lower this thread's priority, and so that of the compute threads it starts: the window stays fluid.

    Only Linux has priorities per thread that need no special rights; one that was started lower still, as by
    ``nice -n 15``, stays there: to raise it is an error for all but administrators.
    """
    if sys.platform == "linux":
        this = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, this, max(10, os.getpriority(os.PRIO_PROCESS, this)))


def wait_shortly() -> None:
    """Have threads that compute together wait for each other a moment and then sleep; call it before torch is imported.

    Otherwise GNU's OpenMP lets them wait in a loop, on cores that the last one needs where other programs are running:
    beside four of them, forecasts took 151 s that take 12 s like this, and small training steps twice to fifteen times
    as long. Other implementations of OpenMP do not read it.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(_SPINS))


def keep_large_blocks() -> None:
    """Call before torch is imported. Only glibc is told anything; elsewhere this does nothing but set a variable."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch asks for huge pages; it reads this once
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, _KEEP)
        libc.mallopt(_TRIM_THRESHOLD, _KEEP)
        libc.mallopt(_ARENA_MAX, 1)  # blocks this large fit into the main arena only


def tell_nobody() -> None:
    """Keep libraries from telling their makers that they are used; call it before they are imported.

    OpenVINO and NNCF send a request to Google Analytics when they start, from a forked process.
    """
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # how Python is told that it is not installed


def available_memory() -> int:
    """Bytes that can be taken without pushing others out."""
    return int(psutil.virtual_memory().available)


def taken_memory() -> int:
    """Bytes of memory that this process takes now, libraries included."""
    return int(psutil.Process().memory_info().rss)


def give_back() -> None:
    """Return free blocks to the system, when a job is done."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


@contextlib.contextmanager
def objects_that_stay() -> Iterator[None]:
    """While very many objects are made that will be needed for long, such as samples or the modules of torch.

    The collector looks at all objects again whenever their number has grown, and holds every thread meanwhile: the
    window stood still for up to 0.3 seconds. Here it rests, and what is there at the end it does not look at any more.
    Such objects are still freed with their last reference; only circles among them stay, until the process ends: what
    they hold is let go then, or libraries that count theirs complain (triton 3.9, with a page of names).
    """
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if active:
            gc.enable()
