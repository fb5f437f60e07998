"""Several processes that were started together, by torchrun or SLURM: how many, and which one this is."""

import os


def process_count() -> int:
    """1 when alone."""
    return _number("WORLD_SIZE", "SLURM_NTASKS") or 1


def process_rank() -> int:
    """From 0; only the first process writes and talks."""
    return _number("RANK", "SLURM_PROCID") or 0 if process_count() > 1 else 0


def processes_here() -> int:
    """Those on this machine."""
    return _number("LOCAL_WORLD_SIZE", "SLURM_NTASKS_PER_NODE") or process_count()


def _number(*names: str) -> int | None:
    """The first of the variables that holds a number."""
    return next((int(os.environ[name]) for name in names if os.environ.get(name, "").isdigit()), None)
