"""This application once more, as a child process: for what may crash, hang, or hold up the window."""

import sys

PROBE_DEVICE = "--probe-device"
OPEN_WEIGHTS = "--open-weights"
MEASURE_SPEEDS = "--measure-speeds"
EXAMINE = "--examine-pictures"


def child_command(task: str, *words: str) -> list[str]:
    """The command line of a child that does one of the tasks above; ``__main__`` knows them."""
    itself = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "cnnstudio"]
    return [*itself, task, *words]
