"""Processes beside this one: its children, and those that torchrun or SLURM's srun started together with it."""

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
    """The command line of this application once more, for what may crash, hang, or hold up the window.

    ``__main__`` knows the tasks above. The folder one is in is not where it imports from (``-P``): a stranger's
    dataset could have a ``json.py`` in it.
    """
    itself = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-P", "-c", _START]
    return [*itself, task, *words]


def process_count() -> int:
    """1 when alone. A batch script's own environment does not count: only srun starts tasks of a step."""
    return _number("WORLD_SIZE", "SLURM_STEP_NUM_TASKS") or 1


def process_rank() -> int:
    """From 0; only the first process writes and talks."""
    return _number("RANK", "SLURM_PROCID") or 0 if process_count() > 1 else 0


def processes_here() -> int:
    """Those on this machine."""
    return _number("LOCAL_WORLD_SIZE") or process_count() // (_number("SLURM_STEP_NUM_NODES") or 1)


def _number(*names: str) -> int | None:
    """The first of the variables that holds a number."""
    return next((int(os.environ[name]) for name in names if os.environ.get(name, "").isdigit()), None)
