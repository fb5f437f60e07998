"""Send pictures through a frozen network once: threads decode ahead while the network computes."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cnnstudio.compute.engines.frozen import FrozenNetwork
from cnnstudio.core.control import Control
from cnnstudio.core.cpu import decode_threads
from cnnstudio.core.errors import ImageError
from cnnstudio.core.events import Event, Progressed, Warned
from cnnstudio.core.watch import rest_point
from cnnstudio.data.dataset import Sample
from cnnstudio.data.reading.loader import Skips, read_ahead

Read = Callable[[int], "np.ndarray | ImageError"]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A few neighbouring samples: which of them could be read, and their pixels."""

    good: list[int]
    errors: list[tuple[int, ImageError]]
    pixels: np.ndarray | None


def frozen_pass(
    samples: Sequence[Sample],
    frozen: FrozenNetwork,
    read: Read,
    *,
    control: Control,
    skips: Skips,
    text: str,
    found: dict[int, torch.Tensor],
) -> Generator[Event, None, None]:
    """Compute the outputs of ``samples``; unreadable pictures are left out and counted.

    Args:
        samples: the pictures, in order.
        frozen: the network.
        read: gives the pixels of a sample by its index, crop×crop×3 uint8, or why there are none; called in threads.
        control: asked for pause and stop between chunks.
        skips: counts unreadable pictures.
        text: what is being done, for the progress.
        found: takes the output of each sample by its index, as it is computed, so that a stop loses nothing.
    """
    size = frozen.batch_size
    starts = range(0, len(samples), size)
    chunks = read_ahead(
        starts, lambda start: _read(range(start, min(start + size, len(samples))), read), ahead=4 * decode_threads()
    )
    waiting: deque[tuple[list[int], Callable[[], torch.Tensor]]] = deque()

    def collect(open_calls: int) -> None:
        while len(waiting) > open_calls:
            good, result = waiting.popleft()
            found.update(zip(good, result(), strict=True))

    try:
        for number, chunk in enumerate(chunks, 1):
            collect(frozen.in_flight - 1)
            if chunk.pixels is not None:
                waiting.append((chunk.good, frozen.submit(chunk.pixels)))
            for index, error in chunk.errors:
                if skips.add(error, samples[index]):
                    yield Warned(problem=error.problem)
            yield Progressed(done=min(number * size, len(samples)), total=len(samples), text=text)
            yield from rest_point(control)
    finally:  # a stop loses nothing that was begun
        collect(0)


def _read(indices: range, read: Read) -> _Chunk:
    done = {index: read(index) for index in indices}
    errors = [(index, array) for index, array in done.items() if isinstance(array, ImageError)]
    good = {index: array for index, array in done.items() if not isinstance(array, ImageError)}
    return _Chunk(list(good), errors, np.stack(list(good.values())) if good else None)
