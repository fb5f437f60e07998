"""Large blocks of memory: taken in huge pages, kept between steps, given back at the end.

A training step allocates and frees hundreds of megabytes. With the allocator's defaults each block comes fresh from
the system, page by page: a step of squeezenet1_0 took 1.2 times, one of mobilenet_v3_large 1.3 times as long.
"""

import ctypes
import os
import platform

import psutil

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_KEEP = 2**30


def keep_large_blocks() -> None:
    """Call before torch is imported. Only glibc is told anything; elsewhere this does nothing but set a variable."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch asks for huge pages; it reads this once
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, _KEEP)
        libc.mallopt(_TRIM_THRESHOLD, _KEEP)
        libc.mallopt(_ARENA_MAX, 1)  # blocks this large fit into the main arena only


def available_memory() -> int:
    """Bytes that can be taken without pushing others out."""
    return int(psutil.virtual_memory().available)


def give_back() -> None:
    """Return free blocks to the system, when a job is done."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
