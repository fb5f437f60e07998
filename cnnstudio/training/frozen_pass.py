"""Send pictures through a frozen network once: threads decode ahead, this thread computes.

Computing in several threads with one core each was tried: quicker when something else runs on the machine, but the
window's heartbeat was then up to 266 ms late instead of 57 ms, since more threads ask for the GIL.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cnnstudio.core.control import Control
from cnnstudio.core.cpu import decode_threads
from cnnstudio.core.errors import ImageError
from cnnstudio.core.events import Event, Progressed, Warned
from cnnstudio.data.dataset import Sample
from cnnstudio.data.loader import Skips, read_ahead, read_for_evaluation
from cnnstudio.data.spec import PreprocessSpec
from cnnstudio.data.transforms import to_input
from cnnstudio.networks.fast_eval import FrozenNetwork
from cnnstudio.training.rest import rest_point


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A few neighbouring samples: which of them could be read, and their pixels."""

    good: list[int]
    errors: list[tuple[int, ImageError]]
    pixels: np.ndarray | None


def frozen_pass(
    samples: Sequence[Sample],
    frozen: FrozenNetwork,
    spec: PreprocessSpec,
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
        spec: preprocessing.
        control: asked for pause and stop between chunks.
        skips: counts unreadable pictures.
        text: what is being done, for the progress.
        found: takes the output of each sample by its index, as it is computed, so that a stop loses nothing.
    """
    size = frozen.batch_size
    starts = range(0, len(samples), size)
    chunks = read_ahead(starts, lambda start: _read(samples, start, size, spec), ahead=2 * decode_threads())
    for number, chunk in enumerate(chunks, 1):
        if chunk.pixels is not None:
            found.update(zip(chunk.good, frozen(to_input(chunk.pixels, spec)), strict=True))
        for index, error in chunk.errors:
            if skips.add(error, samples[index]):
                yield Warned(problem=error.problem)
        yield Progressed(done=min(number * size, len(samples)), total=len(samples), text=text)
        yield from rest_point(control)


def _read(samples: Sequence[Sample], start: int, size: int, spec: PreprocessSpec) -> _Chunk:
    read = {index: read_for_evaluation(samples[index], spec) for index in range(start, min(start + size, len(samples)))}
    errors = [(index, array) for index, array in read.items() if isinstance(array, ImageError)]
    good = {index: array for index, array in read.items() if not isinstance(array, ImageError)}
    return _Chunk(list(good), errors, np.stack(list(good.values())) if good else None)
