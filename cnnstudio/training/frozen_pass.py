"""Send pictures through a frozen network once, as fast as the machine allows.

On the CPU every core works for itself: a thread decodes a few pictures and computes them with one compute thread.
Sharing each layer between cores instead makes them wait for one another at every layer, and when something else runs on
the machine that costs most of the speed.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cnnstudio.core.control import Control
from cnnstudio.core.cpu import decode_threads, usable_cores
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
    """A few neighbouring samples: which of them could be read, their pixels or already their outputs."""

    good: list[int]
    errors: list[tuple[int, ImageError]]
    pixels: np.ndarray | None
    outputs: torch.Tensor | None


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
    on_cpu = frozen.device.type == "cpu"
    size = frozen.batch_size

    def work(start: int) -> _Chunk:
        chunk = _read(samples, start, size, spec)
        if on_cpu and chunk.pixels is not None:
            torch.set_num_threads(1)  # of this thread
            return _Chunk(chunk.good, chunk.errors, None, frozen(to_input(chunk.pixels, spec)))
        return chunk

    threads = usable_cores() if on_cpu else decode_threads()
    compute_threads = torch.get_num_threads()
    try:
        chunks = read_ahead(range(0, len(samples), size), work, threads=threads, ahead=2 * threads)
        for number, chunk in enumerate(chunks, 1):
            outputs = chunk.outputs
            if chunk.pixels is not None:
                outputs = frozen(to_input(chunk.pixels, spec))
            if outputs is not None:
                found.update(zip(chunk.good, outputs, strict=True))
            for index, error in chunk.errors:
                if skips.add(error, samples[index]):
                    yield Warned(problem=error.problem)
            yield Progressed(done=min(number * size, len(samples)), total=len(samples), text=text)
            yield from rest_point(control)
    finally:
        torch.set_num_threads(compute_threads)  # new threads take the number that was set last


def _read(samples: Sequence[Sample], start: int, size: int, spec: PreprocessSpec) -> _Chunk:
    read = {index: read_for_evaluation(samples[index], spec) for index in range(start, min(start + size, len(samples)))}
    errors = [(index, array) for index, array in read.items() if isinstance(array, ImageError)]
    good = {index: array for index, array in read.items() if not isinstance(array, ImageError)}
    return _Chunk(list(good), errors, np.stack(list(good.values())) if good else None, None)
