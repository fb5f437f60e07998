"""``desktop``: into the menu of programs, and out of it again."""

import argparse
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch
from cnnstudio.jobs import Job, run_inline, specs
from cnnstudio.jobs.specs.desktop import DesktopState


def add_command(subparsers: Any) -> None:
    """Add ``desktop``."""
    parser = add_parser(
        subparsers, "desktop", _desktop, "put CNN Studio into the menu of programs, or take it out",
        "cnnstudio desktop --add",
    )  # fmt: skip
    parser.description = (
        "Put CNN Studio into the menu of programs, with its icon; trained networks (.cnnbundle) then open with a "
        "double click, and folders by Open with. Everything that is written is listed, and --remove takes out exactly "
        "that. Without an option: how it is now."
    )
    what = parser.add_mutually_exclusive_group()
    for name, job, words in (
        ("--add", specs.AddToDesktop(), "add it, or bring it up to date"),
        ("--remove", specs.RemoveFromDesktop(), "take it out"),
        ("--status", specs.LookAtDesktop(), "how it is now"),
    ):
        what.add_argument(name, dest="job", action="store_const", const=job, help=words)
    parser.set_defaults(job=specs.LookAtDesktop())


def _desktop(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    job: Job[DesktopState] = options.job
    state = run_inline(job, watch)
    report.result(_told(state), state)
    return 0


def _told(state: DesktopState) -> str:
    if state.added and state.whole:
        return "\n".join([f"In the menu; it starts {' '.join(state.command)}. Written:", *map(str, state.files)])
    if state.added:
        return "In the menu, but not as it should be; cnnstudio desktop --add brings it up to date."
    return f"Not in the menu by us. {state.why_not or 'cnnstudio desktop --add puts it there.'}"
