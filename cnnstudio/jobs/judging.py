"""What a frozen network says of the labels, the number and the likeness of pictures; needs torch."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnstudio.core import FormatError, RunError, StorageError, Watch
from cnnstudio.data import Dataset
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from cnnstudio.jobs.job import carry
from cnnstudio.runs import Answers, Run, open_run, run_before
from cnnstudio.training.recipe import recorded_split
from cnnstudio.understanding import doubts, growth
from cnnstudio.understanding.answers import computed_answers, read_answers
from cnnstudio.understanding.kept_growth import load_growth, save_growth
from cnnstudio.understanding.layout import STEPS, carried_over, keep_layout, kept_layout, unfold
from cnnstudio.understanding.maps import map_of, seen_before
from cnnstudio.understanding.outcomes import Doubts, Growth, PictureMap
from cnnstudio.understanding.seen import see, start_of

_LONGEST_LINE = 8
"""Runs that continue each other and are laid out one after the other."""


def find_doubts(job: specs.FindDoubts, watch: Watch) -> Doubts:
    """Look at every picture, answer it out of fold, and rank.

    Raises:
        RunError: there is no run.
        DatasetError: its pictures cannot be read any more.
        WeightsError: there are no weights on this computer.
        StopRequested: a stop was asked for.
    """
    run, dataset = _opened_run(job, watch)
    seen = see(dataset, start_of(run), watch)
    found = carry(doubts.answer_warily(seen, watch.control), watch.emit)
    return doubts.find_doubts(seen, found)


def opened(folder: Path, recipe: dict[str, object], watch: Watch) -> Dataset:
    """The pictures of a run as the project has them now."""
    return open_dataset(folder, recorded_split(recipe), watch=watch)


def lay_out(folder: Path, watch: Watch) -> PictureMap:
    """The map as it was laid out before, or a new one; of a stop nothing is remembered.

    Raises:
        RunError: there is no run that was scored, or nothing can be computed of it any more.
        StopRequested: a stop was asked for.
    """
    run = open_run(folder)
    answers = carry(computed_answers(folder, watch), watch.emit)
    if answers.features is None:
        raise RunError(
            f"What {run.record.name} makes of its pictures is not kept.",
            meaning="The disk may be full, so that nothing can be kept on it.",
            remedy="Make room on it, then try again.",
        )
    found = map_of(run.record.dataset, answers, np.zeros((len(answers), 2), np.float32))
    earlier = _laid_out_before(run, watch)
    if earlier is not None:
        found = replace(found, before=seen_before(found, *earlier))
    for place in _layouts(answers, earlier, watch, "Laying out the pictures"):
        found = replace(found, places=place)
        watch.partial(found)
    return found


def _laid_out_before(run: Run, watch: Watch) -> tuple[Answers, np.ndarray] | None:
    """What the run said and where it lies that this one continues, which the new layout begins with."""
    line: list[Answers] = []
    before = run_before(run)
    while before is not None and len(line) < _LONGEST_LINE:
        try:
            answers = read_answers(before)
        except (RunError, FormatError):
            break
        if answers.features is None:  # a pass over its pictures would be too much to ask for in passing
            break
        line.insert(0, answers)
        before = run_before(before)
    laid_out: tuple[Answers, np.ndarray] | None = None
    for answers in line:
        *_, place = _layouts(answers, laid_out, watch, "Laying out what it began with")
        laid_out = (answers, place)
    return laid_out


def _layouts(
    answers: Answers, earlier: tuple[Answers, np.ndarray] | None, watch: Watch, text: str
) -> Iterator[np.ndarray]:
    """N×2 as it unfolds, or at once where that is known; the last one is remembered."""
    features, start = answers.features, None
    assert features is not None
    if earlier is not None:
        before, place = earlier
        assert before.features is not None
        if before.names == answers.names and np.array_equal(before.features, features):
            yield place  # only the last layer is another one
            return
        start = carried_over(before.names, place, features, answers.names)
    kept = kept_layout(features, start)
    if kept is not None:
        yield kept
        return
    for done, place in enumerate(unfold(features, start=start), 1):
        watch.check()
        watch.progress(done, STEPS, text)
        yield place
    keep_layout(features, place, start)


def forecast_growth(job: specs.ForecastGrowth, watch: Watch) -> Growth:
    """Learning curves on training and validation pictures; those for testing decide nothing. Kept with the run.

    Raises:
        RunError: there is no run.
        DatasetError: its pictures cannot be read any more.
        WeightsError: there are no weights on this computer.
        StopRequested: a stop was asked for.
    """
    run, dataset = _opened_run(job, watch)
    if (known := load_growth(run, dataset)) is not None:
        return known
    seen = see(dataset, start_of(run), watch, ("train", "validation"))
    found: Growth = carry(growth.forecast(seen, watch.control), watch.emit)
    with suppress(StorageError, RunError):  # of a disk that refuses, or a run that was deleted meanwhile
        save_growth(run, dataset, found)
    return found


def _opened_run(job: specs.FindDoubts | specs.ForecastGrowth, watch: Watch) -> tuple[Run, Dataset]:
    """With the pictures as the project has them now."""
    run = open_run(job.run)
    return run, job.dataset or opened(run.record.dataset, run.record.recipe, watch)
