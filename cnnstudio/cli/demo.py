"""``cnnstudio demo``: everything once, on sample pictures."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.display import missing_display
from cnnstudio.cli.report import Report
from cnnstudio.core import Watch, data_folder, told
from cnnstudio.data.project import split_of
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import ModelRef
from cnnstudio.training.recipe import Recipe

DEMO_NETWORK = "efficientnet_lite0"


def add_command(subparsers: Any) -> None:
    """Add ``demo``."""
    parser = subparsers.add_parser(
        "demo",
        help="try everything on sample pictures",
        description="Draw a small sample dataset and open the window on it; without a display, or with --headless, "
        "fine-tune a small network, score, predict and export in the terminal. Needs no internet and takes "
        "seconds.",
        epilog="example: cnnstudio demo --headless",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--headless", action="store_true", help="stay in the terminal")
    parser.add_argument("--json", action="store_true", help="print JSON (with --headless)")
    parser.set_defaults(run=run_demo)


def run_demo(options: argparse.Namespace, report: Report, watch: Watch) -> int:
    """Draw the sample, then open the window on it or do the whole job here."""
    sample: Path = run_inline(specs.MakeSample(), watch)
    missing = missing_display()
    if options.headless or missing:
        if missing and not options.headless:
            report.note(f"{missing} The demo continues in the terminal.")
        return _headless(sample, report, watch)
    return int(options.open_window((sample,)))


def _headless(sample: Path, report: Report, watch: Watch) -> int:
    report.note(f"Sample pictures: {sample}")
    recipe = Recipe(
        dataset=str(sample),
        network=DEMO_NETWORK,
        mode="head",
        split=split_of(sample),
    )
    trained = run_inline(specs.FineTune(recipe=recipe), watch)
    model = ModelRef(source=str(trained.folder))
    images = tuple(sorted(sample.glob("*/*"))[::60])
    predictions = run_inline(specs.Predict(model=model, images=images), watch)
    out = data_folder() / "exports" / trained.folder.name
    export = run_inline(specs.ExportModel(model=model, format="bundle", out=out, check_images=images), watch)
    record = run_inline(specs.LookAtTest(run=trained.folder), watch).record  # no choice follows; still it is a look
    score = record.scores["test"]
    lines = [told(score), record.looks_sentence(runs=1), ""]
    lines += [
        f"{item.path.parent.name}/{item.path.name}: {item.top[0].label} ({item.top[0].probability:.0%})"
        for item in predictions
    ]
    lines += [
        "",
        f"Run: {trained.folder}",
        f"Export, loaded back and checked on {export.checked_on}: {export.path}",
    ]
    lines += [f"Try it on a picture of your own: cnnstudio predict {trained.folder} PICTURE"]
    plain = {
        "run": str(trained.folder),
        "export": str(export.path),
        "test_accuracy": score.accuracy,
        "sample": str(sample),
    }
    report.result("\n".join(lines), plain)
    return 0
