"""Accuracy on held-out pictures that get worse step by step: all changes grow together, so that a stop costs nothing.

Each picture is read once, exactly as for a prediction, and changed in every way before the next one.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

import numpy as np
from PIL import Image

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import open_frozen
from cnnstudio.compute.frozen_pass import frozen_outputs
from cnnstudio.core import ImageError, RunError, Watch, rest_point
from cnnstudio.data import Sample, Split
from cnnstudio.data.reading import read_image, resized
from cnnstudio.inference.session import Session
from cnnstudio.runs import Run
from cnnstudio.understanding.judging import held_out, judging_session
from cnnstudio.understanding.stress.changes import CHANGES, Change
from cnnstudio.understanding.stress.results import Curve, Step, Stress

MOST = 200
"""Pictures that are tested."""
_TELL_EVERY = 5
_OPEN = 8
"""Pictures that are held at once while their changes are computed."""
Look = tuple[Change, float]
_Images = tuple[Image.Image, Image.Image]
"""A picture as it is, and resized."""


def stress(
    run: Run, watch: Watch, *, split: Split = "validation", most: int = MOST, changes: Sequence[Change] = CHANGES
) -> Generator[Stress, None, Stress]:
    """Test a run.

    Args:
        run: with results.
        watch: told of pictures done; asked for a pause and a stop between batches.
        split: whose pictures.
        most: pictures at most.
        changes: what is done to them.

    Yields:
        What is known after some pictures, and more; a stop leaves the last of them true for these pictures.

    Raises:
        RunError, DatasetError: there is no network, or there are no pictures.
        StopRequested: a stop was asked for.
    """
    session, samples = judging_session(run), held_out(run, split, most)
    looks = [(change, strength) for change in changes for strength in change.strengths if strength > 0]
    counter = _Counter(run, split, len(samples), changes)
    frozen = open_frozen(session.network, session.preprocess, choose_device("auto"), "fp32")
    reader = _Reader(samples, session, looks)
    each = 1 + len(looks)
    told = 0
    with closing(frozen_outputs(len(samples) * each, frozen, reader.read, watch.control)) as batches:
        found: dict[int, list[int]] = {}
        for outputs in batches:
            predicted = outputs.values.argmax(1).tolist() if outputs.values is not None else []
            for index, answer in zip(outputs.indices, predicted, strict=True):
                found.setdefault(index // each, []).append(answer)
            for place in [place for place, own in found.items() if len(own) == each]:
                counter.add(samples[place].label, found.pop(place))
            done = outputs.done // each
            watch.progress(done, len(samples), "Testing the pictures")
            if done - told >= _TELL_EVERY:
                told = done
                yield counter.result()
            for event in rest_point(watch.control):
                watch.emit(event)
    result = counter.result()
    if not result.pictures:
        raise RunError("None of the pictures can be read any more.", remedy=f"Put them back into {run.record.dataset}.")
    return result


class _Counter:
    """Correct answers by look and class; the first look of a picture is as it is."""

    def __init__(self, run: Run, split: Split, wanted: int, changes: Sequence[Change]) -> None:
        self._run, self._split, self._wanted, self._changes = run, split, wanted, changes
        looks = 1 + sum(len(change.strengths) - 1 for change in changes)
        self._correct = np.zeros((looks, len(run.record.classes)), np.int64)
        self._of = np.zeros(len(run.record.classes), np.int64)

    def add(self, label: int, answers: list[int]) -> None:
        self._of[label] += 1
        self._correct[:, label] += np.array(answers) == label

    def result(self) -> Stress:
        record, row, curves = self._run.record, 1, []
        for change in self._changes:
            more = len(change.strengths) - 1
            rows = (self._correct[0], *self._correct[row : row + more])
            steps = zip(change.strengths, rows, strict=True)
            curves.append(
                Curve(
                    change=change.name,
                    steps=tuple(Step(strength=strength, correct=tuple(own.tolist())) for strength, own in steps),
                )
            )
            row += more
        return Stress(
            classes=record.classes,
            split=self._split,
            of=tuple(self._of.tolist()),
            wanted=self._wanted,
            curves=tuple(curves),
            best_epoch=record.best_epoch,
            epochs=record.epochs_done,
        )


class _Reader:
    """Pictures by the number of the look, picture after picture; several threads may ask."""

    def __init__(self, samples: Sequence[Sample], session: Session, looks: Sequence[Look]) -> None:
        self._samples, self._spec, self._looks = samples, session.preprocess, looks
        self._lock = threading.Lock()
        self._open: OrderedDict[int, Callable[[], _Images | ImageError]] = OrderedDict()

    def read(self, index: int) -> np.ndarray | ImageError:
        place, number = divmod(index, 1 + len(self._looks))
        images = self._images(place)
        if isinstance(images, ImageError):
            return images
        change, strength = self._looks[number - 1] if number else (CHANGES[0], 0.0)
        return change.seen(images[not change.whole], self._spec, strength, place)

    def _images(self, place: int) -> _Images | ImageError:
        with self._lock:
            if place not in self._open:
                self._open[place] = _once(lambda: self._decoded(place))
                while len(self._open) > _OPEN:
                    self._open.popitem(last=False)
            opened = self._open[place]
        return opened()

    def _decoded(self, place: int) -> _Images | ImageError:
        try:
            image = read_image(self._samples[place].path, self._spec.levels)
            return image, resized(image, self._spec)
        except ImageError as error:
            return error


def _once(make: Callable[[], _Images | ImageError]) -> Callable[[], _Images | ImageError]:
    """The first thread makes it, and the others wait for it."""
    lock, made = threading.Lock(), list[_Images | ImageError]()

    def get() -> _Images | ImageError:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return get
