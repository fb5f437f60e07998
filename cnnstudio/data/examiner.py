"""Examine many pictures in child processes: a decoder that crashes or hangs costs one file, not the application.

What was found out is kept per folder, so that only new and changed files are looked at again.
"""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import numpy as np

from cnnstudio.core.child import EXAMINE, child_command
from cnnstudio.core.control import Control
from cnnstudio.core.cpu import usable_cores
from cnnstudio.data.dataset import FileProblem, ProblemKind
from cnnstudio.data.facts import ROW, Facts
from cnnstudio.data.facts_store import load_facts, save_facts
from cnnstudio.data.fingerprint import key_of

HANG_S = 60.0
"""A picture that takes this long is taken for one that never ends."""
_CHUNK = 128
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Each child has one core; its linear algebra must not ask for all of them."""
_FEW = 32
"""Pictures that are not worth several processes."""
Progress = Callable[[int, int, str], None]


def examine_files(
    root: Path, paths: Sequence[Path], *, control: Control, progress: Progress, processes: int = 0
) -> Facts:
    """Facts of all files, from memory where they are unchanged.

    Args:
        root: the dataset's folder, under which they are remembered.
        paths: the files.
        control: a stop keeps what was found out so far.
        progress: called with done, in all, and what is being done.
        processes: how many; 0 is one per core.

    Raises:
        StopRequested: a stop was asked for.
    """
    table, problems = load_facts(root, paths)
    missing = [row for row, path in enumerate(paths) if not table["key"][row].any()]
    done = len(paths) - len(missing)
    progress(done, len(paths), "Looking at pictures")
    try:
        for rows, found, complaints in _examined(paths, missing, control, processes or usable_cores()):
            table[rows] = found
            problems |= {row: problem for row, problem in zip(rows, complaints, strict=True) if problem is not None}
            done += len(rows)
            progress(done, len(paths), "Looking at pictures")
    finally:
        if missing:
            save_facts(root, paths, table, problems)
    control.check()
    return Facts(paths=tuple(paths), table=table, problems=problems)


Found = tuple[list[int], np.ndarray, list[FileProblem | None]]


def _examined(paths: Sequence[Path], rows: Sequence[int], control: Control, processes: int) -> Iterator[Found]:
    """Chunks as they come in, in their order, from ``processes`` children."""
    if not rows:
        return
    chunks = [list(rows[start : start + _CHUNK]) for start in range(0, len(rows), _CHUNK)]
    children = [Child() for _ in range(min(processes, len(chunks), 1 if len(rows) <= _FEW else processes))]
    own = threading.local()
    free = list(children)

    def work(chunk: list[int]) -> Found:
        if control.stop_requested:
            return [], np.zeros(0, ROW), []
        if not hasattr(own, "child"):
            own.child = free.pop()
        table, problems = own.child.examine([paths[row] for row in chunk])
        return chunk, table, problems

    try:
        with ThreadPoolExecutor(len(children), "cnnstudio-examine") as pool:
            yield from pool.map(work, chunks)
    finally:
        for child in children:
            child.close()


class Child:
    """One process that examines; started when it is needed, and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def examine(self, paths: list[Path]) -> tuple[np.ndarray, list[FileProblem | None]]:
        """Rows and problems of some files; a file that broke the child is a problem like others."""
        answer = self._ask(paths)
        if answer is not None:
            return answer
        if len(paths) == 1:
            row = np.zeros(1, ROW)
            row["key"] = key_of(paths[0])
            detail = f"{paths[0].name} broke the program that reads pictures, so it was left out."
            return row, [FileProblem(path=paths[0], kind="unreadable", detail=detail)]
        parts = [self.examine([path]) for path in paths]  # one of them did it
        return np.concatenate([table for table, _ in parts]), [problems[0] for _, problems in parts]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
            self._process = None

    def _ask(self, paths: list[Path]) -> tuple[np.ndarray, list[FileProblem | None]] | None:
        """None when the child died or hung over them."""
        if self._process is None:
            self._process = subprocess.Popen(
                child_command(EXAMINE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        watch = threading.Timer(HANG_S * max(1, len(paths) // 16), process.kill)
        watch.start()
        try:
            process.stdin.write(json.dumps([os.fsencode(path).hex() for path in paths]).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            size = len(paths) * ROW.itemsize
            rows = process.stdout.read(size) if line else b""
        except OSError:
            line, rows, size = b"", b"", -1
        finally:
            watch.cancel()
            watch.join()
        if not line or len(rows) != size:
            self.close()
            return None
        return np.frombuffer(rows, ROW).copy(), as_problems(paths, json.loads(line))


def as_problems(paths: list[Path], found: Iterable[tuple[int, str, str]]) -> list[FileProblem | None]:
    """Row, kind and detail of each, in the order of the paths."""
    problems: list[FileProblem | None] = [None] * len(paths)
    for row, kind, detail in found:
        problems[row] = FileProblem(path=paths[row], kind=cast("ProblemKind", kind), detail=detail)
    return problems
