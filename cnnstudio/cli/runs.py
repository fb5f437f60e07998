"""``runs``: list them by what chooses, and show the one that was chosen, test score included."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.commands import add_parser
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch, told
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.plain import plain
from cnnstudio.networks import mode_words, network_title
from cnnstudio.runs import Run


def add_command(subparsers: Any) -> None:
    """Add ``runs list`` and ``runs show``."""
    runs = subparsers.add_parser("runs", help="list runs, or show one", description="List runs, or show one.")
    kinds = runs.add_subparsers(metavar="WHAT", required=True)
    listing = add_parser(kinds, "list", _list, "list runs with their validation scores", "cnnstudio runs list photos")
    listing.add_argument("dataset", nargs="?", type=Path, metavar="DATASET", help="folder of pictures (default: all)")
    showing = add_parser(
        kinds, "show", _show, "show a run with every score; test scores are counted when they are seen",
        "cnnstudio runs show RUN",
    )  # fmt: skip
    showing.add_argument("folder", type=Path, metavar="RUN", help="a run folder")


def _list(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    runs = run_inline(specs.FindRuns(folder=options.dataset), watch)
    rows = [f"{'started':16} {'validation':>10} {'state':<11} run"]
    rows += [_row(run) for run in runs]
    report.result("\n".join(rows if runs else ["There are no runs."]), [_listed(run) for run in runs])
    return 0


def _row(run: Run) -> str:
    record, score = run.record, run.record.scores.get("validation")
    share = f"{100 * score.accuracy:.1f} %" if score else "–"
    started = record.created.replace("T", " ")[:16]
    state = "damaged" if run.damage else record.state
    return f"{started:16} {share:>10} {state:<11} {record.name}: {run.folder}"


def _listed(run: Run) -> dict[str, Any]:
    """Without the test score: what a script chooses by is validation."""
    record, score = run.record, run.record.scores.get("validation")
    return {
        "run": str(run.folder),
        "name": record.name,
        "created": record.created,
        "state": "damaged" if run.damage else record.state,
        "network": record.network,
        "mode": str(record.recipe.get("mode", "")),
        "validation_accuracy": score.accuracy if score else None,
        "validation_images": score.images if score else 0,
    }


def _show(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    run = run_inline(specs.LookAtTest(run=options.folder), watch)
    record = run.record
    others = run_inline(specs.FindRuns(folder=record.dataset), watch)
    seen = {str(run.folder.resolve())} | {str(each.folder.resolve()) for each in others if each.record.test_looks}
    what = f"{network_title(record.network)}, {mode_words(str(record.recipe.get('mode', '')))}"
    named = what if record.name == what else f"{record.name}: {what}"
    lines = [f"{named}, {record.state}."]
    lines += [told(record.scores[split]) for split in ("validation", "test") if split in record.scores]
    lines += [
        sentence
        for sentence in (record.mix_sentence, record.every_picture, record.looks_sentence(len(seen)), *record.caveats)
        if sentence
    ]
    lines.append(f"Run: {run.folder}")
    report.result("\n".join(lines), {**plain(run), "test_looks": record.test_looks, "notes": list(record.caveats)})
    return 0
