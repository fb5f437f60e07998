"""``doubts``: pictures whose labels are worth a second look."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch, counted, printable
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import network_title
from cnnstudio.understanding.outcomes import Doubts

_SHOWN = 30


def add_command(subparsers: Any) -> None:
    """Add ``doubts``."""
    parser = add_parser(
        subparsers,
        "doubts",
        _doubts,
        "list pictures whose labels are worth a second look, the most doubtful first",
        "cnnstudio doubts RUN --top 50",
    )
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a run folder; its pictures of every split")
    parser.add_argument(
        "--top",
        type=between(1, 10_000_000),
        metavar="N",
        help=f"so many at most (default: {_SHOWN} for people, all with --json)",
    )


def _doubts(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    found = run_inline(specs.FindDoubts(run=options.run_folder), Watch(watch.control, report.beside))
    top = options.top or (len(found.doubts) if report.json else _SHOWN)
    told = [
        {"path": str(found.root / each.name), "label": each.label, "answer": each.answer, "p_label": each.p_label}
        for each in found.doubts[:top]
    ]
    report.result("\n".join(_lines(found, top)), told)
    return 0


def _lines(found: Doubts, top: int) -> list[str]:
    strong, all_of_them = f"{len(found.strong):,}", counted(found.pictures, "picture")
    lines = [
        f"{strong} of {all_of_them} are worth a second look: another class is at least ten times as likely as the "
        f"label, by a last layer on {network_title(found.network)} that did not learn from it."
    ]
    lines += [
        f"{each.p_label:9.3%}  {each.label} → {each.answer}  {printable(each.name)}" for each in found.doubts[:top]
    ]
    if len(found.doubts) > top:
        lines.append(f"and {len(found.doubts) - top:,} less doubtful ones, see: --top {len(found.doubts)}")
    return [*lines, "Most of them are correct and merely hard. No file was changed; decide in the window, on Data."]
