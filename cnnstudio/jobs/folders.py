"""Folders of any number of pictures: answers into a table, sorting by them, watching, embeddings; needs torch."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import (
    DatasetError,
    Event,
    Partial,
    RunError,
    StopRequested,
    StorageError,
    Watch,
    cache_folder,
    waited_for,
)
from cnnstudio.inference.embedding.computing import embed_pictures
from cnnstudio.inference.embedding.results import Embedded
from cnnstudio.inference.folder.appending import AppendedTable
from cnnstudio.inference.folder.listing import Listing, list_files
from cnnstudio.inference.folder.parquet import check_parquet, write_parquet
from cnnstudio.inference.folder.predicting import answer_folder, rules_of
from cnnstudio.inference.folder.results import FolderAnswers, TableSpec, WatchState
from cnnstudio.inference.folder.rows import Rows
from cnnstudio.inference.folder.state import next_state_file, state_file
from cnnstudio.inference.folder.watching import Watching
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.session import predict_many
from cnnstudio.inference.sorting.placing import carry_out
from cnnstudio.inference.sorting.planning import check_places, plan_moves
from cnnstudio.inference.sorting.results import Sorted, SortPlan
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_answering, open_ref
from cnnstudio.jobs.job import StoppedWith, carry

ANSWERS = "answers"
"""Folder of the cache with tables that sorting follows."""


def predict_folder(job: specs.PredictFolder, watch: Watch) -> FolderAnswers:
    """Answer all files.

    Raises:
        StoppedWith: a stop was asked for; carries what the table has.
        StudioError: as ``answer_folder``.
    """
    if job.table.parquet is not None:
        check_parquet()
    if job.table.file.is_dir():
        raise StorageError(f"{job.table.file} is a folder.", remedy="Give the name of a file for the table.")
    session = open_answering(job.model, watch)
    file = job.table.file
    own = [file, state_file(file), next_state_file(file), *([job.table.parquet] if job.table.parquet else [])]
    listing = waited_for(lambda: list_files(job.images, watch.control, own), watch.control)
    _check_names(own, listing)
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


def _check_names(own: Sequence[Path], listing: Listing) -> None:
    """Raise StorageError where two files to be written are one, or one of them is a picture that is to be read."""
    places = [os.path.realpath(file) for file in own]
    if len(set(places)) < len(places):
        raise StorageError(f"{own[-1]} would be written twice.", remedy="Give every file a name of its own.")
    pictures = {os.path.abspath(path) for path in listing.paths}  # noqa: PTH100 - 100,000 of them
    if taken := [file for file, place in zip(own, places, strict=True) if {place, str(file.absolute())} & pictures]:
        raise StorageError(
            f"{taken[0]} is one of the pictures, and would be written over.", remedy="Give another name to write to."
        )


def _check_folder(folder: Path) -> None:
    """Raise DatasetError where it is none, as a name is that was misspelt."""
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder.", remedy="Give a folder of pictures.")


def plan_sorting(job: specs.PlanSorting, watch: Watch) -> SortPlan:
    """Answer all pictures into a table in the cache, and plan by it.

    Raises:
        StopRequested: a stop was asked for; answers that came are kept for the next try.
        StudioError: as ``answer_folder`` and ``plan_moves``.
    """
    _check_folder(job.sorting.folder)
    session = open_answering(job.model, watch)
    check_places(job.sorting, session.classes)
    folder = job.sorting.folder.absolute()
    listing = waited_for(lambda: list_files([folder], watch.control), watch.control)
    key = hashlib.blake2b(os.fsencode(folder) + rules_of(session, "wide", 2).encode(), digest_size=12).hexdigest()
    table = TableSpec(file=cache_folder() / ANSWERS / f"{key}.csv", form="wide")
    try:
        found = carry(answer_folder(session, listing, table, watch, resume=True), watch.emit)
    except RunError:  # somebody changed the table in the cache
        found = carry(answer_folder(session, listing, table, watch), watch.emit)
    if not found.complete:
        raise StopRequested
    return plan_moves(job.sorting, session.classes, table.file, watch)[0]


def sort_pictures(plan: SortPlan, watch: Watch) -> Sorted:
    """Carry a plan out.

    Raises:
        StoppedWith: a stop was asked for; carries what was made.
        StorageError: as ``carry_out``.
    """
    done = carry_out(plan, watch)
    if done.made + len(done.failed) < done.total:
        raise StoppedWith(done)
    return done


def watch_folder(job: specs.WatchFolder, watch: Watch) -> WatchState:
    """Answer what comes, until a stop is asked for.

    Raises:
        StoppedWith: always; carries how it ended.
        StudioError: the model or the table cannot be opened.
    """
    if job.folder.exists():  # one that is not there yet is waited for
        _check_folder(job.folder)
    session = open_answering(job.model, watch)
    table: AppendedTable | None = None
    top = job.top
    if job.table is not None:
        rows = Rows(job.table.form, session.classes, top=job.table.top, judged=session.refusal is not None)
        table, top = AppendedTable(job.table.file, rows), max(top, rows.top)

    def emit(event: Event) -> None:
        if isinstance(event, Partial) and isinstance(event.result, Prediction) and table is not None:
            table.add(event.result)
        watch.emit(event)

    quiet = Watch(watch.control)
    watching = Watching(
        job.folder, lambda paths: predict_many(session, paths, quiet, top=top), Watch(watch.control, emit)
    )
    state = watching.until_stopped(
        lambda name: table is not None and table.has(job.folder / name), new_only=job.new_only
    )
    raise StoppedWith(state)


def embed_folder(job: specs.EmbedFolder, watch: Watch) -> Embedded:
    """Write the embeddings.

    Raises:
        StopRequested: a stop was asked for; what was computed is in the cache.
        StudioError: as ``embed_pictures``.
    """
    session = open_ref(job.model, watch)
    _check_folder(job.folder)
    listing = waited_for(lambda: list_files([job.folder], watch.control), watch.control)
    return carry(embed_pictures(session, listing, job.out, watch, projector=job.projector), watch.emit)
