"""Ask an export in a child process: it computes beside the window, may crash, and a stop ends it at once."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from cnnstudio.core import ANSWER_EXPORT, Control, ExportMismatch, Others, child_command, lower_priority, wait_shortly
from cnnstudio.core.child import requests
from cnnstudio.export import running
from cnnstudio.export.formats import FORMATS, Answerer, Format

_SECONDS = 600.0
"""To open the export, or for one picture."""
_LISTEN_S = 0.1
"""Between two looks whether a stop was asked for."""
_TOLD_BYTES = 2000


class About(NamedTuple):
    """What answers."""

    engine: str
    version: str
    threads: int
    load_s: float


class Answered(NamedTuple):
    """Of one picture."""

    probabilities: np.ndarray
    """(classes,) float32; empty where it takes a package more to read it."""
    seconds: float
    """From its file to the answer."""
    others: float = 0.0
    """The share of the cores that other programs have taken since the export was opened."""


class Answering:
    """An export in a process of its own; as a context manager.

    Raises:
        ExportMismatch: it cannot be opened, or does not answer.
        StopRequested: a stop was asked for.
    """

    def __init__(self, kind: Format, folder: Path, control: Control) -> None:
        self._control, self._deadline, self._ended = control, time.monotonic() + _SECONDS, threading.Event()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            child_command(ANSWER_EXPORT, kind.name, str(folder)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,  # Ctrl-C in a terminal is for us alone
        )
        threading.Thread(target=self._listen, daemon=True, name="cnnstudio-answering").start()

    def __enter__(self) -> Self:
        try:
            told = self._line()
        except BaseException:
            self.close()
            raise
        self.about = About(**told)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def answer(self, picture: Path) -> Answered:
        """The answer to a picture's file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._deadline = time.monotonic() + _SECONDS
        request = os.fsencode(picture)
        with contextlib.suppress(OSError):  # it has ended, and so has its output
            self._process.stdin.write(b"%d\n" % len(request) + request)
            self._process.stdin.flush()
        told = self._line()
        found = np.frombuffer(self._process.stdout.read(4 * told["count"]), np.float32)
        return Answered(found, told["seconds"], told["others"])

    def close(self) -> None:
        """End the process."""
        self._ended.set()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._control.check()
        told: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"problem": self._end()}
        if problem := told.get("problem"):
            raise ExportMismatch(
                "The exported file could not be asked for an answer.",
                meaning="The export was not put in place.",
                remedy="Try again; if it happens again, please report it.",
                details=str(problem),
            )
        return told

    def _end(self) -> str:
        """How it ended, which it did."""
        late = time.monotonic() > self._deadline
        self._process.kill()
        code = self._process.wait()
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - _TOLD_BYTES))
        said = self._said.read().decode(errors="replace")
        return f"no answer after {_SECONDS:.0f} s" if late else f"exit code {code}\n{said}"

    def _listen(self) -> None:
        while not self._ended.wait(_LISTEN_S):
            if self._control.stop_requested or time.monotonic() > self._deadline:
                self._process.kill()
                return


# The other side ---------------------------------------------------------------------------------------------------


def opened(kind: Format, folder: Path) -> tuple[Answerer, About]:
    """An export that can answer, and what it took."""
    start = time.perf_counter()
    answerer = kind.answers(folder)
    seconds = time.perf_counter() - start
    return answerer, About(answerer.engine, answerer.version, answerer.threads, seconds)


def asked(answerer: Answerer, picture: Path) -> Answered:
    """The answer to one picture, timed."""
    start = time.perf_counter()
    try:
        found = np.asarray(answerer.answer(picture), np.float32).reshape(-1)
    except Exception as error:  # an export brings a class of its own
        if type(error).__name__ != "PackageMissing":
            raise
        found = np.zeros(0, np.float32)
    return Answered(found, time.perf_counter() - start)


def answer_in_child(name: str, folder: str) -> None:
    """The child's side: what it is first, then an answer for each path that comes in."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what scripts print is no answer
    pictures = requests()
    lower_priority()
    wait_shortly()
    running.alone = True

    def tell(told: dict[str, Any], content: bytes = b"") -> None:
        out.write(json.dumps(told).encode("ascii", errors="backslashreplace") + b"\n" + content)
        out.flush()

    try:
        answerer, about = opened(FORMATS[name], Path(folder))
        tell(about._asdict())
        others = Others()
        for request in pictures:
            answered = asked(answerer, Path(os.fsdecode(request)))
            told = {"seconds": answered.seconds, "count": len(answered.probabilities), "others": others.taken()}
            tell(told, answered.probabilities.tobytes())
    except Exception as error:  # noqa: BLE001 - a receiver would see it, whatever it is
        tell({"problem": repr(error)})
