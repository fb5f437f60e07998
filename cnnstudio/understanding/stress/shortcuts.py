"""Whether a class is recognised by a place where its object need not be: a mark, a label, a corner of the stage.

What speaks for the class is added up over held-out pictures of it. An object lies here and there, so that no place has
much more than its share; what is pasted onto the pictures lies at one place. Whether the answers hang on it is asked
by covering that place. On a folder of clothes, clean classes had 1.9 to 3.8 times the even share at their strongest
place, and a planted mark 17 times.
"""

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np

from cnnstudio.core import ImageError, NetworkError, RunError, Watch, counted, rest_point
from cnnstudio.data import Sample, Split
from cnnstudio.inference.session import Session, predict_probabilities, read_pixels
from cnnstudio.runs import Run
from cnnstudio.understanding.judging import held_out, judging_session, spread
from cnnstudio.understanding.stress.alarms import FEWEST, PICTURES, Look, Shortcuts, place_words
from cnnstudio.understanding.taps import tap
from cnnstudio.understanding.why.covering import cover
from cnnstudio.understanding.why.evidence import last_layer
from cnnstudio.understanding.why.values import Box

_PROOF = 6
"""Pictures that are shown."""
_AROUND = 0.5
"""Cells that are covered beyond the strongest one on each side."""
_AT_ONCE = 8


def shortcuts(run: Run, watch: Watch, *, split: Split = "validation") -> Generator[Shortcuts, None, Shortcuts]:
    """Look at every class of a run.

    Args:
        run: with results.
        watch: told of pictures done; asked for a pause and a stop.
        split: whose pictures.

    Yields:
        What is known after each class; the last one is returned, too.

    Raises:
        RunError, DatasetError: there is no network, or there are no pictures.
        NetworkError: the network has no layer that says where.
        StopRequested: a stop was asked for.
    """
    session, samples = judging_session(run), held_out(run, split)
    by_class = {label: [each for each in samples if each.label == label] for label in range(len(run.record.classes))}
    by_class = {label: own for label, own in by_class.items() if len(own) >= FEWEST}
    total, done, looks = sum(min(PICTURES, len(own)) for own in by_class.values()), 0, list[Look]()
    if not total:
        raise RunError(
            f"No class has {counted(FEWEST, f'{split} picture')}, and fewer say nothing about a place.",
            remedy="Add pictures, and train again.",
        )
    found = _told(run, split, looks, session)
    for own in by_class.values():
        steps = look_at_class(session, own)
        try:
            while True:
                next(steps)
                done += 1
                watch.progress(done, total, "Looking for shortcuts")
                for event in rest_point(watch.control):
                    watch.emit(event)
        except StopIteration as end:
            look: Look | None = end.value
        looks += [look] if look is not None else []
        found = _told(run, split, looks, session)
        yield found
    return found


def look_at_class(session: Session, samples: Sequence[Sample]) -> Generator[Path, None, Look | None]:
    """Look at pictures of one class that the network did not learn from.

    Yields:
        Each picture that was looked at.

    Returns:
        What was found; None where too few pictures can be read.

    Raises:
        NetworkError: the network has no layer that says where.
    """
    label, layer = samples[0].label, last_layer(session)
    paths, shares = list[Path](), list[np.ndarray]()
    for sample in spread(samples, PICTURES):
        try:
            shares.append(share_of_places(session, read_pixels(session, sample.path), label, layer))
            paths.append(sample.path)
        except ImageError:
            pass
        yield sample.path
    if len(paths) < FEWEST:
        return None
    look = _strongest(session.classes[label], np.mean(shares, 0), len(paths))
    if not look.is_alarm:
        return look
    before, after, of = _covered(session, samples, look.box)
    order = np.argsort([-_inside(share, look.box) for share in shares], kind="stable")[:_PROOF]
    return look.confirmed(before=before, after=after, of=of, proof=tuple(str(paths[place]) for place in order))


def _told(run: Run, split: Split, looks: Sequence[Look], session: Session) -> Shortcuts:
    record, spec = run.record, session.preprocess
    return Shortcuts(
        classes=record.classes,
        split=split,
        looks=tuple(looks),
        seen=min(1.0, spec.crop / spec.resize),
        best_epoch=record.best_epoch,
        epochs=record.epochs_done,
    )


def share_of_places(session: Session, pixels: np.ndarray, label: int, layer: str) -> np.ndarray:
    """Where what speaks for a class lies in a picture: H×W, adding up to 1, or nothing where nothing does.

    Raises:
        NetworkError: the layer does not say where.
    """
    tapped = tap(session, pixels, layer, (label,))
    if not len(tapped.gradients):
        raise NetworkError("The last maps of this network cannot be followed.")
    positive = np.maximum((tapped.activations * tapped.gradients[0]).sum(0, dtype=np.float64), 0)
    whole = positive.sum()
    shares: np.ndarray = positive / whole if whole > 0 else positive
    return shares


def _strongest(name: str, mean: np.ndarray, pictures: int) -> Look:
    row, column = (int(each) for each in np.unravel_index(int(mean.argmax()), mean.shape))
    height, width = mean.shape
    share = float(mean[row, column])
    return Look(
        name=name,
        times=share * mean.size,
        share=share,
        place=place_words((row + 0.5) / height, (column + 0.5) / width),
        box=_around(row, column, height, width),
        pictures=pictures,
    )


def _inside(share: np.ndarray, box: Box) -> float:
    """How much of a picture's shares lies in a box, by the middles of the cells."""
    height, width = share.shape
    rows, columns = (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width
    left, top, right, bottom = box
    inside = np.outer((rows > top) & (rows < bottom), (columns > left) & (columns < right))
    return float(share[inside].sum())


def _around(row: int, column: int, height: int, width: int) -> Box:
    left, right = (column - _AROUND) / width, (column + 1 + _AROUND) / width
    top, bottom = (row - _AROUND) / height, (row + 1 + _AROUND) / height
    return max(0.0, left), max(0.0, top), min(1.0, right), min(1.0, bottom)


def _covered(session: Session, samples: Sequence[Sample], box: Box) -> tuple[int, int, int]:
    """How many are recognised as they are, and with a place covered in grey; of how many."""
    before = after = of = 0
    label = samples[0].label
    for start in range(0, len(samples), _AT_ONCE):
        pixels = []
        for sample in samples[start : start + _AT_ONCE]:
            try:
                pixels.append(read_pixels(session, sample.path))
            except ImageError:
                continue
        if not pixels:
            continue
        of += len(pixels)
        before += int((predict_probabilities(session, np.stack(pixels)).argmax(1) == label).sum())
        grey = np.stack([cover(each, box, session.preprocess) for each in pixels])
        after += int((predict_probabilities(session, grey).argmax(1) == label).sum())
    return before, after, of
