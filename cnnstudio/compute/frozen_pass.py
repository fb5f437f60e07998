"""Send pictures through a frozen network once: threads decode ahead while the network computes."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch

from cnnstudio.compute.engines import FrozenNetwork
from cnnstudio.core import Control, Event, ImageError, Progressed, Warned, decode_threads, rest_point
from cnnstudio.data import Sample
from cnnstudio.data.reading import Skips, read_ahead

Read = Callable[[int], "np.ndarray | ImageError"]
"""The pixels of a picture by its index, crop×crop×3 uint8, or why there are none; called in threads."""
Take = Callable[[Sequence[int], torch.Tensor], None]
"""Gets outputs as they come: the indices of M pictures, and M×… values."""
_PIECE = 8
"""Pictures that a thread reads at a time: half a batch of 128 would keep the network waiting."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What work on many pictures obeys, and what it counts."""

    control: Control
    """Asked for pause and stop between batches."""
    skips: Skips
    """Of unreadable pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What became of one batch of neighbouring pictures."""

    indices: tuple[int, ...]
    """Of the M pictures that could be read."""
    values: torch.Tensor | None
    """M×… on the CPU; None where M is 0."""
    errors: tuple[tuple[int, ImageError], ...]
    """The others, with the reason."""
    done: int
    """Pictures up to the end of this batch."""


def frozen_outputs(
    count: int, frozen: FrozenNetwork, read: Read, control: Control | None = None
) -> Generator[Outputs, None, None]:
    """The outputs of ``count`` pictures in their order, a batch at a time.

    At most four pieces per decoding thread, or two batches, are held as pixels. Closed early, it waits for the calls
    that are under way and drops them.

    Raises:
        StopRequested: a stop was asked for by ``control`` while reading did not come to an end.
    """
    size = frozen.batch_size
    piece = next(part for part in range(min(_PIECE, size), 0, -1) if size % part == 0)
    pieces = read_ahead(
        range(0, count, piece),
        lambda start: [(index, read(index)) for index in range(start, min(start + piece, count))],
        control,
        ahead=max(4 * decode_threads(), 2 * size // piece),
    )
    waiting: deque[tuple[Outputs, Callable[[], torch.Tensor] | None]] = deque()
    batch: list[tuple[int, np.ndarray | ImageError]] = []

    def first() -> Outputs:
        outputs, result = waiting.popleft()
        if result is None:
            return outputs
        return Outputs(indices=outputs.indices, values=result(), errors=outputs.errors, done=outputs.done)

    try:
        for pixels in pieces:
            batch += pixels
            if len(batch) < size and batch[-1][0] < count - 1:
                continue
            while len(waiting) >= frozen.in_flight:
                yield first()
            waiting.append(_submitted(batch, frozen))
            batch = []
        while waiting:
            yield first()
    finally:  # an engine that is used again must not have calls under way
        while waiting:
            first()


def frozen_pass(
    samples: Sequence[Sample], frozen: FrozenNetwork, read: Read, take: Take, reading: Reading, text: str
) -> Generator[Event, None, None]:
    """Compute the outputs of ``samples``; unreadable pictures are left out and counted.

    Args:
        samples: the pictures, in order.
        frozen: the network.
        read: the pixels of a sample.
        take: gets the outputs of each batch before anything is said about it.
        reading: what is obeyed and counted.
        text: what is being done, for the progress.

    Yields:
        Progressed per batch, Warned for a picture that had to be left out.

    Raises:
        StopRequested: a stop was asked for.
        DatasetError: too many pictures cannot be read.
    """
    with closing(frozen_outputs(len(samples), frozen, read, reading.control)) as batches:
        for outputs in batches:
            if outputs.values is not None:
                take(outputs.indices, outputs.values)
            for index, error in outputs.errors:
                if reading.skips.add(error, samples[index]):
                    yield Warned(problem=error.problem)
            yield Progressed(done=outputs.done, total=len(samples), text=text)
            yield from rest_point(reading.control)


def _submitted(
    batch: Sequence[tuple[int, np.ndarray | ImageError]], frozen: FrozenNetwork
) -> tuple[Outputs, Callable[[], torch.Tensor] | None]:
    good = [(index, array) for index, array in batch if not isinstance(array, ImageError)]
    errors = tuple((index, error) for index, error in batch if isinstance(error, ImageError))
    indices = tuple(index for index, _ in good)
    outputs = Outputs(indices=indices, values=None, errors=errors, done=batch[-1][0] + 1)
    return outputs, frozen.submit(np.stack([array for _, array in good])) if good else None
