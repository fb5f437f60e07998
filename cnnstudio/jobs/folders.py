"""Folders of any number of pictures; needs torch."""

from dataclasses import replace

from cnnstudio.core import StopRequested, Watch
from cnnstudio.inference.folder.listing import list_files
from cnnstudio.inference.folder.parquet import check_parquet, write_parquet
from cnnstudio.inference.folder.predicting import answer_folder
from cnnstudio.inference.folder.results import FolderAnswers
from cnnstudio.inference.folder.state import state_file
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_answering
from cnnstudio.jobs.job import StoppedWith, carry


def predict_folder(job: specs.PredictFolder, watch: Watch) -> FolderAnswers:
    """Answer all files.

    Raises:
        StoppedWith: a stop was asked for; carries what the table has.
        StudioError: as ``answer_folder``.
    """
    if job.table.parquet is not None:
        check_parquet()
    session = open_answering(job.model, watch)
    own = [job.table.file, state_file(job.table.file), *([job.table.parquet] if job.table.parquet else [])]
    listing = list_files(job.images, watch.control, own)
    found = carry(answer_folder(session, listing, job.table, watch, resume=job.resume), watch.emit)
    if not found.complete:
        raise StoppedWith(found)
    if job.table.parquet is None:
        return found
    try:
        write_parquet(job.table.file, job.table.parquet, watch)
    except StopRequested as stop:
        raise StoppedWith(found) from stop
    return replace(found, parquet=job.table.parquet)
