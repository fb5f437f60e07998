"""Where batches come from: pictures, decoded ahead in threads, or features that lie in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import torch

from cnnstudio.core.errors import ImageError
from cnnstudio.data.dataset import Sample
from cnnstudio.data.loader import Skips, read_ahead, read_for_evaluation, read_for_training
from cnnstudio.data.spec import AugmentSpec, PreprocessSpec
from cnnstudio.data.transforms import to_input
from cnnstudio.training.seeding import shuffled

Batch = tuple[torch.Tensor, torch.Tensor, np.ndarray]
"""Inputs, targets N int64, and which samples they are (indices into the source)."""


class BatchSource(Protocol):
    """One split, batch by batch."""

    @property
    def images(self) -> int:
        """Pictures in the split."""

    def steps(self) -> int:
        """Batches in an epoch."""

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch; the order depends on seed and epoch number alone."""


def cut(order: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Cut an order into batches. Never a last batch of one, which batch norm cannot take: it joins the one before."""
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [np.concatenate(batches[-2:])]
    return batches


@dataclass(slots=True)
class FeatureBatches:
    """Features N×D float32 that lie in memory."""

    features: torch.Tensor
    targets: torch.Tensor
    batch_size: int
    seed: int
    shuffle: bool

    @property
    def images(self) -> int:
        """Pictures in the split."""
        return len(self.targets)

    def steps(self) -> int:
        """Batches in an epoch."""
        return len(cut(np.arange(self.images), self.batch_size))

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        order = shuffled(self.images, self.seed, number) if self.shuffle else np.arange(self.images)
        for chosen in cut(order, self.batch_size):
            index = torch.from_numpy(chosen)
            yield self.features[index], self.targets[index], chosen


@dataclass(slots=True)
class PictureBatches:
    """Pictures from disk as N×3×H×W float32; with ``augment`` shuffled and changed, else in order and as they are."""

    samples: Sequence[Sample]
    spec: PreprocessSpec
    batch_size: int
    seed: int
    skips: Skips
    augment: AugmentSpec | None = None
    on_skip: Callable[[ImageError], None] | None = None

    @property
    def images(self) -> int:
        """Pictures in the split."""
        return len(self.samples)

    def steps(self) -> int:
        """Batches in an epoch."""
        return len(cut(np.arange(self.images), self.batch_size))

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch; unreadable pictures are left out and counted."""
        order = shuffled(self.images, self.seed, number) if self.augment else np.arange(self.images)
        pixels = read_ahead(order, partial(self._read, number), ahead=2 * self.batch_size)
        for chosen in cut(order, self.batch_size):
            good = [
                (i, array) for i, array in ((i, self._checked(i, next(pixels))) for i in chosen) if array is not None
            ]
            if len(good) > 1 or (good and not self.augment):
                kept = np.array([i for i, _ in good])
                inputs = to_input(np.stack([array for _, array in good]), self.spec)
                yield inputs, torch.tensor([self.samples[i].label for i in kept]), kept

    def _read(self, epoch: int, index: int) -> np.ndarray | ImageError:
        if self.augment is None:
            return read_for_evaluation(self.samples[index], self.spec)
        return read_for_training(self.samples[index], self.spec, self.augment, (self.seed, epoch, int(index)))

    def _checked(self, index: int, result: np.ndarray | ImageError) -> np.ndarray | None:
        if not isinstance(result, ImageError):
            return result
        if self.skips.add(result, self.samples[index]) and self.on_skip:
            self.on_skip(result)
        return None
