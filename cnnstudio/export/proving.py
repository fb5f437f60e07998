"""Make an export's certificate: the same pictures, answered by the app and, from its folder alone, by the export."""

import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import numpy as np
import torch

from cnnstudio.compute.engines import FrozenNetwork
from cnnstudio.compute.frozen_pass import frozen_outputs
from cnnstudio.core import (
    ALONE,
    Control,
    ExportMismatch,
    ImageError,
    Watch,
    compare_answers,
    printable,
    share_interval,
)  # fmt: skip
from cnnstudio.data.reading import read_image
from cnnstudio.export.answering import Answering
from cnnstudio.export.certificate import FEWEST_PICTURES, Accuracy, Checked, Hits, Limit, Speed
from cnnstudio.export.formats import Format, Source
from cnnstudio.inference.judging import parted
from cnnstudio.inference.session import Session, engine_for, predict_probabilities, read_pixels

GIVEN = "given"
_VALIDATION, _TRAIN = "validation", "train"
_WARM, _TIMED = 5, 30
_AS_PNG = 64
"""Pictures at most, since a large one takes half a second."""
_NAMED = 3
"""Pictures with another answer that are named."""
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that an export is compared on."""

    path: Path
    origin: str = GIVEN
    """Its split; or ``given`` by whoever exports, or ``drawn``."""
    label: int | None = None
    """The index of its class, where that is known."""
    group: int = ALONE
    """What it belongs to, see ``intervals.grouped_mean``."""

    @property
    def name(self) -> str:
        """With its folder where that is of the user's pictures, since each class may have a ``1.jpg``; printable."""
        return printable(self.path.name if self.label is None else f"{self.path.parent.name}/{self.path.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAnswers:
    """What the app says of the pictures that it can read."""

    pictures: tuple[Picture, ...]
    probabilities: np.ndarray
    """N×classes float32."""
    engine: str
    """With its version."""
    engine_of_one: str
    """What answers a picture that comes alone, and is timed."""
    speed: Speed

    @property
    def origins(self) -> dict[str, int]:
        """How many pictures are from where."""
        return dict(Counter(picture.origin for picture in self.pictures))


class NothingRead(Exception):
    """All pictures are of kinds that an export reads with a package more, or not at all."""


def as_png(session: Session, pictures: Sequence[Picture], place: Path, watch: Watch) -> list[Picture]:
    """Some of the pictures, evenly drawn, as PNG files in ``place``: what the app reads of them, under their names.

    Raises:
        StopRequested: a stop was asked for.
    """
    drawn = [pictures[index] for index in sorted({*np.linspace(0, len(pictures) - 1, _AS_PNG).astype(int).tolist()})]
    written = []
    for number, picture in enumerate(drawn):
        watch.check()
        watch.progress(number, len(drawn), "Writing the pictures as PNG")
        file = place / str(number) / picture.path.parent.name / picture.path.name
        file.parent.mkdir(parents=True)
        read_image(picture.path, session.preprocess.levels).save(file, "PNG", compress_level=1)
        written.append(replace(picture, path=file))
    return written


def answer_with_app(session: Session, pictures: Sequence[Picture], watch: Watch) -> AppAnswers:
    """As the app answers many pictures; a few go through torch, since compiling would take longer.

    Raises:
        StopRequested: a stop was asked for.
    """
    found: dict[int, np.ndarray] = {}
    start = time.perf_counter()
    with engine_for(session, _CPU) if len(pictures) > FEWEST_PICTURES else nullcontext() as frozen:
        ready = time.perf_counter()
        answers = (
            _one_by_one(session, pictures) if frozen is None else _by_engine(session, pictures, frozen, watch.control)
        )
        with closing(answers):
            for done, rows in answers:
                found |= {index: row for index, row in rows.items() if np.isfinite(row).all()}
                watch.check()
                watch.progress(done, len(pictures), "Answering with the app")
    rate = len(found) / max(time.perf_counter() - ready, 1e-9)
    engine = "torch" if frozen is None else frozen.engine
    good = sorted(found)
    read = tuple(pictures[index] for index in good)
    return AppAnswers(
        pictures=read,
        probabilities=np.stack([found[index] for index in good]) if good else np.zeros((0, 1), np.float32),
        engine=f"{engine} {version(engine)}",
        engine_of_one=f"torch {version('torch')}",
        speed=Speed(
            ms_one=_ms_one([_seconds_of(session, path, watch) for path in _to_time(read, 0)]),
            pictures_per_s=rate,
            load_s=ready - start,
            threads=torch.get_num_threads(),
        ),
    )


def check_answers(kind: Format, source: Source, folder: Path, app: AppAnswers, watch: Watch) -> Checked:
    """Ask the export for the same answers.

    Args:
        kind: its format.
        source: what it was made of.
        folder: that it was written into; nothing else of it is used.
        app: what the app says, of one picture or more.
        watch: told of the pictures done.

    Raises:
        NothingRead: it answers, but can read none of the pictures.
        ExportMismatch: it cannot be opened, or does not answer.
        StopRequested: a stop was asked for.
    """
    session, limit, others = source.session, kind.limit(source.options), 0.0
    found: dict[int, np.ndarray] = {}
    seconds: list[float] = []
    watch.progress(0, len(app.pictures), "Opening the export")
    with Answering(kind, folder, watch.control) as export:
        start = time.perf_counter()
        for number, picture in enumerate(app.pictures):
            answered = export.answer(picture.path)
            others = answered.others
            if len(answered.probabilities):
                found[number] = _fitting(answered.probabilities, len(session.classes), picture)
                seconds.append(answered.seconds)
            watch.progress(number + 1, len(app.pictures), "Checking the export")
        rate = len(app.pictures) / (time.perf_counter() - start)
        if not found:
            raise NothingRead
        pictures, theirs = [app.pictures[index] for index in found], np.stack(list(found.values()))
        seconds += [export.answer(path).seconds for path in _to_time(pictures, len(seconds))]
        about = export.about
    ours = _exactly(session, pictures, app.probabilities[list(found)], theirs, limit)
    largest, differs = np.abs(ours - theirs).max(1), ours.argmax(1) != theirs.argmax(1)
    second, best = np.partition(ours, -2, 1)[:, -2:].T if ours.shape[1] > 1 else (ours[:, 0] - 1, ours[:, 0])
    tied, worst = differs & (best - second <= limit.tied), int(largest.argmax())
    return Checked(
        engine=about.engine,
        version=about.version,
        app_engine=app.engine,
        app_engine_of_one=app.engine_of_one,
        top1_same=int((~differs).sum()),
        tied=int(tied.sum()),
        max_dp=float(largest[worst]),
        mean_dp=float(largest.mean()),
        worst=pictures[worst].name,
        changed=tuple(pictures[index].name for index in np.flatnonzero(differs & ~tied)[:_NAMED].tolist()),
        unread=len(app.pictures) - len(found),
        accuracy=_accuracy(source, pictures, ours.argmax(1), theirs.argmax(1)),
        speed=Speed(ms_one=_ms_one(seconds), pictures_per_s=rate, load_s=about.load_s, threads=about.threads),
        app_speed=app.speed,
        others=round(others, 3),
    )


def mismatch(details: str) -> ExportMismatch:
    """The error of an export that does not answer as the app does."""
    return ExportMismatch(
        "The exported file does not give the same answers as the run.",
        meaning="It was not put in place.",
        remedy="Try again; if it happens again, please report it.",
        details=details,
    )


def _one_by_one(session: Session, pictures: Sequence[Picture]) -> Generator[tuple[int, dict[int, np.ndarray]]]:
    """How many pictures are done, and the probabilities of those among them that are new, by their index."""
    for index, picture in enumerate(pictures):
        rows = {}
        with suppress(ImageError):
            rows[index] = predict_probabilities(session, read_pixels(session, picture.path)[None])[0]
        yield index + 1, rows


def _by_engine(
    session: Session, pictures: Sequence[Picture], frozen: FrozenNetwork, control: Control
) -> Generator[tuple[int, dict[int, np.ndarray]]]:
    def read(index: int) -> np.ndarray | ImageError:
        try:
            return read_pixels(session, pictures[index].path)
        except ImageError as error:
            return error

    with closing(frozen_outputs(len(pictures), frozen, read, control)) as batches:
        for outputs in batches:
            rows: dict[int, np.ndarray] = {}
            if outputs.values is not None:
                probabilities, _ = parted(outputs.values, session.refusal, len(session.classes))
                rows = dict(zip(outputs.indices, probabilities, strict=True))
            yield outputs.done, rows


def _exactly(
    session: Session, pictures: Sequence[Picture], ours: np.ndarray, theirs: np.ndarray, limit: Limit
) -> np.ndarray:
    """The app's answers, once more in torch where they differ: an engine's last bits are not the export's fault."""
    differs = ours.argmax(1) != theirs.argmax(1)
    if limit.max_dp is not None:
        differs |= ~(np.abs(ours - theirs).max(1) <= limit.max_dp)
    exact = ours.copy()
    for index in np.flatnonzero(differs).tolist():
        exact[index] = predict_probabilities(session, read_pixels(session, pictures[index].path)[None])[0]
    return exact


def _accuracy(source: Source, pictures: Sequence[Picture], app: np.ndarray, export: np.ndarray) -> Accuracy | None:
    """On the validation pictures among them; where there are none, on those that it has learned from."""
    labelled = [index for index, each in enumerate(pictures) if each.label is not None]
    split = _VALIDATION if any(pictures[index].origin == _VALIDATION for index in labelled) else _TRAIN
    judged = [index for index in labelled if pictures[index].origin == split]
    if not judged:
        return None
    labels = np.array([pictures[index].label for index in judged])
    groups = [pictures[index].group for index in judged]
    chosen_among = int(source.session.card.scores.get(_VALIDATION, {}).get("chosen_among", 1))
    ours, theirs = ((answers[judged] == labels).tolist() for answers in (app, export))
    hits = [Hits(sum(right), len(judged), *share_interval(right, groups, chosen_among)) for right in (ours, theirs)]
    return Accuracy(split=split, app=hits[0], export=hits[1], comparison=compare_answers(theirs, ours, groups))


def _fitting(probabilities: np.ndarray, classes: int, picture: Picture) -> np.ndarray:
    if len(probabilities) != classes:
        raise mismatch(f"{len(probabilities)} probabilities in place of {classes} ({picture.path.name})")
    return probabilities


def _to_time(pictures: Sequence[Picture], timed: int) -> list[Path]:
    """Pictures for as many answers as are still to be timed, some of them again where there are few."""
    return [picture.path for picture in islice(cycle(pictures), max(0, _WARM + _TIMED - timed))]


def _seconds_of(session: Session, path: Path, watch: Watch) -> float:
    watch.check()
    start = time.perf_counter()
    predict_probabilities(session, read_pixels(session, path)[None])
    return time.perf_counter() - start


def _ms_one(seconds: Sequence[float]) -> float:
    warm = seconds[_WARM : _WARM + _TIMED] or seconds
    return 1000 * median(warm) if warm else 0.0
