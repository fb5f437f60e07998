"""Features once per picture, kept on disk: a second training of the head starts in seconds.

A picture's features are found again by path, size and modification time; folder, network, weights, preprocessing,
engine and precision are the identity of their store. What is damaged is computed anew.

    store = open_store(root, network, weights, views, frozen)
    rows = store.lookup(look_keys(samples, views))      # V·N int64, views one after the other, -1 where not there
    values, whole = store.read(rows[rows >= 0][:4096])  # a batch, float32, and which of its rows can be trusted

``compute_features`` does this, computes the rest and keeps it.
"""

import hashlib
import json
import math
import os
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cnnstudio.compute.engines import FrozenNetwork
from cnnstudio.compute.feature_store import KEY_BYTES, FeatureStore
from cnnstudio.compute.frozen_pass import Reading, frozen_pass
from cnnstudio.core import Event, Warned, available_memory, cache_folder, codec, rest_point
from cnnstudio.core.errors import ImageError, Problem, StorageError
from cnnstudio.data import AugmentSpec, PreprocessSpec, Sample, sample_key
from cnnstudio.data.reading import loader, read_fast, read_for_evaluation, read_for_training

_BATCH_BYTES = 1 << 24
"""Features are read from disk and written to it in pieces of about this size."""
_SECONDS_BETWEEN = 10.0
"""At most so much computing is lost by a kill."""
_IN_MEMORY = 0.4
"""Share of the free memory that features may take; larger ones are mapped from a file without a name."""
_ROWS = 1024
"""Moved at a time."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the frozen part makes of the readable pictures of a split, and which samples they are."""

    values: torch.Tensor
    """V×N×D or V×N×C×H×W: one or more views of each picture, the first of them unchanged."""
    samples: tuple[Sample, ...]

    @property
    def targets(self) -> torch.Tensor:
        """Class indices, N int64."""
        return torch.tensor([sample.label for sample in self.samples], dtype=torch.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """How pictures are looked at: the first view as it is, further ones changed at random."""

    spec: PreprocessSpec
    exact: bool = False
    """Read like a prediction, to the bit; else faster, see ``read_fast``."""
    count: int = 1
    augment: AugmentSpec | None = None
    seed: int = 0

    def read(self, sample: Sample, view: int) -> np.ndarray | ImageError:
        """The pixels of one view, crop×crop×3 uint8. What is random depends on seed, view and picture alone."""
        if view == 0 or self.augment is None:
            return (read_for_evaluation if self.exact else read_fast)(sample, self.spec)
        picture = int.from_bytes(sample_key(sample.path)[:8], "little")
        return read_for_training(sample, self.spec, self.augment, (self.seed, view, picture))


def open_store(root: Path, network: str, weights: str, views: Views, frozen: FrozenNetwork) -> FeatureStore:
    """Where features of the pictures under ``root`` are kept.

    Args:
        root: the dataset's folder.
        network: its name.
        weights: hash of the file they came from.
        views: how pictures are looked at.
        frozen: what computes; engine and precision tell apart what differs in the last bits.
    """
    how = (loader.VERSION, codec.to_plain(views), frozen.engine, frozen.precision)
    identity = json.dumps([str(root.absolute()), network, weights, *how])
    digest = hashlib.blake2b(identity.encode(), digest_size=12).hexdigest()
    return FeatureStore(cache_folder() / "features" / f"{network}-{digest}", identity)


def look_keys(samples: Sequence[Sample], views: Views) -> np.ndarray:
    """Keys in a store of every look at ``samples``, (V·N)×KEY_BYTES uint8: all first views, then all second ones."""
    keys = np.zeros((views.count, len(samples), KEY_BYTES), np.uint8)
    joined = b"".join(sample_key(sample.path) for sample in samples)
    keys[:, :, :16] = np.frombuffer(joined, np.uint8).reshape(len(samples), 16)
    keys[:, :, 16:] = np.arange(views.count, dtype=">u2").view(np.uint8).reshape(-1, 1, 2)
    return keys.reshape(-1, KEY_BYTES)


def count_cached(samples: Sequence[Sample], views: Views, store: FeatureStore) -> int:
    """How many of the looks at ``samples`` need not be computed any more, unless they turn out to be damaged."""
    return int((store.lookup(look_keys(samples, views)) >= 0).sum())


def compute_features(
    samples: Sequence[Sample], frozen: FrozenNetwork, views: Views, store: FeatureStore, reading: Reading, text: str
) -> Generator[Event, None, Features]:
    """Read what is cached, compute the rest, and keep it; a stop keeps what was computed so far.

    Returns:
        V×N×D float32; in memory, or mapped from a file where they are large.

    Yields:
        Progressed per batch, Warned for pictures that had to be left out and for a disk that refuses.

    Raises:
        StopRequested: a stop was asked for.
        DatasetError: too many pictures cannot be read.
    """
    keys = look_keys(samples, views)
    outputs = _Outputs(len(keys))
    yield from _read_known(store, store.lookup(keys), outputs, reading)
    missing = np.flatnonzero(~outputs.filled)
    keeper = _Keeper(store)

    def take(indices: Sequence[int], values: torch.Tensor) -> None:
        places, values = missing[list(indices)], values.float()
        outputs.put(places, values)
        keeper.add(keys[places], values.numpy())

    looks = _Looks(samples, views, missing)
    try:
        yield from frozen_pass(looks.pictures, frozen, looks.read, take, reading, text)
    finally:
        keeper.flush()
    if keeper.problem is not None:
        yield Warned(problem=keeper.problem)
    return outputs.by_view(samples, views.count)


def compute_maps(
    samples: Sequence[Sample], frozen: FrozenNetwork, views: Views, reading: Reading, text: str
) -> Generator[Event, None, Features]:
    """As ``compute_features``, for outputs too large for the disk: they go straight to their place in memory."""
    outputs = _Outputs(views.count * len(samples))
    looks = _Looks(samples, views, np.arange(views.count * len(samples)))
    yield from frozen_pass(looks.pictures, frozen, looks.read, outputs.put, reading, text)
    return outputs.by_view(samples, views.count)


@dataclass(frozen=True, slots=True)
class _Looks:
    """Some of the looks at pictures; look ``view * len(samples) + picture`` is number so much."""

    samples: Sequence[Sample]
    views: Views
    numbers: np.ndarray

    @property
    def pictures(self) -> list[Sample]:
        return [self.samples[number % len(self.samples)] for number in self.numbers.tolist()]

    def read(self, index: int) -> np.ndarray | ImageError:
        view, picture = divmod(int(self.numbers[index]), len(self.samples))
        return self.views.read(self.samples[picture], view)


class _Outputs:
    """One tensor with a place for the output of every look; it is made when the first output shows its shape."""

    def __init__(self, count: int) -> None:
        self.filled = np.zeros(count, np.bool_)
        self._values: torch.Tensor | None = None

    def put(self, places: Sequence[int] | np.ndarray, values: torch.Tensor) -> None:
        """Keep M×… values at M places."""
        if not len(places):
            return
        if self._values is None:
            self._values = _room((len(self.filled), *values.shape[1:]), values.dtype)
        self._values[torch.as_tensor(places)] = values
        self.filled[np.asarray(places)] = True

    def by_view(self, samples: Sequence[Sample], views: int) -> Features:
        """V×N×…, with the pictures of which every view could be read."""
        if self._values is None:
            return Features(torch.zeros(views, 0, 1), ())
        whole = np.flatnonzero(self.filled.reshape(views, -1).all(0))
        if len(whole) < len(samples):  # close up in place: there may be no room for a second copy
            kept = np.concatenate([view * len(samples) + whole for view in range(views)])
            for start in range(0, len(kept), _ROWS):
                rows = torch.from_numpy(kept[start : start + _ROWS])
                self._values[start : start + len(rows)] = self._values[rows]
            self._values = self._values[: len(kept)]
        return Features(self._values.unflatten(0, (views, len(whole))), tuple(samples[i] for i in whole.tolist()))


class _Keeper:
    """Appends rows to a store, a piece at a time. A disk that refuses costs the next training time, and no more."""

    def __init__(self, store: FeatureStore) -> None:
        self.problem: Problem | None = None
        self._store = store
        self._waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self._bytes = 0
        self._last = time.monotonic()

    def add(self, keys: np.ndarray, values: np.ndarray) -> None:
        if self.problem is None:
            self._waiting.append((keys, values))
            self._bytes += values.nbytes
        if self._bytes >= _BATCH_BYTES or time.monotonic() - self._last > _SECONDS_BETWEEN:
            self.flush()

    def flush(self) -> None:
        """Write what waits; what another process keeps from being written is dropped."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        try:
            if waiting:
                self._store.append(*(np.concatenate(part) for part in zip(*waiting, strict=True)))
        except StorageError as error:
            self.problem = error.problem
        self._last = time.monotonic()


def _read_known(
    store: FeatureStore, rows: np.ndarray, outputs: _Outputs, reading: Reading
) -> Generator[Event, None, None]:
    known = np.flatnonzero(rows >= 0)
    size = _BATCH_BYTES // (4 * max(1, store.width)) + 1
    for start in range(0, len(known), size):
        places = known[start : start + size]
        values, whole = store.read(rows[places])
        outputs.put(places[whole], torch.from_numpy(values[whole]))
        yield from rest_point(reading.control)


def _room(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    size = math.prod(shape) * dtype.itemsize
    if size > _IN_MEMORY * available_memory():
        with suppress(OSError):
            return _mapped(size).view(dtype).view(shape)
    return torch.empty(shape, dtype=dtype)


def _mapped(size: int) -> torch.Tensor:
    """Bytes in a file that goes with the tensor.

    Its blocks are taken at once, because a mapping that finds the disk full later ends the process.

    Raises:
        OSError: there is no room, or the place may not be written to.
    """
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=cache_folder()) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            for start in range(0, size, _BATCH_BYTES):
                file.write(bytes(min(_BATCH_BYTES, size - start)))
            file.flush()
        return torch.from_numpy(np.memmap(file, np.uint8, "r+", shape=(size,)))
