"""What a frozen network says of the labels, the number and the likeness of pictures; needs torch."""

from pathlib import Path

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from cnnstudio.jobs.job import carry
from cnnstudio.runs import open_run
from cnnstudio.training.recipe import recorded_split
from cnnstudio.understanding import doubts
from cnnstudio.understanding.out_of_fold import answer_out_of_fold
from cnnstudio.understanding.outcomes import Doubts
from cnnstudio.understanding.seen import see, start_of


def find_doubts(job: specs.FindDoubts, watch: Watch) -> Doubts:
    """Look at every picture, answer it out of fold, and rank.

    Raises:
        RunError: there is no run.
        DatasetError: its pictures cannot be read any more.
        WeightsError: there are no weights on this computer.
        StopRequested: a stop was asked for.
    """
    run = open_run(job.run)
    recipe = start_of(run)
    dataset = job.dataset or opened(run.record.dataset, run.record.recipe, watch)
    seen = see(dataset, recipe, watch)
    found = carry(answer_out_of_fold(seen, watch.control), watch.emit)
    return doubts.find_doubts(seen, found)


def opened(folder: Path, recipe: dict[str, object], watch: Watch) -> Dataset:
    """The pictures of a run as the project has them now."""
    return open_dataset(folder, recorded_split(recipe), watch=watch)
