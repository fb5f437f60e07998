"""How many threads work gets, and how decoding and computing share them."""

import os


def usable_cores() -> int:
    """Cores this process may use; respects affinity masks and containers that set them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def decode_threads() -> int:
    """Threads that read pictures; decoding releases the GIL, so threads scale."""
    return max(2, min(16, usable_cores()))
