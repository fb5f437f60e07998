"""``compare``: two runs on the same pictures."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch
from cnnstudio.jobs import run_inline, specs


def add_command(subparsers: Any) -> None:
    """Add ``compare``."""
    parser = add_parser(
        subparsers, "compare", _compare, "compare two runs on the same pictures", "cnnstudio compare RUN OTHER-RUN"
    )
    parser.add_argument("first", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument("second", type=Path, metavar="RUN", help="another one")
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        default="validation",
        help="which pictures (default validation; test pictures are for judging what was chosen before)",
    )


def _compare(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found = run_inline(specs.CompareRuns(first=options.first, second=options.second, split=options.split), watch)
    report.result("\n".join((found.sentence, *found.details)), found)
    return 0
