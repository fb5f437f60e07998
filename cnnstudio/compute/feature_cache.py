"""Features once per picture, kept on disk: a second training of the head starts in seconds.

A picture's features are found again by path, size and modification time; network, weights, preprocessing, engine
and precision are in the file's name. A damaged file is computed anew.
"""

import hashlib
import json
import logging
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from cnnstudio.compute.engines.frozen import FrozenNetwork
from cnnstudio.compute.frozen_pass import frozen_pass
from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.codec import to_plain
from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import ImageError, StorageError
from cnnstudio.core.events import Event, Warned
from cnnstudio.core.paths import cache_folder
from cnnstudio.data.dataset import Sample
from cnnstudio.data.fingerprint import sample_key
from cnnstudio.data.reading.loader import Skips, read_fast, read_for_evaluation, read_for_training
from cnnstudio.data.spec import AugmentSpec, PreprocessSpec

log = logging.getLogger(__name__)
_FORMAT = 2


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


@dataclass(frozen=True, slots=True)
class FeatureStore:
    """The cache file of one frozen network on one folder of pictures."""

    path: Path

    def load(self) -> dict[bytes, torch.Tensor]:
        """Features by sample key; empty when there is no usable file."""
        try:
            with safe_open(self.path, framework="pt") as file:
                keys, values = file.get_tensor("keys").numpy(), file.get_tensor("values")
        except (OSError, SafetensorError) as error:
            log.info("no cached features: %r", error)
            return {}
        return dict(zip((key.tobytes() for key in keys), values, strict=True))

    def save(self, features: dict[bytes, torch.Tensor]) -> None:
        """Replace the file.

        Raises:
            StorageError: it could not be written.
        """
        keys = torch.from_numpy(np.frombuffer(b"".join(features), dtype=np.uint8).reshape(len(features), -1).copy())
        write_atomically(self.path, save({"keys": keys, "values": torch.stack(list(features.values()))}))


def feature_store(root: Path, network: str, weights: str, frozen: FrozenNetwork, views: Views) -> FeatureStore:
    """Where features of the pictures under ``root`` are kept for this network, weights hash, views and precision."""
    how = [to_plain(views), frozen.engine, frozen.precision]
    key = json.dumps([_FORMAT, str(root.absolute()), network, weights, *how])
    digest = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
    return FeatureStore(cache_folder() / "features" / f"{network}-{digest}.safetensors")


def compute_features(
    samples: Sequence[Sample],
    frozen: FrozenNetwork,
    views: Views,
    store: FeatureStore,
    *,
    control: Control,
    skips: Skips,
    text: str,
) -> Generator[Event, None, Features]:
    """Read what is cached, compute the rest, and keep it; a stop keeps what was computed so far.

    Yields:
        Progressed per batch, Warned for pictures that had to be left out.
    """
    looks = [(sample, view) for view in range(views.count) for sample in samples]
    keys = _keys(looks)
    known = store.load()
    missing = [number for number, key in enumerate(keys) if key not in known]
    if missing:
        fresh: dict[int, torch.Tensor] = {}
        to_do = [looks[number] for number in missing]
        try:
            yield from _pass(to_do, frozen, views, control, skips, text, fresh)
        except StopRequested:
            _keep(store, known | {keys[missing[index]]: values for index, values in fresh.items()})
            raise
        known |= {keys[missing[index]]: values for index, values in sorted(fresh.items())}
        if (warning := _keep(store, known)) is not None:
            yield warning
    good = _whole(len(samples), views.count, [key in known for key in keys])
    count = len(samples)
    values = [torch.stack([known[keys[view * count + i]] for i in good]) for view in range(views.count) if good]
    return Features(torch.stack(values) if good else torch.zeros(views.count, 0, 1), tuple(samples[i] for i in good))


def count_cached(samples: Sequence[Sample], views: Views, store: FeatureStore) -> int:
    """How many of the looks at ``samples`` need not be computed any more."""
    known = store.load()
    return sum(key in known for key in _keys([(sample, view) for view in range(views.count) for sample in samples]))


def compute_maps(
    samples: Sequence[Sample],
    frozen: FrozenNetwork,
    views: Views,
    *,
    control: Control,
    skips: Skips,
    text: str,
) -> Generator[Event, None, Features]:
    """As ``compute_features``, for outputs too large for the disk: they go straight to their place in memory."""
    looks = [(sample, view) for view in range(views.count) for sample in samples]
    rows = _Rows(len(looks))
    yield from _pass(looks, frozen, views, control, skips, text, rows)
    if rows.tensor is None:
        return Features(torch.zeros(views.count, 0, 1), ())
    values = rows.tensor.unflatten(0, (views.count, len(samples)))
    good = _whole(len(samples), views.count, rows.filled)
    if len(good) < len(samples):
        values = values[:, good]
    return Features(values, tuple(samples[i] for i in good))


class _Rows(dict[int, torch.Tensor]):
    """Takes outputs by number, like a dictionary, and puts them into one tensor."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.tensor: torch.Tensor | None = None
        self.filled = [False] * count

    def update(self, pairs: Iterable[tuple[int, torch.Tensor]]) -> None:  # type: ignore[override]
        """The way ``frozen_pass`` adds results."""
        for index, value in pairs:
            if self.tensor is None:
                self.tensor = torch.empty(len(self.filled), *value.shape, dtype=value.dtype)
            self.tensor[index] = value
            self.filled[index] = True


def _keys(looks: Sequence[tuple[Sample, int]]) -> list[bytes]:
    return [sample_key(sample.path) + view.to_bytes(2) for sample, view in looks]


def _pass(
    looks: Sequence[tuple[Sample, int]],
    frozen: FrozenNetwork,
    views: Views,
    control: Control,
    skips: Skips,
    text: str,
    found: dict[int, torch.Tensor],
) -> Generator[Event, None, None]:
    samples = [sample for sample, _ in looks]
    read = partial(_read_look, views, looks)
    yield from frozen_pass(samples, frozen, read, control=control, skips=skips, text=text, found=found)


def _read_look(views: Views, looks: Sequence[tuple[Sample, int]], index: int) -> np.ndarray | ImageError:
    return views.read(*looks[index])


def _whole(pictures: int, views: int, found: Sequence[bool]) -> list[int]:
    """Pictures of which every view could be read."""
    return [i for i in range(pictures) if all(found[view * pictures + i] for view in range(views))]


def _keep(store: FeatureStore, features: dict[bytes, torch.Tensor]) -> Warned | None:
    """Store features; a full disk costs the next training time, but not this one its result."""
    try:
        if features:
            store.save(features)
    except StorageError as error:
        return Warned(problem=error.problem)
    return None
