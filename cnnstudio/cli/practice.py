"""``cnnstudio practice``: list the practice datasets, or fetch one and print its folder."""

import argparse
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core.watch import Watch
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sets import SETS, PracticeSet
from cnnstudio.jobs import specs
from cnnstudio.jobs.execute import run_inline


def add_command(subparsers: Any) -> None:
    """Add ``practice``."""
    parser = add_parser(
        subparsers, "practice", _run, "list well-known datasets, or download one as a folder of pictures",
        "cnnstudio practice eurosat",
    )  # fmt: skip
    parser.add_argument("dataset", nargs="?", default="", metavar="NAME", help="from the list; without it, the list")


def _run(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    if options.dataset:
        folder = run_inline(specs.FetchPractice(name=options.dataset), watch)
        report.result(str(folder), {"folder": str(folder)})
        return 0
    report.result("\n".join(map(_row, SETS)), SETS)
    return 0


def _row(each: PracticeSet) -> str:
    here = "here" if practice_folder(each).is_dir() else ""
    size = f"{each.megabytes:,} MB"
    return f"{each.name:<14} {each.pictures:>8,} pictures {each.classes:>4} classes {size:>9}  {here:<5} {each.text}"
