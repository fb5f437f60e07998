"""Read ahead of whoever uses what was read, in threads: Pillow decodes without the GIL, so they scale."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

from cnnstudio.core import Control, decode_threads
from cnnstudio.core.waiting import carry_out, in_thread, leave, result_of

T = TypeVar("T")
R = TypeVar("R")


def read_ahead(
    items: Iterable[T], read: Callable[[T], R], control: Control | None = None, *, threads: int = 0, ahead: int = 64
) -> Iterator[R]:
    """Apply ``read`` in threads and yield the results in the order of ``items``, at most ``ahead`` of them waiting.

    They have the priority of the thread that asks, which is a low one for jobs beside a window. Lower than that they
    would get next to nothing on a busy computer, and whoever asks would wait for them. Not the threads of the standard
    library: a process cannot end while one of those waits for a drive that does not answer.

    Raises:
        StopRequested: a stop was asked for by ``control`` while something was waited for; what still reads a moment
            later is left behind.
    """
    control = control or Control()
    tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
    rest, waiting = iter(items), deque[Future[R]]()

    def work() -> None:
        while (task := tasks.get()) is not None:
            task()

    def ask(count: int) -> None:
        for item in islice(rest, count):
            future = Future[R]()
            waiting.append(future)
            tasks.put(partial(carry_out, partial(read, item), future))

    ask(ahead)
    started = [in_thread(work, "decode") for _ in range(threads or decode_threads())]
    try:
        while waiting:
            result = result_of(waiting.popleft(), control)
            ask(1)
            yield result
    finally:
        for future in waiting:
            future.cancel()
        for _ in started:
            tasks.put(None)
        leave(started)
