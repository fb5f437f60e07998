"""Examine many pictures in child processes: a decoder that crashes or hangs costs one file, not the application.

What was found out is kept per folder, so that only new and changed files are looked at again.
"""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

import numpy as np

from cnnstudio.core import EXAMINE, Control, Watch, child_command, usable_cores
from cnnstudio.data.checks.facts import ROW, TOO_SLOW, Facts, is_known, load_facts, save_facts
from cnnstudio.data.dataset import FileProblem, ProblemKind, stamp

HANG_S = 60.0
"""Pictures that take this long together are asked for one by one. A child ends by itself when one picture takes too
much of the processor (``facts.serve``); this is for a drive that does not answer, and for what holds up all threads."""
_CHUNK_S, _MOST = 0.2, 512
"""A child is asked for so many seconds' worth of pictures at a time, but not for more than so many pictures: a stop is
heard soon, and asking costs little."""
_ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    **dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(2**28)),
}
"""Each child has one core, so its linear algebra must not ask for all of them; and memory that it frees between two
chunks stays with it, which glibc would give back and take again page by page."""
_LISTEN_S = 0.1
"""Between two looks whether a stop was asked for."""
_CRASHES = frozenset(
    {-getattr(signal, name, signal.SIGABRT) for name in ("SIGSEGV", "SIGABRT", "SIGILL", "SIGFPE", "SIGBUS")}
    | {3, 0xC0000005, 0xC000001D, 0xC00000FD, 0xC0000374, 0xC0000409}
)
"""How a process ends whose own code failed, on Unix and on Windows."""
_FEW = 32
"""A process more for every so many pictures."""
Ending = Literal["slow", "crashed", "ended"]
"""Why a child gave no answer: a picture took too long or broke it, or something else ended it."""
Answer = tuple[np.ndarray, list[tuple[int, str, str]]]
"""Rows, and row, kind and sentence of each problem."""


class Examiner:
    """Looks at the pictures of one folder; as a context manager, since it has processes.

    Args:
        root: the dataset's folder, under which everything is remembered.
        processes: how many; 0 is one per core.
    """

    def __init__(self, root: Path, processes: int = 0) -> None:
        self._root = root
        self._children = [Child() for _ in range(processes or usable_cores())]

    def __enter__(self) -> Self:
        if not is_known(self._root):  # they will be needed, and start while the folder is listed
            for child in self._children:
                child.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.close()

    def examine(self, names: Sequence[str], watch: Watch) -> Facts:
        """Facts of all files, from memory where they are unchanged.

        Args:
            names: of the files, relative to the folder, with forward slashes.
            watch: told how many are done; a stop keeps what was found out so far.

        Raises:
            StopRequested: a stop was asked for.
        """
        facts = load_facts(self._root, names)
        missing = np.flatnonzero(~facts.table["seen"]).tolist()
        done = len(names) - len(missing)
        watch.progress(done, len(names), "Checking the pictures")
        try:
            for rows, (table, problems) in self._answers(names, missing, watch.control):
                facts.table[rows] = table
                for row, kind, detail in problems:
                    path = self._root / names[rows[row]]
                    facts.problems[rows[row]] = FileProblem(path=path, kind=cast("ProblemKind", kind), detail=detail)
                done += len(rows)
                watch.progress(done, len(names), "Checking the pictures")
        finally:
            if missing:
                save_facts(self._root, names, facts)
        watch.check()
        return facts

    def _answers(
        self, names: Sequence[str], rows: Sequence[int], control: Control
    ) -> Iterator[tuple[list[int], Answer]]:
        """Chunk by chunk, as the children are done with them."""
        children = self._children[: len(rows) // _FEW + 1] if rows else []
        left, lock, ended = iter(rows), threading.Lock(), threading.Event()
        answers = queue.SimpleQueue[tuple[list[int], Answer] | None]()

        def work(child: Child) -> None:
            count = _FEW
            try:
                while not (ended.is_set() or control.stop_requested):
                    with lock:
                        chunk = list(islice(left, count))
                    if not chunk:
                        break
                    start = time.monotonic()
                    answer = child.examine([f"{self._root}/{names[row]}" for row in chunk])
                    if answer is None:
                        break
                    answers.put((chunk, answer))
                    speed = len(chunk) / max(time.monotonic() - start, 1e-6)
                    count = min(_MOST, max(1, round(speed * _CHUNK_S)))
            finally:
                answers.put(None)

        with ThreadPoolExecutor(max(1, len(children)), "cnnstudio-examine") as pool:
            working = [pool.submit(work, child) for child in children]
            try:
                busy = len(children)
                while busy and not control.stop_requested:
                    with suppress(queue.Empty):
                        if (answer := answers.get(timeout=_LISTEN_S)) is None:
                            busy -= 1
                        else:
                            yield answer
            finally:  # also when whoever asked has left
                ended.set()
                for child in children:
                    child.end()
            for each in working:
                each.result()


class Child:
    """One process that examines; started when it is needed, and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = True

    def start(self) -> None:
        """Begin to start the process, where there is none."""
        if self._process is None:
            self._process = subprocess.Popen(
                child_command(EXAMINE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,  # Ctrl-C in a terminal is for us alone
            )

    def examine(self, paths: list[str]) -> Answer | None:
        """Rows and problems of some files; a file that broke the child is a problem like others.

        Returns:
            None when another thread called ``end``.
        """
        answer = self._ask(paths)
        if isinstance(answer, tuple):
            return answer
        if not self._wanted:
            return None
        if len(paths) == 1:
            return _broken(paths[0], answer)
        tables, problems = [], []
        for row, path in enumerate(paths):  # one of them did it
            alone = self.examine([path])
            if alone is None:
                return None
            tables.append(alone[0])
            problems += [(row, kind, detail) for _, kind, detail in alone[1]]
        return np.concatenate(tables), problems

    def end(self) -> None:
        """Break off; from any thread."""
        self._wanted = False
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # what was still to be sent is lost
                    pipe.close()
            self._process = None

    def _ask(self, paths: list[str]) -> Answer | Ending:
        """What the child found, or how it ended."""
        if not self._wanted:
            return "ended"
        self.start()
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        watch = threading.Timer(HANG_S, give_up)
        watch.start()
        size = len(paths) * ROW.itemsize
        try:
            request = b"\0".join(map(os.fsencode, paths))
            process.stdin.write(b"%d\n" % len(request) + request)
            process.stdin.flush()
            line = process.stdout.readline()
            rows = process.stdout.read(size) if line else b""
        except OSError:
            line, rows = b"", b""
        finally:
            watch.cancel()
            watch.join()
        if line and len(rows) == size:
            return np.frombuffer(rows, ROW), [(row, kind, detail) for row, kind, detail in json.loads(line)]
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)
        code = process.poll()
        self.close()
        if late.is_set() or code == TOO_SLOW:
            return "slow"
        return "crashed" if code in _CRASHES else "ended"


_SENTENCES: dict[Ending, str] = {
    "slow": "{} could not be read: it takes too long to read.",
    "crashed": "{} crashed the program that reads pictures, so it was skipped.",
    "ended": "{} could not be checked this time: something ended the program that reads pictures.",
}


def _broken(path: str, how: Ending) -> Answer:
    """A file that ended the child. Unless it did so by itself, it will be looked at again next time."""
    row = np.zeros(1, ROW)
    if how != "ended":
        row["seen"], (row["size"], row["time"]) = True, stamp(path)
    return row, [(0, "unreadable", _SENTENCES[how].format(Path(path).name))]
