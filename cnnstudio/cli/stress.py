"""``stress``: what a run still recognises when pictures get worse."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import NetworkError, RunError, Watch, counted
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.plain import plain
from cnnstudio.jobs.specs.stress import TESTED
from cnnstudio.understanding.stress.alarms import Shortcuts
from cnnstudio.understanding.stress.changes import BY_NAME, CHANGES
from cnnstudio.understanding.stress.results import Stress


def add_command(subparsers: Any) -> None:
    """Add ``stress``."""
    parser = add_parser(
        subparsers,
        "stress",
        _stress,
        "see what a run still recognises when pictures get darker, blurred, turned, compressed, closer, noisy, smaller",
        "cnnstudio stress RUN --change blur --change jpeg",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        default="validation",
        help="which pictures (default validation; with test the look at the test score is counted)",
    )
    parser.add_argument(
        "--pictures", type=int, default=TESTED, metavar="N", help=f"pictures at most, 0 for all (default {TESTED})"
    )
    parser.add_argument(
        "--change",
        action="append",
        choices=tuple(BY_NAME),
        help="test only this; may be given several times (default: all seven)",
    )


def _stress(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    changes = tuple(options.change or BY_NAME)
    job = specs.TestStress(run=options.folder, split=options.split, most=max(0, options.pictures), changes=changes)
    found = run_inline(job, watch)
    shortcuts = None if options.change else _shortcuts(options, report, watch)
    text = "\n".join((*_lines(found), *_told(shortcuts)))
    report.result(text, {**plain(found), "shortcuts": plain(shortcuts) if shortcuts else []})
    return 0


def _shortcuts(options: argparse.Namespace, report: Report, watch: Watch) -> Shortcuts | None:
    """None where there are too few pictures of every class, or the network cannot say where it looks."""
    try:
        return run_inline(specs.LookForShortcuts(run=options.folder, split=options.split), watch)
    except (RunError, NetworkError) as error:
        report.note(error.problem.sentence())
        return None


def _told(shortcuts: Shortcuts | None) -> Iterator[str]:
    if shortcuts is None:
        return
    yield from (look.sentence for look in shortcuts.alarms)
    if not shortcuts.alarms:
        looked = counted(shortcuts.pictures, f"{shortcuts.split} picture")
        yield f"No class seems to be recognised by a place alone ({looked} looked at)."


def _lines(found: Stress) -> Iterator[str]:
    yield f"On {counted(found.pictures, f'{found.split} picture')}, changed before they are cropped:"
    for change in CHANGES:
        if (curve := found.curve(change.name)) is None:
            continue
        plain, *steps = curve.steps
        yield f"{change.title}: {_share(found.share(plain))} as they are"
        for step in steps:
            low, high = found.interval(step)
            range_told = f"between {_share(low)} and {_share(high)} on new pictures"
            yield f"  {_share(found.share(step)):>6} with {change.told(step.strength)}, {range_told}"
        if weakest := found.weakest(change.name, len(steps)):
            before, after = (f"{count:,} of {weakest.pictures:,}" for count in (weakest.before, weakest.after))
            yield f"  {weakest.name} loses most at the strongest: {after} recognised, {before} before"


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"
