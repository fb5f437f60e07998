"""Choose between the window and the command line; both are imported late."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType

STOPPED = 130
"""Exit code after Ctrl-C, as in cli.interrupt, which is not imported yet."""


def main() -> int:
    """Entry point of ``cnnstudio`` and ``python -m cnnstudio``."""
    for number in (signal.SIGINT, signal.SIGTERM):  # from the first moment on, see cli.interrupt for the rest
        signal.signal(number, _end)
    _open_streams()
    try:
        run = _prepared()
    except Exception as error:  # noqa: BLE001 - whatever an import says where a file is missing or damaged
        return _refuse_to_start(error)
    return run()


def _prepared() -> Callable[[], int]:
    """What this process is to do, with all imported that it takes."""
    import multiprocessing

    multiprocessing.freeze_support()
    from cnnstudio.core import load_compiler_late, tell_nobody

    tell_nobody()
    load_compiler_late()
    if len(sys.argv) > 1 and sys.argv[1] in (tasks := _tasks()):
        return partial(_serve, tasks[sys.argv[1]])
    if len(sys.argv) > 1:
        from cnnstudio.cli.main import main as run_command

        return partial(run_command, open_window=open_window)
    import cnnstudio.cli.display  # noqa: F401 - what would say it if the window cannot be opened

    return partial(open_window, ())


def window() -> int:
    """Entry point of ``cnnstudio-window``, for menus and file managers: on Windows it has no console to speak to."""
    return main()


def open_window(paths: Sequence[Path]) -> int:
    """Open the window, on files and folders if there are any; a sentence and 1 where none can be opened."""
    from cnnstudio.cli.display import missing_display, missing_library, missing_part, why_qt_gave_up

    def gave_up(said: Sequence[str]) -> None:
        _refuse(why_qt_gave_up(said))

    if missing := missing_display() or missing_part():
        return _refuse(missing)
    from cnnstudio.core import objects_that_stay

    try:
        with objects_that_stay():
            from cnnstudio.ui.app import run
    except Exception as error:  # noqa: BLE001 - as in main
        return _refuse(missing_library(error))
    return run(paths, gave_up=gave_up)


def _serve(task: Callable[..., None]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the parent, which ends us
    task(*sys.argv[2:])
    return 0


def _tasks() -> dict[str, Callable[..., None]]:
    """What child processes of ours do, by their first word."""
    from cnnstudio.core import (
        ANSWER_EXPORT,
        CHECK_SCRIPT,
        EXAMINE,
        MATCH_NAMES,
        MEASURE_SPEEDS,
        OPEN_WEIGHTS,
        PROBE_DEVICE,
        TRY_WINDOW,
        WRITE_CORE_ML,
        WRITE_ONNX,
    )

    return {
        PROBE_DEVICE: _probe_device,
        OPEN_WEIGHTS: _open_weights,
        MEASURE_SPEEDS: _measure_speeds,
        EXAMINE: _examine,
        MATCH_NAMES: _match_names,
        CHECK_SCRIPT: _check_script,
        WRITE_CORE_ML: _write_core_ml,
        WRITE_ONNX: _write_onnx,
        ANSWER_EXPORT: _answer_export,
        TRY_WINDOW: _try_window,
    }


def _probe_device() -> None:
    from cnnstudio.compute.device import probe

    print(probe())  # noqa: T201 - the answer to the parent process


def _open_weights(*paths: str) -> None:
    from cnnstudio.networks.weights.untrusted import open_in_child

    open_in_child(*map(Path, paths))


def _measure_speeds() -> None:
    from cnnstudio.jobs.measuring import measure_in_child

    measure_in_child()


def _examine() -> None:
    from cnnstudio.data.checks.facts import serve

    serve()


def _match_names() -> None:
    from cnnstudio.data.patterns import match_in_child

    match_in_child()


def _check_script(*words: str) -> None:
    from cnnstudio.export.script_check import check_in_child

    check_in_child(*words)


def _answer_export(*words: str) -> None:
    from cnnstudio.export.answering import answer_in_child

    answer_in_child(*words)


def _write_core_ml(*words: str) -> None:
    from cnnstudio.export.core_ml.writing import write_in_child

    write_in_child(*words)


def _write_onnx(*words: str) -> None:
    from cnnstudio.export.onnx.writing import write_in_child

    write_in_child(*words)


def _try_window() -> None:
    from cnnstudio.cli.display import missing_display

    if missing_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from cnnstudio.core.child import end_with_parent
    from cnnstudio.ui.trial import try_window

    end_with_parent()
    try_window()


def _open_streams() -> None:
    """Where a shell closed a stream, the next file would get its number, and whatever is printed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Nothing is under way yet, or any more; an exception would end in a traceback of whatever is imported."""
    os.write(2, b"Stopped.\n")
    os._exit(STOPPED)


def _refuse(sentence: str) -> int:
    from cnnstudio.cli.display import HEADLESS_HINT

    return _say(sentence, HEADLESS_HINT)


def _refuse_to_start(error: Exception) -> int:
    """What would say it may itself be missing."""
    sentence = f"A part of CNN Studio is missing or damaged: {error}. Install CNN Studio again."
    with suppress(Exception):
        from cnnstudio.core.errors import not_whole

        sentence = not_whole(error).sentence()
    with suppress(Exception):
        from cnnstudio.core.log import start_logging

        folder = start_logging()
        logging.getLogger(__name__).error(sentence, exc_info=error)
        sentence += f" The details are in {folder / 'cnnstudio.log'}."
    return _say(sentence)


def _say(sentence: str, hint: str = "") -> int:
    """On the terminal, with what helps there, or in a box where there is none; the exit code of a failure."""
    if sys.stderr is not None:
        sys.stderr.write(f"cnnstudio: {sentence} {hint}".rstrip() + "\n")
        sys.stderr.flush()
    else:
        with suppress(Exception):
            from cnnstudio.cli.display import show_message

            show_message(sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main())
