"""``audition``: networks that are on this computer, tried on one's own pictures."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import StopRequested, Watch, counted
from cnnstudio.jobs import run_inline, specs
from cnnstudio.understanding.auditions import Auditions
from cnnstudio.understanding.words import STANDINGS


def add_command(subparsers: Any) -> None:
    """Add ``audition``."""
    parser = add_parser(
        subparsers,
        "audition",
        _audition,
        "try the networks that are on this computer on some of your pictures",
        "cnnstudio audition photos",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER|RUN", help="a folder of pictures, or a run on it")
    parser.add_argument(
        "--model", action="append", metavar="NAME", default=[], help="only this network; may be given several times"
    )


def _audition(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    job = specs.AuditionNetworks(folder=options.folder, networks=tuple(options.model))
    try:
        found = run_inline(job, Watch(watch.control, report.beside))
    except StopRequested as stop:
        kept: Auditions | None = getattr(stop, "result", None)
        if kept is not None and kept.results:
            report.result("\n".join(_lines(kept)), kept)
        raise
    report.result("\n".join(_lines(found)), found)
    return 0


def _lines(found: Auditions) -> Iterator[str]:
    width = max((len(each.title) for each in found.results), default=0)
    yield f"{'network':{width}}  correct  between (95 %)   per picture"
    for each in sorted(found.results, key=lambda each: -each.accuracy):
        low, high = (100 * end for end in each.interval)
        standing = STANDINGS[found.standings[each.network]]
        yield (
            f"{each.title:{width}}  {100 * each.accuracy:5.1f} %  {low:4.1f} and {high:4.1f} %  "
            f"{1000 * each.seconds:7.1f} ms  {standing}"
        )
    yield found.sentence
    pictures = max((len(each.right) for each in found.results), default=0)
    told = counted(pictures, "training picture")
    yield f"On {told}, each answered by a last layer that did not learn from it. Nothing was downloaded."
