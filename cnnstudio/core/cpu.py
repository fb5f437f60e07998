"""How many threads work gets, and how the window keeps the upper hand."""

import os
import sys
import threading


def usable_cores() -> int:
    """Cores this process may use; respects affinity masks."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def decode_threads() -> int:
    """Threads that read pictures; decoding releases the GIL, so threads scale."""
    return max(2, min(16, usable_cores()))


def lower_priority() -> None:
    """Lower this thread's priority, and so that of the compute threads it starts: the window stays fluid.

    Only Linux has priorities per thread that need no special rights.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
