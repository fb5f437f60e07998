"""``train --seeds`` and ``train --folds``: one recipe several times, told as mean and spread."""

import argparse
from pathlib import Path

from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import Event, Partial, StopRequested, Watch
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.plain import plain
from cnnstudio.jobs.specs import ContinueRepeats, TrainRepeats
from cnnstudio.jobs.specs.repeats import FEWEST_REPEATS, MOST_REPEATS
from cnnstudio.runs import RECORD_FILE, SPREAD_MEANING, Run, read_repeats
from cnnstudio.training.recipe import Recipe

Job = TrainRepeats | ContinueRepeats


def add_arguments(parser: argparse._ArgumentGroup) -> None:
    """What ``train`` takes to train several times."""
    several = parser.add_mutually_exclusive_group()
    number = between(FEWEST_REPEATS, MOST_REPEATS)
    several.add_argument(
        "--seeds",
        type=number,
        metavar="N",
        help="train N times with other seeds and other validation pictures, and tell mean ± spread",
    )
    several.add_argument(
        "--folds",
        type=number,
        metavar="N",
        help="train N times so that every picture that is not for testing is for validation once",
    )


def begun(options: argparse.Namespace, recipe: Recipe) -> TrainRepeats | None:
    """What is asked for, if it is several trainings; ``--out`` is then the folder of their run folders."""
    count = options.seeds or options.folds
    if not count:
        return None
    return TrainRepeats(recipe=recipe, kind="folds" if options.folds else "seeds", count=count, runs_root=options.out)


def continued(run: Path) -> ContinueRepeats | None:
    """To go on with the group of a run; None where it is a training by itself, or all of them are finished."""
    found = read_repeats(run) if (run / RECORD_FILE).is_file() else None
    return ContinueRepeats(run=run) if found is not None and not found.is_complete else None


def train(job: Job, report: Report, watch: Watch) -> int:
    """Train, telling each result as it comes and all of them at the end."""

    def emit(event: Event) -> None:
        if isinstance(event, Partial):
            _tell_one(event.result, report)
        else:
            watch.emit(event)

    try:
        last = run_inline(job, Watch(watch.control, emit))
    except StopRequested as stop:
        kept: Run | None = getattr(stop, "result", None)
        _tell_all(kept, report, event="stopped")
        if kept is not None and not report.json:
            report.note(f"Continue with: cnnstudio train --resume {kept.folder}")
        raise
    _tell_all(last, report, event="finished")
    return 0


def _tell_one(run: Run, report: Report) -> None:
    repeat, score = run.record.repeat, run.record.scores.get("validation")
    if report.json:
        report.line({"event": "repeat", **plain(run), "repeat": plain(repeat)})
    elif repeat is not None and score is not None:
        report.note(f"{repeat.words.capitalize()}: {100 * score.accuracy:.1f} % on validation.")


def _tell_all(run: Run | None, report: Report, event: str) -> None:
    found = read_repeats(run.folder) if run is not None else None
    if found is None:
        return
    if report.json:
        report.line({"event": event, **plain(found)})
        return
    lines = [*found.sentences(), *([SPREAD_MEANING] if len(found.scores) > 1 else [])]
    lines += [f"Run: {each.folder}" for each in found.runs]
    if event == "stopped":
        report.note("\n".join(lines))
    else:
        report.result("\n".join(lines), None)
