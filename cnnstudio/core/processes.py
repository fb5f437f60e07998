"""Which processes live, and whose hidden files are whose."""

import contextlib
import hashlib
import os
import platform
import sys
from functools import cache
from pathlib import Path

_QUERY_LIMITED_INFORMATION = 0x1000
"""Windows' access right that asks whether a process lives."""


def process_lives(pid: int) -> bool:
    """Whether a process of this number is at work on this computer; False for what can be no number of a process."""
    if pid <= 0 or pid >= 1 << 31:
        return False
    if pid == os.getpid():
        return True
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, 0, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


@cache
def this_computer() -> str:
    """8 hexadecimal digits that tell computers apart which share a drive."""
    return hashlib.blake2b(platform.node().encode(errors="surrogateescape"), digest_size=4).hexdigest()


def _is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    return False
