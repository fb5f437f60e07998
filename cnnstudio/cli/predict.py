"""``predict``: every answer is printed or written as it comes, so that a stop keeps what came before it."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from cnnstudio.cli.numbers import between
from cnnstudio.cli.report import Report
from cnnstudio.core import DatasetError, Event, Partial, StopRequested, Warned, Watch, counted, csv_text, storage_error
from cnnstudio.data import FileProblem
from cnnstudio.data.collect import UNSAID, pictures_in
from cnnstudio.inference.results import COLUMNS, VERDICT, Prediction, rows_of, verdict_words
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import ModelRef


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``predict`` takes besides a model."""
    parser.add_argument("images", nargs="+", type=Path, metavar="PICTURE", help="pictures, or folders of pictures")
    parser.add_argument(
        "--top", type=between(1, 1_000_000), default=5, metavar="K", help="answers per picture (default 5)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a table instead")


def predict(options: argparse.Namespace, model: ModelRef, report: Report, watch: Watch) -> int:
    """Answer or name every file."""
    skipped: list[FileProblem] = []
    images = pictures_in(options.images, watch.control, skipped)
    named = [problem for problem in skipped if problem.kind not in UNSAID]
    if not images:
        raise DatasetError(
            f"There are no pictures in {options.images[0]}.",
            meaning=" ".join(problem.detail for problem in named[:3]),
            remedy="Give files, or a folder that holds some.",
        )
    answers = _Answers(report, options.csv, len(images) + len(named))

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
    if unsaid := len(skipped) - len(named):
        what = counted(unsaid, "hidden file or file of the system", "hidden files or files of the system")
        report.note(f"Skipped: {what}.")
    return 0 if answers.good else 1


class _Answers:
    """Where answers go: lines for people, rows of a table, or the elements of one JSON list."""

    def __init__(self, report: Report, csv: Path | None, total: int) -> None:
        self._report, self._csv, self._total = report, csv, total
        self._file: TextIO | None = None
        self._open = ExitStack()
        self._judged = False
        self._count = 0
        self.good = 0
        """Pictures with an answer."""

    def __enter__(self) -> "_Answers":
        return self

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        self._open.close()
        if self._csv is None:
            if self._report.json and (error is None or self._count):
                self._report.end_list()
        elif isinstance(error, StopRequested) and self._count:
            self._report.note(f"{self._count:,} of {counted(self._total, 'file')}: {self._csv}")
        elif error is None:
            self._report.note(f"{counted(self._count, 'picture')}: {self._csv}")

    def add(self, item: Prediction) -> None:
        """Pass an answer on at once.

        Raises:
            StorageError: the table cannot be written.
        """
        self._count += 1
        self.good += item.error is None
        if self._csv is not None:
            self._write(self._csv, item)
        elif self._report.json:
            self._report.element(item)
        else:
            self._report.result("\n".join(_lines(item)), None)

    def _write(self, path: Path, item: Prediction) -> None:
        """Not before there is an answer, so that a wrong model's name costs no earlier table."""
        try:
            if self._file is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
                self._file = self._open.enter_context(file)
                self._judged = item.verdict is not None
                self._file.write(csv_text([(*COLUMNS, VERDICT) if self._judged else COLUMNS]))
            self._file.write(csv_text(rows_of(item, judged=self._judged)))
            self._file.flush()
        except OSError as error:
            raise storage_error(path, error) from error


def _lines(item: Prediction) -> list[str]:
    if item.error:
        return [str(item.path), f"  {item.error}"]
    said = [f"  {words}" for words in [verdict_words(item)] if words]
    return [str(item.path), *said, *(f"  {100 * score.probability:5.1f} %  {score.label}" for score in item.top)]
