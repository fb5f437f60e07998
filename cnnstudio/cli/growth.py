"""``grow``: what more pictures would bring."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch
from cnnstudio.jobs import run_inline, specs
from cnnstudio.understanding.outcomes import Curve, Growth
from cnnstudio.understanding.words import WHY_NOT, overall_sentence


def add_command(subparsers: Any) -> None:
    """Add ``grow``."""
    parser = add_parser(
        subparsers, "grow", _grow, "forecast what twice as many pictures would bring", "cnnstudio grow RUN"
    )
    parser.add_argument(
        "run_folder", type=Path, metavar="RUN", help="a run folder; its pictures that are not for testing"
    )


def _grow(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found = run_inline(specs.ForecastGrowth(run=options.run_folder), Watch(watch.control, report.beside))
    report.result("\n".join(_lines(found)), found)
    return 0


def _lines(found: Growth) -> Iterator[str]:
    yield overall_sentence(found)
    yield found.sentence
    width = max(len(each.name) for each in found.classes)
    yield f"{'class':{width}}  pictures  recognised  with twice as many"
    for each in found.by_gain:
        yield f"{each.name:{width}}  {each.pictures:8,}  {100 * each.now:8.0f} %  {_ahead(each)}"
    yield "For the last layer on features that stay as they are; training of more layers gains otherwise."


def _ahead(curve: Curve) -> str:
    if curve.forecast is None:
        return WHY_NOT[curve.why]
    low, high = (100 * end for end in curve.forecast)
    return f"{low:.0f} to {high:.0f} %"
