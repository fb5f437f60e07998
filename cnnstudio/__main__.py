"""Choose between the window and the command line; both are imported late."""

import multiprocessing
import sys
from collections.abc import Callable
from pathlib import Path

from cnnstudio.cli.display import HEADLESS_HINT, missing_display, missing_library
from cnnstudio.core import EXAMINE, MEASURE_SPEEDS, OPEN_WEIGHTS, PROBE_DEVICE


def _probe_device() -> None:
    from cnnstudio.compute.device import probe

    print(probe())  # noqa: T201 - the answer to the parent process


def _open_weights(*paths: str) -> None:
    from cnnstudio.networks.weights.state_file import open_in_child

    open_in_child(*map(Path, paths))


def _measure_speeds() -> None:
    from cnnstudio.jobs.measuring import measure_in_child

    measure_in_child()


def _examine() -> None:
    from cnnstudio.data.checks.facts import serve

    serve()


_TASKS: dict[str, Callable[..., None]] = {
    PROBE_DEVICE: _probe_device,
    OPEN_WEIGHTS: _open_weights,
    MEASURE_SPEEDS: _measure_speeds,
    EXAMINE: _examine,
}


def main() -> int:
    """Entry point of ``cnnstudio`` and ``python -m cnnstudio``."""
    multiprocessing.freeze_support()
    if len(sys.argv) > 1 and sys.argv[1] in _TASKS:
        _TASKS[sys.argv[1]](*sys.argv[2:])
        return 0
    if len(sys.argv) > 1:
        from cnnstudio.cli.main import main as run_command

        return run_command(open_window=open_window)
    missing = missing_display()
    if missing:
        return _refuse(f"{missing} {HEADLESS_HINT}")
    return open_window(None)


def open_window(folder: Path | None) -> int:
    """Open the window, on a folder of pictures if one is given."""
    try:
        from cnnstudio.ui.app import run
    except ImportError as error:
        return _refuse(f"{missing_library(error)} {HEADLESS_HINT}")
    return run(open_folder=folder)


def _refuse(sentence: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(f"cnnstudio: {sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
