"""Several processes that were started together, by torchrun or SLURM's srun: how many, and which one this is."""

import os


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
