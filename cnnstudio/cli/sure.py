"""``sure``: from which probability on a network's answers can be relied on, with a promise that is kept."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch, counted
from cnnstudio.jobs import run_inline, specs
from cnnstudio.understanding.sure.promise import Promise


def add_command(subparsers: Any) -> None:
    """Add ``sure``."""
    parser = add_parser(
        subparsers,
        "sure",
        _sure,
        "find the probability from which on answers can be relied on",
        "cnnstudio sure RUN --target 0.95",
    )
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a run folder; its validation pictures decide")
    parser.add_argument(
        "--target",
        type=between(0.5, 0.999, float),
        default=0.9,
        metavar="SHARE",
        help="share of answers that shall be correct (default 0.9)",
    )
    parser.add_argument(
        "--every",
        action="store_true",
        help="count training pictures as well, where each was answered by a last layer that did not learn from it",
    )


def _sure(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    job = specs.PromiseShare(run=options.run_folder, target=options.target, every=options.every)
    found = run_inline(job, Watch(watch.control, report.beside))
    sentence = told(found)
    if report.json and found.threshold is None:
        report.note(sentence)
    report.result(sentence, found)
    return 0


def told(found: Promise) -> str:
    """What a promise says, for people."""
    pictures, target = counted(found.pictures, "picture"), f"{100 * found.target:g} %"
    if found.threshold is None:
        enough = counted(found.without_error, "answer")
        more = (
            f"With about {found.needed:,} such pictures it would be, if errors came as often as they do."
            if found.needed
            else "More pictures would not help while its surest answers are wrong as often as they are."
        )
        return (
            f"That {target} of the answers are correct cannot be promised by {pictures}: it takes {enough} without an "
            f"error, or more with some. {more}"
        )
    if found.answers == 1:
        return (
            f"All {pictures} answered, {100 * found.right:.1f} % of the answers correct. Promised: at least {target} "
            "correct, with 95 % confidence, without leaving a picture unanswered."
        )
    return (
        f"Answer only from {100 * found.threshold:.0f} % on: {100 * found.answers:.1f} % of {pictures} answered, "
        f"{100 * found.right:.1f} % of these correct. Promised: at least {target} correct, with 95 % confidence."
    )
