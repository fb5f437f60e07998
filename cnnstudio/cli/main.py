"""The command line: ``cnnstudio`` opens the window, ``cnnstudio COMMAND`` does the same job in a terminal."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from cnnstudio import __version__
from cnnstudio.cli import commands, resources, train
from cnnstudio.cli.report import Report
from cnnstudio.core import Control, StopRequested, Watch, process_rank
from cnnstudio.jobs import explain

FAILED, STOPPED = 1, 130

_DESCRIPTION = """\
Fine-tune a pretrained image network on a folder of your own pictures.

Without a command, the window opens. Every command has its own help: cnnstudio train --help.
"""
_EPILOG = """\
exit codes: 0 done, 1 failed with a sentence that says why, 2 wrong usage, 130 stopped with Ctrl-C.
With --json, standard output carries only JSON; everything else goes to standard error.
"""


def no_window(_folder: Path) -> int:
    """For callers that have no window."""
    return FAILED


def main(argv: Sequence[str] | None = None, open_window: Callable[[Path], int] = no_window) -> int:
    """Run one command and return its exit code.

    Args:
        argv: words after the program's name; None takes those of the process.
        open_window: opens the window on a folder, for ``demo``; the two front ends do not know each other.
    """
    options = build_parser().parse_args(argv)
    options.open_window = open_window
    report = Report(json=getattr(options, "json", False), silent=process_rank() > 0)
    control = Control()
    restore = _stop_on_interrupt(control)
    try:
        code: int = options.run(options, report, Watch(control, report))
        sys.stdout.flush()
    except StopRequested:
        report.note("Stopped.")
        return STOPPED
    except BrokenPipeError:  # whoever reads us has seen enough, as head does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - the border of the command line: every error becomes a sentence
        report.problem(explain(error))
        return FAILED
    finally:
        restore()
    return code


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    parser = argparse.ArgumentParser(
        prog="cnnstudio",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cnnstudio {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    train.add_command(subparsers)
    commands.add_commands(subparsers)
    resources.add_networks(subparsers)
    resources.add_folders(subparsers)
    train.add_demo(subparsers)
    return parser


def _stop_on_interrupt(control: Control) -> Callable[[], None]:
    """The first Ctrl-C asks for a stop, which keeps the best so far; the second ends the process."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        control.request_stop()
        signal.signal(number, signal.default_int_handler)
        print("\nStopping… (Ctrl-C again to quit at once)", file=sys.stderr)

    old = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(ValueError):  # only the main thread may set handlers
            old[number] = signal.signal(number, on_signal)

    def restore() -> None:
        for number, handler in old.items():
            signal.signal(number, handler)

    return restore
