"""Child processes: waited for, never for ever, never left alone, and with little memory."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnstudio.core.watch import Control

_LISTEN_S = 0.1
"""Between two looks whether a stop was asked for."""
_TOLD_BYTES = 2000
_ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    code: int
    """0 when it did what it was asked; negative is a signal."""
    said: str
    """The end of what it wrote to standard error."""


def ask_child(command: Sequence[str], seconds: float, control: Control) -> Ended:
    """Run a command until it ends; it is killed when it takes longer or a stop is asked for.

    Args:
        command: see ``machine.child_command``; the child should call ``end_with_parent`` first.
        seconds: at most.
        control: asked for a stop ten times a second.

    Raises:
        TimeoutError: it took longer.
        StopRequested: a stop was asked for.
    """
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # which it watches
            stdout=subprocess.DEVNULL,
            stderr=said,
            env={**os.environ, **_ONE_CORE},
            start_new_session=True,  # Ctrl-C in a terminal is for us alone
        ) as child,
    ):
        deadline = time.monotonic() + seconds
        try:
            while child.poll() is None:
                control.check()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not done after {seconds:.0f} s")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(_LISTEN_S)
        finally:
            child.kill()
            child.wait()
        said.seek(max(0, said.seek(0, os.SEEK_END) - _TOLD_BYTES))
        return Ended(child.returncode, said.read().decode(errors="replace"))


def end_with_parent() -> None:
    """In a child of ``ask_child``: end at once when whoever asked is gone, however it went."""
    if sys.platform == "linux":  # at once, whatever this process is doing
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def listen() -> None:
        while os.read(0, 1 << 10):
            pass
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()


def limit_this_process(*, memory: int, seconds: float, file_bytes: int) -> None:
    """Let this process take so many bytes more, compute for so long, and write no larger file; where systems can.

    What asks for more memory gets a MemoryError, what computes longer is ended.
    """
    if sys.platform == "win32":  # whoever asked waits only so long, and outlives the child
        return
    import resource

    limit_memory(memory)
    limits = {
        resource.RLIMIT_CPU: int(seconds + time.process_time()) + 1,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        _limit(kind, limit)


def limit_memory(more: int) -> None:
    """Let this process take at most so many bytes more; what asks for more then gets a MemoryError."""
    if sys.platform == "linux":  # macOS counts what it shares with everybody
        import resource

        import psutil

        _limit(resource.RLIMIT_AS, psutil.Process().memory_info().vms + more)


def requests() -> Iterator[bytes]:
    """In a child that is asked again and again: what it is asked on standard input.

    Each request is a line with a number of bytes and so many of them, at least one. A thread listens from now on, so
    that the child ends with its parent even while it computes.
    """
    asked = queue.SimpleQueue[bytes]()

    def listen() -> None:
        for line in sys.stdin.buffer:
            asked.put(sys.stdin.buffer.read(int(line)))
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    return iter(asked.get, b"")


def _limit(kind: int, limit: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
