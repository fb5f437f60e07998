"""Wait for what may never come, such as an answer of a network drive that is gone: a stop is heard all the same.

Nothing can end a thread that the system holds. It is left behind, and ends when its drive answers, or with the process.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from typing import TypeVar

from cnnstudio.core.watch import Control, StopRequested

T = TypeVar("T")
TICK_S, PATIENCE_S, LATE_S = 0.05, 0.5, 10.0


def in_thread(work: Callable[[], object], name: str) -> threading.Thread:
    """Start a thread that the process does not wait for when it ends."""
    thread = threading.Thread(target=work, name=f"cnnstudio-{name}", daemon=True)
    thread.start()
    return thread


def leave(threads: Iterable[threading.Thread]) -> None:
    """Wait a moment for threads that are to end; who does not is left behind."""
    end = time.monotonic() + PATIENCE_S
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))


def result_of(future: "Future[T]", control: Control, late: Callable[[], None] | None = None) -> T:
    """What a future gives, or the error that it raises.

    Args:
        future: somebody else's work.
        control: asked for a stop.
        late: called now and then from the tenth second on.

    Raises:
        StopRequested: a stop was asked for, and the work has not ended a moment later.
    """
    start = time.monotonic()
    while not future.done() and not wait([future], TICK_S).done:
        if control.stop_requested:
            if wait([future], PATIENCE_S).done:
                break
            raise StopRequested
        if late is not None and time.monotonic() - start > LATE_S:
            late()
    return future.result()


def waited_for(work: Callable[[], T], control: Control, late: Callable[[], None] | None = None) -> T:
    """As ``result_of``, of work that is done in a thread of its own."""
    future: Future[T] = Future()
    in_thread(lambda: carry_out(work, future), "waiting")
    return result_of(future, control, late)


def carry_out(work: Callable[[], T], future: "Future[T]") -> None:
    """Do what a future stands for, unless nobody wants it any more; nothing is raised but through the future."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
        future.set_exception(error)
