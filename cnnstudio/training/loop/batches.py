"""Where batches come from: pictures, decoded ahead in threads, or features that lie in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch

from cnnstudio.core import Control, ImageError
from cnnstudio.data import AugmentSpec, PreprocessSpec, Sample, splits
from cnnstudio.data.reading import DecodedPictures, Skips, read_ahead, read_fast, read_for_training
from cnnstudio.training.loop.distributed import ALONE, World


class Batch(NamedTuple):
    """This process's share of a batch; of several processes, one may have none."""

    inputs: torch.Tensor
    """Features or maps N×… float32, or the bytes of pictures N×H×W×3 uint8, which become float32 on the device."""
    targets: torch.Tensor
    """N int64."""
    weight: float = 1.0
    """Of its mean loss, so that the average over processes is the mean over all pictures."""
    places: Sequence[int] = ()
    """Of each picture in the split, from 0."""


class BatchSource(Protocol):
    """One split, batch by batch."""

    @property
    def images(self) -> int:
        """Pictures in the split."""

    @property
    def labels(self) -> np.ndarray:
        """Their classes, N int64."""

    def steps(self) -> int:
        """Batches in an epoch."""

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch; the order depends on seed and epoch number alone."""


def seed_epoch(seed: int, epoch: int, rank: int = 0) -> None:
    """Seed torch's own generator (dropout) for one epoch, so that a resumed run draws what an unbroken one draws.

    Every process drops other features: the same ones everywhere would be less dropout than was asked for.
    """
    own = [rank] if rank else []  # the first one draws what a process alone draws
    state = np.random.SeedSequence([seed, epoch, 1, *own]).generate_state(1)[0]
    torch.manual_seed(int(state))


def cut(order: np.ndarray, batch_size: int, processes: int = 1) -> list[np.ndarray]:
    """Cut an order into batches.

    Never a last batch with one picture for a process, which batch norm cannot take: it joins the one before.
    """
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if len(batches) > 1 and len(batches[-1]) < 2 * processes:
        batches[-2:] = [np.concatenate(batches[-2:])]
    return batches


def order_of(labels: np.ndarray, seed: int, epoch: int, *, balanced: bool) -> np.ndarray:
    """In which order an epoch sees its pictures."""
    if balanced:
        return splits.balanced_order(labels, seed, epoch)
    return np.random.default_rng([seed, epoch, 0]).permutation(len(labels))


@dataclass(slots=True, kw_only=True)
class FeatureBatches:
    """Features that lie in memory; each epoch sees one view of every picture, drawn at random when shuffling.

    Several processes each go through all of them: sharing would cost more than it saves.
    """

    features: torch.Tensor
    """V×N×D or V×N×C×H×W, as in ``feature_cache.Features``."""
    targets: torch.Tensor
    batch_size: int
    seed: int
    shuffle: bool
    balanced: bool = False

    @property
    def images(self) -> int:
        """Pictures in the split."""
        return len(self.targets)

    @property
    def labels(self) -> np.ndarray:
        """Their classes."""
        return self.targets.numpy()

    def steps(self) -> int:
        """Batches in an epoch."""
        return len(cut(np.arange(self.images), self.batch_size))

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        order, views = np.arange(self.images), torch.zeros(self.images, dtype=torch.int64)
        if self.shuffle:
            order = order_of(self.labels, self.seed, number, balanced=self.balanced)
            rng = np.random.default_rng([self.seed, number, 2])
            views = torch.from_numpy(rng.integers(0, len(self.features), self.images))
        for chosen in cut(order, self.batch_size):
            index = torch.from_numpy(chosen)
            yield Batch(self.features[views[index], index].float(), self.targets[index], places=chosen.tolist())


@dataclass(slots=True, kw_only=True)
class PictureBatches:
    """Pictures from disk as N×H×W×3 uint8; with ``augment`` shuffled and changed, else in order and as they are."""

    samples: Sequence[Sample]
    spec: PreprocessSpec
    batch_size: int
    seed: int
    skips: Skips
    decoded: DecodedPictures
    augment: AugmentSpec | None = None
    balanced: bool = False
    threads: int = 0
    """That decode; 0 chooses."""
    world: World = ALONE
    on_skip: Callable[[ImageError], None] | None = None
    control: Control | None = None
    """Asked for a stop while a picture does not come."""

    @property
    def images(self) -> int:
        """Pictures in the split."""
        return len(self.samples)

    @property
    def labels(self) -> np.ndarray:
        """Their classes."""
        return np.array([sample.label for sample in self.samples], np.int64)

    def steps(self) -> int:
        """Batches in an epoch."""
        return len(cut(np.arange(self.images), self.batch_size, self.world.size))

    def epoch(self, number: int) -> Iterator[Batch]:
        """This process's share of the batches of an epoch; unreadable pictures are left out and counted."""
        order = np.arange(self.images)
        if self.augment:
            order = order_of(self.labels, self.seed, number, balanced=self.balanced)
        batches = cut(order, self.batch_size, self.world.size)
        mine = [self.world.share(batch) for batch in batches]
        pixels = read_ahead(
            [(place, int(index)) for place, index in enumerate(np.concatenate(mine))] if mine else [],
            lambda item: self._read(number, *item),
            self.control if self.world.size == 1 else None,  # several stop together, at a step
            threads=self.threads,
            ahead=2 * self.batch_size,
        )
        for whole, share in zip(batches, mine, strict=True):
            good = [
                (i, array) for i, array in ((i, self._checked(i, next(pixels))) for i in share) if array is not None
            ]
            together = self.world.size > 1
            if together and not good:  # the other processes wait for this one's gradient, if it be nothing
                nothing = torch.zeros(0, self.spec.crop, self.spec.crop, 3, dtype=torch.uint8)
                yield Batch(nothing, torch.zeros(0, dtype=torch.int64), 0.0)
            elif good:
                inputs = torch.from_numpy(np.stack([array for _, array in good]))
                targets = torch.tensor([self.samples[i].label for i, _ in good])
                weight = self.world.size * len(good) / len(whole) if together else 1.0
                yield Batch(inputs, targets, weight, [int(i) for i, _ in good])

    def _read(self, epoch: int, place: int, index: int) -> np.ndarray | ImageError:
        sample = self.samples[index]
        if self.augment is None:
            return read_fast(sample, self.spec, self.decoded.read)
        seed = (self.seed, epoch, index, place) if self.balanced else (self.seed, epoch, index)
        return read_for_training(sample, self.spec, self.augment, seed, self.decoded.read)

    def _checked(self, index: int, result: np.ndarray | ImageError) -> np.ndarray | None:
        if not isinstance(result, ImageError):
            return result
        if self.skips.add(result, self.samples[index]) and self.on_skip:
            self.on_skip(result)
        return None
