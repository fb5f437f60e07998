"""``predict``: every answer is printed or written as it comes, so that a stop keeps what came before it."""

import argparse
from pathlib import Path
from typing import Any

from cnnstudio.cli.numbers import between
from cnnstudio.cli.outputs import keep_apart
from cnnstudio.cli.report import Report
from cnnstudio.core import DatasetError, Event, Partial, StorageError, Warned, Watch, counted
from cnnstudio.data import FileProblem
from cnnstudio.data.collect import UNSAID, pictures_in
from cnnstudio.inference.folder.results import FolderAnswers, Form, TableSpec
from cnnstudio.inference.results import Prediction, verdict_words
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.job import StoppedWith
from cnnstudio.networks import ModelRef


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``predict`` takes besides a model."""
    parser.add_argument("images", nargs="+", type=Path, metavar="PICTURE", help="pictures, or folders of pictures")
    parser.add_argument(
        "--top", type=between(1, 1_000_000), default=5, metavar="K", help="answers per picture (default 5)"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write a table instead; of any number of pictures, and see --resume"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue a table that was interrupted or is older; only what is new or has changed is answered again",
    )
    parser.add_argument("--wide", action="store_true", help="in the table one row for a picture, with its margin")
    parser.add_argument(
        "--probabilities", action="store_true", help="in the table one row for a picture, and a column for each class"
    )
    parser.add_argument("--parquet", type=Path, metavar="FILE", help="the table once more as Parquet (needs pyarrow)")


def predict(options: argparse.Namespace, model: ModelRef, report: Report, watch: Watch) -> int:
    """Answer or name every file."""
    if options.csv is not None:
        return fill_table(options, model, report, watch)
    if options.resume or options.wide or options.probabilities or options.parquet is not None:
        raise StorageError("There is no table to write to.", remedy="Add its name with --csv FILE.")
    skipped: list[FileProblem] = []
    images = pictures_in(options.images, watch.control, skipped)
    named = [problem for problem in skipped if problem.kind not in UNSAID]
    if not images:
        raise DatasetError(
            f"There are no pictures in {options.images[0]}.",
            meaning=" ".join(problem.detail for problem in named[:3]),
            remedy="Give files, or a folder that holds some.",
        )
    answers = _Answers(report)

    def emit(event: Event) -> None:
        if isinstance(event, Warned):  # never among the answers, which may be JSON
            report.note(f"Note: {event.problem.sentence()}")
        elif not isinstance(event, Partial):
            watch.emit(event)
        elif isinstance(event.result, Prediction):
            answers.add(event.result)

    job = specs.Predict(model=model, images=tuple(images), top=options.top)
    with answers:
        run_inline(job, Watch(watch.control, emit))
        for problem in named:
            answers.add(Prediction(path=problem.path, top=(), error=problem.detail))
    _tell_hidden(len(skipped) - len(named), report)
    return 0 if answers.good else 1


def fill_table(options: argparse.Namespace, model: ModelRef, report: Report, watch: Watch) -> int:
    """The same into a file, in a way that knows no limit of memory or time."""
    form: Form = "probabilities" if options.probabilities else "wide" if options.wide else "long"
    table = TableSpec(file=options.csv, form=form, top=options.top, parquet=options.parquet)
    job = specs.PredictFolder(model=model, images=tuple(options.images), table=table, resume=options.resume)
    keep_apart(options.csv, options.images)
    try:
        found = run_inline(job, Watch(watch.control, report.beside))
    except StoppedWith as stop:
        if isinstance(stop.result, FolderAnswers) and stop.result.done:
            report.note(f"{stop.result.done:,} of {counted(stop.result.total, 'file')}: {options.csv}")
            report.note("To continue, give the same command with --resume.")
        raise
    if found.kept:
        report.note(f"{counted(found.kept, 'answer was', 'answers were')} there already.")
    report.note(f"{counted(found.total, 'picture')}: {options.csv}")
    _tell_hidden(found.hidden, report)
    if report.json:
        report.result("", found)
    return 0 if found.counts.answered else 1


def _tell_hidden(count: int, report: Report) -> None:
    if count:
        what = counted(count, "hidden file or file of the system", "hidden files or files of the system")
        report.note(f"Skipped: {what}.")


class _Answers:
    """Where answers go: lines for people, or the elements of one JSON list."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._count = 0
        self.good = 0
        """Pictures with an answer."""

    def __enter__(self) -> "_Answers":
        return self

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if self._report.json and (error is None or self._count):
            self._report.end_list()

    def add(self, item: Prediction) -> None:
        """Pass an answer on at once."""
        self._count += 1
        self.good += item.error is None
        if self._report.json:
            self._report.element(item)
        else:
            self._report.result("\n".join(answer_lines(item)), None)


def answer_lines(item: Prediction) -> list[str]:
    """A picture and its answers, for people."""
    if item.error:
        return [str(item.path), f"  {item.error}"]
    said = [f"  {words}" for words in [verdict_words(item)] if words]
    return [str(item.path), *said, *(f"  {100 * score.probability:5.1f} %  {score.label}" for score in item.top)]
