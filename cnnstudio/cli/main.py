"""The command line: ``cnnstudio`` opens the window, ``cnnstudio COMMAND`` does the same job in a terminal."""

import argparse
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnstudio import __version__
from cnnstudio.cli import (
    audition,
    channels,
    commands,
    compare,
    demo,
    desktop,
    doubts,
    folders,
    growth,
    lab,
    opening,
    picture_map,
    resources,
    runs,
    selftest,
    serve,
    stress,
    sure,
    train,
    why,
)  # fmt: skip
from cnnstudio.cli.interrupt import STOPPED, stop_on_interrupt
from cnnstudio.cli.report import Report
from cnnstudio.core import Control, Problem, StopRequested, StorageError, Watch, process_rank
from cnnstudio.core.log import start_logging
from cnnstudio.jobs import explain

FAILED = 1
_UNEXPECTED = ("failed", "incomplete", "runtime", "device", "processes")
"""Kinds of problems that somebody else may have to look into."""
_NO_VALUE = re.compile(r"--[\w-]+=(--)?")
log = logging.getLogger(__name__)

_DESCRIPTION = """\
Fine-tune a pretrained image network on a folder of your own pictures.

Without a command, the window opens: cnnstudio photos opens it on the folder photos.
Every command has its own help: cnnstudio train --help.
"""
_EPILOG = """\
exit codes: 0 done, 1 failed with a sentence that says why, 2 wrong usage, 130 stopped with Ctrl-C.
With --json, standard output carries only JSON; everything else goes to standard error.
"""


def no_window(_paths: Sequence[Path]) -> int:
    """For callers that have no window."""
    return FAILED


def main(argv: Sequence[str] | None = None, open_window: Callable[[Sequence[Path]], int] = no_window) -> int:
    """Run one command and return its exit code.

    Args:
        argv: words after the program's name; None takes those of the process.
        open_window: opens the window on files and folders; the two front ends do not know each other.
    """
    words = sys.argv[1:] if argv is None else argv
    if (place := _place(words)) is not None:
        return open_window((place,))
    options = _parsed(words)
    options.open_window = open_window
    report = Report(json=getattr(options, "json", False), silent=process_rank() > 0)
    control = Control()
    restore = stop_on_interrupt(control)
    try:
        return _run(options, report, Watch(control, report))
    except BrokenPipeError:  # whoever reads us has seen enough, as head does
        return FAILED
    finally:
        _let_go()
        restore()


def _run(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    """The command, with every ending as a sentence and an exit code."""
    try:
        code: int = options.run(options, report, watch)
        report.flush()
    except StopRequested as stop:
        report.note(f"Stopped. {stop}".rstrip())
        return STOPPED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the border of the command line: every error becomes a sentence
        report.problem(_logged(options, error))
        return FAILED
    return code


def _logged(options: argparse.Namespace, error: Exception) -> Problem:
    """What happened, and in the log what it takes to find out why; a sentence names the log where it is wanted.

    What is expected is explained by its sentence alone. What a library, the system or a child process said is not.
    """
    problem = explain(error)
    unexpected = problem.kind in _UNEXPECTED or "\n" in problem.details.strip()
    try:
        folder = start_logging()
        log.log(
            logging.ERROR if unexpected else logging.INFO,
            "cnnstudio %s %s: %s", __version__, getattr(options, "command", ""), problem.sentence(), exc_info=error,
        )  # fmt: skip
    except (OSError, StorageError):
        return replace(problem, remedy=f"{problem.remedy}\n{problem.details}") if unexpected else problem
    if not unexpected:
        return problem
    return replace(problem, remedy=f"{problem.remedy} The details are in {folder / 'cnnstudio.log'}.")


def _let_go() -> None:
    """Python empties its streams once more when it ends, and would complain of those that nobody reads."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            with suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _place(words: Sequence[str]) -> Path | None:
    """The folder, archive or picture that is given in place of a command; a command of that name comes first."""
    if len(words) != 1 or not words[0] or words[0].startswith("-") or words[0] in _parsers()[1].choices:
        return None
    place = Path(words[0])
    try:
        return place.absolute() if place.exists() else None
    except OSError:
        return None


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """An empty word is a variable that a script forgot to set, never a name that somebody means.

    Before Python 3.13 argparse takes ``--`` behind an equals sign for no value, too.
    """
    parser, commands = _parsers()
    empty = [word for word in words if not word or _NO_VALUE.fullmatch(word)]
    first = next(iter(words), "-")
    if first and not first.startswith("-") and first not in commands.choices:
        parser.error(f"there is no command and no folder called {first}; see: cnnstudio --help")
    options = parser.parse_args(words)
    if empty:
        what = f"{empty[0]} has no value" if empty[0] else "one of the names is empty"
        parser.error(f"{what}; perhaps a variable of your script is not set.")
    return options


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    return _parsers()[0]


def _parsers() -> tuple[argparse.ArgumentParser, Any]:
    """The parser, and what knows the commands."""
    parser = argparse.ArgumentParser(
        prog="cnnstudio",
        usage="cnnstudio [FOLDER]\n       cnnstudio COMMAND [options]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cnnstudio {__version__}")
    subparsers = parser.add_subparsers(prog="cnnstudio", metavar="COMMAND", dest="command", required=True)
    train.add_command(subparsers)
    runs.add_command(subparsers)
    commands.add_commands(subparsers)
    folders.add_commands(subparsers)
    compare.add_command(subparsers)
    audition.add_command(subparsers)
    doubts.add_command(subparsers)
    sure.add_command(subparsers)
    growth.add_command(subparsers)
    picture_map.add_command(subparsers)
    stress.add_command(subparsers)
    resources.add_networks(subparsers)
    resources.add_folders(subparsers)
    why.add_command(subparsers)
    lab.add_command(subparsers)
    channels.add_command(subparsers)
    serve.add_command(subparsers)
    demo.add_command(subparsers)
    opening.add_command(subparsers)
    desktop.add_command(subparsers)
    selftest.add_command(subparsers)
    return parser, subparsers
