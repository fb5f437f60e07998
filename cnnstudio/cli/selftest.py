"""``cnnstudio selftest``: whether this installation works on this computer, all of it."""

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import TRY_WINDOW, Watch, counted, seconds_in_words
from cnnstudio.core.events import Progressed
from cnnstudio.jobs.selftest import NOT_TRIED, Outcome, Tried, try_everything


def add_command(subparsers: Any) -> None:
    """Add ``selftest``."""
    parser = add_parser(
        subparsers, "selftest", _selftest, "try every part of this installation on sample pictures",
        "cnnstudio selftest",
    )  # fmt: skip
    parser.add_argument("--no-window", action="store_true", help="leave the window out")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work in this folder and leave it there")


def _selftest(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    began, before = time.monotonic(), os.environ.get("CNNSTUDIO_HOME")
    children = () if options.no_window else ((TRY_WINDOW,),)
    counts: Counter[str] = Counter()

    def tell(tried: Tried) -> None:
        counts[tried.chapter] += 1
        report(Progressed(done=0, total=0, text=f"{tried.chapter}: {tried.name}"))
        if tried.problem is not None:
            report.note(f"{tried.chapter}: {tried.name} failed. {tried.problem.sentence()}")
            if not options.json:
                report.note(tried.problem.details)

    with tempfile.TemporaryDirectory(prefix="cnnstudio-selftest-", ignore_cleanup_errors=True) as made:
        place = (options.keep or Path(made)).absolute()
        place.mkdir(parents=True, exist_ok=True)
        os.environ["CNNSTUDIO_HOME"] = str(place / "home")  # a person's own runs, settings and caches are not touched
        try:
            outcome = try_everything(place, Watch(watch.control), tell, children)
        finally:
            _put_back(before)
    report.result(_told(outcome, counts, time.monotonic() - began), _plain(outcome))
    return 1 if outcome.failed else 0


def _put_back(before: str | None) -> None:
    if before is None:
        del os.environ["CNNSTUDIO_HOME"]
    else:
        os.environ["CNNSTUDIO_HOME"] = before


def _told(outcome: Outcome, counts: Counter[str], seconds: float) -> str:
    lines = [f"{chapter:<20}{count:>5}" for chapter, count in counts.items()]
    failed = outcome.failed
    lines += ["", f"Not tried: {', '.join(f'{name} ({why})' for name, why in NOT_TRIED.items())}."]
    verdict = "Everything works" if not failed else f"{counted(len(failed), 'part')} of it failed, see above"
    lines.append(f"{verdict}: {counted(len(outcome.tried), 'thing')} tried in {seconds_in_words(seconds)}.")
    return "\n".join(lines)


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "works": not outcome.failed,
        "tried": [
            {
                "chapter": each.chapter,
                "name": each.name,
                "seconds": round(each.seconds, 3),
                "problem": each.problem and {"title": each.problem.title, "details": each.problem.details},
            }
            for each in outcome.tried
        ],
        "not_tried": NOT_TRIED,
    }
