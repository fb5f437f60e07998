"""Write the embeddings of a folder: of a run's own pictures as the run keeps them, of others computed and kept."""

import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import FrozenNetwork, open_frozen
from cnnstudio.compute.feature_cache import Views, compute_features, look_keys, open_store
from cnnstudio.compute.feature_store import FeatureStore
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import (
    Control,
    DatasetError,
    Event,
    FormatError,
    Progressed,
    StorageError,
    StudioError,
    Warned,
    Watch,
    counted,
    free_bytes,
    place_aside,
    replace_folder,
    rest_point,
    size_in_words,
    storage_error,
)  # fmt: skip
from cnnstudio.data import Sample, sample_key
from cnnstudio.data.reading import Skips, read_ahead
from cnnstudio.inference.embedding.labels import Labels
from cnnstudio.inference.embedding.projector import MOST_POINTS, Projector, small_copy
from cnnstudio.inference.embedding.results import Embedded
from cnnstudio.inference.embedding.writing import EmbeddingFiles, write_readme
from cnnstudio.inference.folder.listing import Listing
from cnnstudio.inference.folder.predicting import weights_of
from cnnstudio.inference.session import Session
from cnnstudio.networks.head import feature_network, feature_size
from cnnstudio.runs import load_answers, open_run

_TEXT = "Preparing the pictures"
_AT_ONCE = 512
_ALL_MAY_FAIL = 20
"""A training gives up at one in twenty pictures that cannot be read; here those only have no row."""
_POINT_BYTES = 12
"""Of a value as text."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a run keeps of its pictures."""

    rows: dict[str, int]
    """By absolute path."""
    keys: np.ndarray
    features: np.ndarray

    def value(self, path: str) -> np.ndarray | None:
        """D float32, where the picture is as it was then."""
        row = self.rows.get(os.path.abspath(path))  # noqa: PTH100 - text, as the others
        if row is None or self.keys[row].tobytes() != sample_key(Path(path)):
            return None
        found: np.ndarray = self.features[row].astype(np.float32)
        return found


