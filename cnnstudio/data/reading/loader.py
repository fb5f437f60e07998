"""Pictures to arrays, ahead of the consumer, in threads.

Threads and not worker processes: Pillow releases the GIL while it decodes and resizes, so threads scale, and they
need no second import of torch, no spawn and no pickling. While they fit, decoded pictures are kept in memory, so that
from the second epoch on nothing is decoded again.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from cnnstudio.core import DatasetError, ImageError, decode_threads, lower_priority
from cnnstudio.data.dataset import AugmentSpec, PreprocessSpec, Sample
from cnnstudio.data.reading.image_reader import read_image
from cnnstudio.data.reading.preprocess import augment, crop_and_resize, resize_and_crop


class DecodedPictures:
    """Reads pictures of at least ``side`` pixels where the file has them, and remembers them up to ``budget`` bytes.

    What is read does not depend on whether it was remembered, so the budget changes the speed and nothing else.
    """

    def __init__(self, side: int, budget: int) -> None:
        self._side = side
        self._left = budget
        self._kept: dict[Path, np.ndarray] = {}
        self._lock = threading.Lock()

    def read(self, path: Path) -> Image.Image:
        """As ``read_image``.

        Raises:
            ImageError: the file cannot be read.
        """
        kept = self._kept.get(path)
        if kept is not None:
            return Image.fromarray(kept)
        image = read_image(path, self._side)
        size = 3 * image.width * image.height
        with self._lock:
            fits = size <= self._left
            self._left -= size if fits else 0
        if fits:
            self._kept[path] = np.asarray(image)
        return image


def side_for_training(spec: PreprocessSpec, changes: AugmentSpec | None) -> int:
    """Shorter side that a random crop can be taken from without enlarging it, in pixels."""
    kept = 1 - (changes.crop if changes else 0.0)
    return max(spec.resize, math.ceil(spec.crop / math.sqrt(max(kept, 0.05))))


T = TypeVar("T")
R = TypeVar("R")
Decode = Callable[[Path], Image.Image]
MAX_FAILED_SHARE = 0.05
MIN_FAILED = 10


@dataclass(slots=True)
class Skips:
    """Pictures that could not be read during a training: left out and counted, until they are too many."""

    total: int
    """Pictures in the dataset."""
    failed: dict[str, str] = field(default_factory=dict)
    """Reason by path."""

    def add(self, error: ImageError, sample: Sample) -> bool:
        """Count a picture once; True when it is a new one.

        Raises:
            DatasetError: more than 5 % of the pictures (and more than ten) could not be read.
        """
        new = str(sample.path) not in self.failed
        self.failed[str(sample.path)] = error.problem.title
        if len(self.failed) > max(MIN_FAILED, MAX_FAILED_SHARE * self.total):
            raise DatasetError(
                f"{len(self.failed)} of {self.total} pictures could not be read any more.",
                meaning="Perhaps the drive they are on was disconnected. The last finished epoch is kept.",
                remedy="Check the folder, then resume the run.",
                details="\n".join(f"{path}: {reason}" for path, reason in self.failed.items()),
            )
        return new


def read_ahead(items: Iterable[T], read: Callable[[T], R], *, threads: int = 0, ahead: int = 64) -> Iterator[R]:
    """Apply ``read`` in threads and yield the results in the order of ``items``, at most ``ahead`` of them waiting."""
    threads = threads or decode_threads()
    rest = iter(items)
    with ThreadPoolExecutor(threads, "cnnstudio-decode", initializer=lower_priority) as pool:
        try:
            waiting: deque[Future[R]] = deque(pool.submit(read, item) for item in islice(rest, ahead))
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(read, item) for item in islice(rest, 1))
                yield result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def read_for_evaluation(sample: Sample, spec: PreprocessSpec) -> np.ndarray | ImageError:
    """The pixels the network sees of a picture, crop×crop×3 uint8, or why it could not be read."""
    return _try_twice(lambda: resize_and_crop(read_image(sample.path), spec))


def read_fast(sample: Sample, spec: PreprocessSpec, decode: Decode | None = None) -> np.ndarray | ImageError:
    """Nearly the pixels of ``read_for_evaluation`` in a fraction of the time, for what chooses and never reports."""
    decode = decode or (lambda path: read_image(path, at_least=spec.resize))
    return _try_twice(lambda: crop_and_resize(decode(sample.path), spec))


def read_for_training(
    sample: Sample, spec: PreprocessSpec, changes: AugmentSpec, seed: Sequence[int], decode: Decode | None = None
) -> np.ndarray | ImageError:
    """An augmented view, crop×crop×3 uint8.

    Args:
        sample: the picture.
        spec: size and normalisation.
        changes: what may be changed, and how much.
        seed: (recipe seed, epoch, index of the sample), so that neither the number of threads nor a resume changes
            what is drawn.
        decode: reads a picture with enough pixels; by default from its file.
    """
    decode = decode or (lambda path: read_image(path, at_least=side_for_training(spec, changes)))
    return _try_twice(lambda: augment(decode(sample.path), spec, changes, np.random.default_rng(list(seed))))


def _try_twice(read: Callable[[], np.ndarray]) -> np.ndarray | ImageError:
    """A network drive may hiccup once; an error that stays comes back as a value, since threads must not die of it."""
    for _ in range(2):
        try:
            return read()
        except ImageError as error:
            reason = error
    return reason
