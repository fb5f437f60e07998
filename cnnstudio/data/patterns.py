r"""A person's regular expression on many names, within a bounded time.

A pattern such as ``(\w+\s?)*!`` takes ages on a name of twenty letters, and Python's ``re`` holds up every thread
meanwhile, the window's as well. So what is not plainly quick is matched in a child process that can be ended.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from cnnstudio.core import MATCH_NAMES, Control, DatasetError, child_command, counted, seconds_in_words

SECONDS = 10.0
_LISTEN_S = 0.1
_GRACE_S = 5
_QUICK = 20_000_000
"""Steps of a plain pattern that take about a tenth of a second."""
_REPEATS = re.compile(r"[*+{]")
_MANIFOLD = re.compile(r"\)\s*[*+?{]|\\[1-9]|\(\?|[*+}]\s*[*+{]")
"""Groups that are repeated, references back, looks around: what can take exponentially long, or is hard to tell."""


def names_by_pattern(names: Sequence[str], pattern: str, control: Control | None = None) -> list[str | None]:
    """What a pattern finds in each name: its first group, or all of it; None where it finds nothing.

    Args:
        names: such as paths relative to a folder.
        pattern: a regular expression.
        control: asked for a stop.

    Raises:
        DatasetError: it takes longer than anybody would wait.
        StopRequested: a stop was asked for.
    """
    if _is_quick(pattern, names):
        return _found(names, pattern)
    request = json.dumps({"pattern": pattern, "names": list(names)}).encode()  # escapes what is no Unicode
    process = subprocess.Popen(
        child_command(MATCH_NAMES), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in a terminal is for us alone
    )  # fmt: skip
    with process:
        try:
            answer = _answer(process, request, control or Control())
        finally:
            process.kill()
    if not answer:
        raise DatasetError(
            "The pattern for groups takes too long.",
            meaning=f"With “{pattern}”, {counted(len(names), 'file name')} were not done after "
            f"{seconds_in_words(SECONDS)}.",
            remedy="Choose a simpler one: without repeats inside of repeats, such as (patient\\d+).",
        )
    found: list[str | None] = json.loads(answer)
    return found


def match_in_child() -> None:
    """Read names and pattern from standard input, and write what was found."""
    if hasattr(signal, "alarm"):  # nothing else ends it when its parent is gone
        signal.alarm(round(SECONDS) + _GRACE_S)
    request = json.load(sys.stdin.buffer)
    sys.stdout.write(json.dumps(_found(request["names"], request["pattern"])))
    sys.stdout.flush()
    os._exit(0)


def _is_quick(pattern: str, names: Sequence[str]) -> bool:
    """Whether the steps that a pattern can take at worst are few: one loop over the name for each of its repeats."""
    if _MANIFOLD.search(pattern):
        return False
    loops = 1 + len(_REPEATS.findall(pattern))
    return sum(len(name) ** loops for name in names) <= _QUICK


def _found(names: Sequence[str], pattern: str) -> list[str | None]:
    matches = [re.search(pattern, name) for name in names]
    return [(match[1] if match.groups() else match[0]) if match else None for match in matches]


def _answer(process: subprocess.Popen[bytes], request: bytes, control: Control) -> bytes:
    """What the child wrote; empty when it was not done in time."""
    end, wanted = time.monotonic() + SECONDS, request or None
    while time.monotonic() < end:
        control.check()
        try:
            return process.communicate(wanted, timeout=_LISTEN_S)[0]
        except subprocess.TimeoutExpired:
            wanted = None  # it is being sent
    return b""