def embed_pictures(
    session: Session, listing: Listing, out: Path, watch: Watch, *, projector: bool = True
) -> Generator[Event, None, Embedded]:
    """Write what the last layer works on, for each picture of a listing of one folder.

    What is computed is kept in the cache as features are, so that a stop costs nothing but the files.

    Args:
        session: the model.
        listing: the pictures.
        out: a folder that is new or empty.
        watch: asked for a stop.
        projector: with files for TensorBoard's projector, of some 20,000 pictures at most.

    Yields:
        Progressed; Warned of a disk that refuses to keep features.

    Raises:
        StorageError: the folder is not empty, lies among the pictures, or there is no room; nothing is left behind.
        DatasetError: no picture can be read.
        StopRequested: a stop was asked for; no folder is left behind.
    """
    folder, size = listing.folders[0], feature_size(session.network)
    pictures = [path for place, path in enumerate(listing.paths) if place not in listing.reasons]
    points = min(len(pictures), MOST_POINTS) if projector else 0
    _check(out, folder, len(pictures) * 4 * size + points * _POINT_BYTES * size)
    aside = place_aside(out)
    try:
        aside.mkdir(parents=True)
        with ExitStack() as opened:
            files = opened.enter_context(EmbeddingFiles(aside, size))
            shown = opened.enter_context(Projector(aside / "projector", points)) if points else None
            writing = _Writing(session, folder, files, shown, len(pictures))
            yield from writing.all_of(pictures, watch)
        if not files.count:
            raise DatasetError(f"None of the pictures in {folder} can be read.", remedy="Choose another folder.")
        what = counted(shown.count, "picture") if shown is not None else ""
        write_readme(aside, session.title, counted(files.count, "picture"), (len(writing.classes), size), what)
        replace_folder(aside, out)
    except OSError as error:
        raise storage_error(out, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Embedded(
        out=out,
        pictures=files.count,
        size=size,
        from_cache=writing.from_cache,
        unreadable=files.unreadable,
        labelled=writing.labelled,
        classes=len(writing.classes),
        in_projector=shown.count if shown is not None else 0,
    )


class _Writing:
    """Fills the files, some hundred pictures at a time."""

    def __init__(
        self, session: Session, folder: Path, files: EmbeddingFiles, projector: Projector | None, pictures: int
    ) -> None:
        run = session.folder.parent if session.folder is not None else None
        self._session, self._files, self._projector = session, files, projector
        self._labels, self._kept = Labels(folder, session.classes, run), _kept_by(run, feature_size(session.network))
        self._views, self._folder = Views(spec=session.preprocess, exact=True), folder
        self._skips = Skips(total=_ALL_MAY_FAIL * pictures)
        self.from_cache = self.labelled = 0
        self.classes = set[str]()
        """Known of pictures."""

    def all_of(self, pictures: Sequence[str], watch: Watch) -> Generator[Event, None, None]:
        """Every picture's row, in their order."""
        for start in range(0, len(pictures), _AT_ONCE):
            yield Progressed(done=start, total=len(pictures), text=_TEXT)
            yield from rest_point(watch.control)
            piece = pictures[start : start + _AT_ONCE]
            values = {path: value for path in piece if (value := self._kept_value(path)) is not None}
            self.from_cache += len(values)
            missing = [path for path in piece if path not in values]
            if missing:
                for event in (computing := _Result(self._computed(missing, watch))):
                    if isinstance(event, Progressed):
                        yield Progressed(done=start + len(values) + event.done, total=len(pictures), text=_TEXT)
                    elif isinstance(event, Warned) and event.problem.kind == StorageError.kind:
                        yield event
                values |= computing.value
            self._write(start, piece, values, len(pictures), watch.control)
        yield Progressed(done=len(pictures), total=len(pictures), text=_TEXT)

    def _kept_value(self, path: str) -> np.ndarray | None:
        return self._kept.value(path) if self._kept is not None else None

    def _computed(self, paths: Sequence[str], watch: Watch) -> Generator[Event, None, dict[str, np.ndarray]]:
        samples = [Sample(Path(path), 0, "train") for path in paths]
        frozen, store = self._engine
        self.from_cache += int((store.lookup(look_keys(samples, self._views)) >= 0).sum())
        reading = Reading(watch.control, self._skips)
        found = yield from compute_features(samples, frozen, self._views, store, reading, _TEXT)
        values = found.values[0].numpy() if found.samples else ()
        return {str(sample.path): value for sample, value in zip(found.samples, values, strict=True)}

    @cached_property
    def _engine(self) -> tuple[FrozenNetwork, FeatureStore]:
        session = self._session
        with session.lock:  # converting sees hooks that another thread put on
            frozen = open_frozen(feature_network(session.network), session.preprocess, choose_device("auto"), "fp32")
        return frozen, open_store(self._folder, session.network_name, weights_of(session), self._views, frozen)

    def _write(
        self, start: int, piece: Sequence[str], values: dict[str, np.ndarray], total: int, control: Control
    ) -> None:
        readable = [path for path in piece if path in values]
        known = [self._labels.of(path) for path in readable]
        self.labelled += sum(bool(label) for label, _ in known)
        self.classes.update(label for label, _ in known if label)
        if readable:
            self._files.add(np.stack([values[path] for path in readable]), readable, known)
        for path in piece:
            if path not in values:
                self._files.skip(path, self._skips.failed.get(path, "It could not be read."))
        if self._projector is None:
            return
        points = min(total, MOST_POINTS)
        steps = [number * points // total for number in range(start, start + len(piece) + 1)]
        spread = {path for path, one, other in zip(piece, steps, steps[1:], strict=False) if one != other}
        chosen = [(path, about) for path, about in zip(readable, known, strict=True) if path in spread]
        small = read_ahead([path for path, _ in chosen], partial(small_copy, side=self._projector.tile), control)
        for (path, about), copy in zip(chosen, small, strict=True):
            self._projector.add(values[path], (path, *about), copy)


class _Result:
    """The events of a generator, and behind them what it returns."""

    def __init__(self, events: Generator[Event, None, dict[str, np.ndarray]]) -> None:
        self._events = events
        self.value: dict[str, np.ndarray] = {}

    def __iter__(self) -> Iterator[Event]:
        with closing(self._events):
            self.value = yield from self._events


def _kept_by(run: Path | None, size: int) -> _Kept | None:
    """None where it is no run, or its features are not in the cache any more."""
    if run is None:
        return None
    try:
        root, answers = open_run(run).record.dataset, load_answers(run)
    except (OSError, FormatError, StudioError):
        return None
    if answers.features is None or answers.features.shape[1] != size:
        return None
    place = os.path.abspath(root)  # noqa: PTH100
    rows = {os.path.join(place, name): row for row, name in enumerate(answers.names)}  # noqa: PTH118
    return _Kept(rows, answers.keys, answers.features)


def _check(out: Path, folder: Path, needed: int) -> None:
    """Before anything is computed."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StorageError(
            f"{out} is not empty.",
            meaning="What is in it stays as it is.",
            remedy="Choose a folder that is new or empty.",
        )
    if Path(os.path.realpath(out)).is_relative_to(os.path.realpath(folder)):
        raise StorageError(
            f"{out} lies in the folder of the pictures.",
            meaning="The picture with all small copies would be one of them, the next time.",
            remedy="Choose a folder beside it.",
        )
    free = free_bytes(out.absolute())
    if needed > free:
        raise StorageError(
            f"There is not enough room on the disk for {size_in_words(needed)}.",
            meaning=f"Free are {size_in_words(free)}.",
            remedy="Free some space, choose another disk, or leave the projector away.",
        )
