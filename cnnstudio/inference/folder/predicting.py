"""Answer any number of pictures into a table: threads read ahead, a compiled network computes in full precision.

A few hundred small crops at most are in memory, and one whole picture for each thread that reads.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import torch

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import FrozenNetwork
from cnnstudio.compute.frozen_pass import frozen_outputs
from cnnstudio.core import (
    Control,
    DatasetError,
    Event,
    ImageError,
    Partial,
    Progressed,
    StopRequested,
    Watch,
    rest_point,
)
from cnnstudio.data.dataset import stamp
from cnnstudio.data.reading import loader
from cnnstudio.inference.answers import answers_of
from cnnstudio.inference.folder.listing import Listing, Stamp
from cnnstudio.inference.folder.results import FolderAnswers, FolderSoFar, TableSpec
from cnnstudio.inference.folder.rows import Rows
from cnnstudio.inference.folder.table import GrowingTable
from cnnstudio.inference.results import Prediction
from cnnstudio.inference.session import FEW, Session, computed, engine_for, read_pixels
from cnnstudio.networks.bundle import MANIFEST_FILE

_TEXT, _TELL_S = "Predicting", 1.0
_LATEST = 8
_VERSION = 1
"""Of what is written about a picture; tables that were begun under another one are not continued."""


def answer_folder(
    session: Session, listing: Listing, spec: TableSpec, watch: Watch, *, resume: bool = False
) -> Generator[Event, None, FolderAnswers]:
    """Write the answers to all files of a listing.

    Args:
        session: what answers.
        listing: the files.
        spec: where to, and how.
        watch: its switches; asked between two batches.
        resume: continue what was begun: the rows of files that are as they were stay. What comes of the same files is
            byte by byte what an undisturbed beginning would have given.

    Yields:
        Progressed per batch, and a Partial FolderSoFar once a second.

    Returns:
        What is in the table, also after a stop: then it is not complete.

    Raises:
        RunError: the table was begun by another network, in another form, or changed.
        DatasetError: the folder is gone.
        StorageError: the table cannot be written; what it has is whole.
        DeviceError: there is no device to compute on.
    """
    start = time.monotonic()
    rows = Rows(spec.form, session.classes, top=spec.top, judged=session.refusal is not None)
    with _engine(session, len(listing)) as frozen:
        table = GrowingTable(
            spec.file,
            rows,
            listing,
            network=session.title,
            rules=rules_of(session, spec.form, rows.top),
            batch=frozen.batch_size,
        )
        if resume:
            table.resume(watch.control)
        pictures = _Pictures(session, listing, frozen, rows.top, watch.control)
        try:
            yield from _continue(table, pictures, watch)
        except (StopRequested, DatasetError) as error:
            table.flush()
            if isinstance(error, DatasetError):
                raise
        else:
            table.finish()
    return FolderAnswers(
        table=spec.file,
        done=table.done,
        total=len(listing),
        counts=table.counts,
        kept=table.kept,
        seconds=time.monotonic() - start,
        hidden=listing.hidden,
    )


class _Pictures:
    """The answers to files of a listing, in their order."""

    def __init__(self, session: Session, listing: Listing, frozen: FrozenNetwork, top: int, control: Control) -> None:
        self._session, self._listing, self._frozen, self._top = session, listing, frozen, top
        self._control = control

    def answered(self, places: Sequence[int]) -> Generator[tuple[list[Prediction], list[Stamp]], None, None]:
        """Of the files at these places, a batch at a time, with sizes and times from before reading.

        Raises:
            DatasetError: the folder is gone.
            StopRequested: a stop was asked for while a file did not come.
        """
        stamps = dict[int, Stamp]()

        def read(number: int) -> np.ndarray | ImageError:
            index = places[number]
            stamps[number] = stamp(self._listing.paths[index])
            if index in self._listing.reasons:
                return ImageError(self._listing.reasons[index])
            try:
                return read_pixels(self._session, Path(self._listing.paths[index]))
            except ImageError as error:
                return error

        last = time.perf_counter()
        with closing(frozen_outputs(len(places), self._frozen, read, self._control)) as batches:
            for outputs in batches:
                if outputs.errors:
                    self._refuse_if_gone()
                numbers = sorted((*outputs.indices, *(number for number, _ in outputs.errors)))
                paths = {number: Path(self._listing.paths[places[number]]) for number in numbers}
                found = answers_of(self._session, paths, outputs, self._top, time.perf_counter() - last)
                last = time.perf_counter()
                yield found, [stamps.pop(number) for number in numbers]

    def _refuse_if_gone(self) -> None:
        """A hundred thousand times *the file is no longer there* would help nobody."""
        for folder in self._listing.folders:
            if not folder.is_dir():
                raise DatasetError(
                    f"The folder {folder} is no longer there.",
                    meaning="It was moved, or its drive was disconnected. The answers until then are kept.",
                    remedy="Bring it back, then continue.",
                )


def _continue(table: GrowingTable, pictures: _Pictures, watch: Watch) -> Generator[Event, None, None]:
    """Answer what is not answered yet."""
    start, first, told = time.monotonic(), table.done, 0.0
    latest = deque[Prediction](maxlen=_LATEST)
    yield Progressed(done=table.done, total=table.total, text=_TEXT)
    yield from rest_point(watch.control)
    with closing(pictures.answered(table.missing)) as batches:
        for answers, stamps in batches:
            table.add(answers, stamps)
            latest.extend(answers)
            yield Progressed(done=table.done, total=table.total, text=_TEXT)
            passed = time.monotonic() - start
            if passed - told >= _TELL_S or table.done == table.total:
                told, speed = passed, (table.done - first) / max(passed, 1e-9)
                so_far = FolderSoFar(
                    done=table.done,
                    total=table.total,
                    counts=table.counts,
                    latest=tuple(latest),
                    pictures_per_second=speed,
                    seconds_left=(table.total - table.done) / speed if speed else None,
                )
                yield Partial(result=so_far)
            yield from rest_point(watch.control)


class _OneByOne:
    """A FrozenNetwork that needs no compiling: for a few pictures that takes longer than answering them."""

    precision, engine, batch_size, in_flight = "fp32", "torch", 1, 1

    def __init__(self, session: Session) -> None:
        self._session = session

    def submit(self, pixels: np.ndarray) -> Callable[[], torch.Tensor]:
        """As ``FrozenNetwork.submit``."""
        values = computed(self._session, pixels)
        return lambda: values


@contextmanager
def _engine(session: Session, pictures: int) -> Iterator[FrozenNetwork]:
    """What computes so many pictures. A table that is continued has the same one again: it counts all of its files."""
    if pictures < FEW:
        yield _OneByOne(session)
    else:
        with engine_for(session, choose_device("auto")) as frozen:
            yield frozen


def rules_of(session: Session, form: str, top: int) -> str:
    """Digest of all that rows depend on but their pictures and the computer."""
    found = hashlib.blake2b(digest_size=16)
    weights = weights_of(session).encode()
    judging = session.refusal.content() if session.refusal is not None else b""
    how = (_VERSION, loader.VERSION, session.network_name, type(session.network).__name__, form, top)
    for part in (weights, judging, repr((how, session.classes, session.preprocess)).encode("utf-8", "surrogateescape")):
        found.update(hashlib.blake2b(part).digest())
    return found.hexdigest()


def weights_of(session: Session) -> str:
    """Digest of all that a bundle holds, or what is known of a network's weights."""
    manifest = session.folder / MANIFEST_FILE if session.folder is not None else None
    if manifest is None or not manifest.is_file():
        return session.card.weights_origin
    return hashlib.blake2b(manifest.read_bytes(), digest_size=16).hexdigest()
