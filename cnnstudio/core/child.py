"""This application once more, as a child process: for what may crash, hang, or hold up the window."""

import os
import sys
from pathlib import Path

PROBE_DEVICE = "--probe-device"
OPEN_WEIGHTS = "--open-weights"
MEASURE_SPEEDS = "--measure-speeds"
EXAMINE = "--examine-pictures"
_PACKAGES = Path(__file__).resolve().parents[2]
_START = f"import sys; sys.path.append({os.fspath(_PACKAGES)!r}); from cnnstudio.__main__ import main; sys.exit(main())"


def child_command(task: str, *words: str) -> list[str]:
    """The command line of a child that does one of the tasks above; ``__main__`` knows them.

    The folder one is in is not where it imports from (``-P``): a stranger's dataset could have a ``json.py`` in it.
    """
    itself = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-c", _START]
    return [*itself, task, *words]
