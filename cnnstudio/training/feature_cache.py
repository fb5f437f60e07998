"""Features once per picture, kept on disk: a second training of the head starts in seconds.

A picture's features are found again by path, size and modification time; network, weights, preprocessing, engine
and precision are in the file's name. A damaged file is computed anew.
"""

import hashlib
import json
import logging
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.codec import to_plain
from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import ImageError, StorageError
from cnnstudio.core.events import Event, Warned
from cnnstudio.core.paths import cache_folder
from cnnstudio.data.dataset import Sample
from cnnstudio.data.fingerprint import sample_key
from cnnstudio.data.loader import Skips, read_fast, read_for_evaluation, read_for_training
from cnnstudio.data.spec import AugmentSpec, PreprocessSpec
from cnnstudio.networks.frozen import FrozenNetwork
from cnnstudio.training.frozen_pass import frozen_pass

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
    store: FeatureStore | None,
    *,
    control: Control,
    skips: Skips,
    text: str,
) -> Generator[Event, None, Features]:
    """Read what is cached, compute the rest, and keep it; a stop keeps what was computed so far.

    Without a ``store`` the results live in memory only, as bfloat16.

    Yields:
        Progressed per batch, Warned for pictures that had to be left out.
    """
    looks = [(sample, view) for view in range(views.count) for sample in samples]
    keys = [sample_key(sample.path) + view.to_bytes(2) for sample, view in looks]
    known = store.load() if store else {}
    missing = [number for number, key in enumerate(keys) if key not in known]
    if missing:
        fresh: dict[int, torch.Tensor] = _Halved() if store is None else {}
        to_do = [looks[number] for number in missing]
        try:
            yield from frozen_pass(
                [sample for sample, _ in to_do],
                frozen,
                lambda index: views.read(*to_do[index]),
                control=control,
                skips=skips,
                text=text,
                found=fresh,
            )
        except StopRequested:
            _keep(store, known | {keys[missing[index]]: values for index, values in fresh.items()})
            raise
        known |= {keys[missing[index]]: values for index, values in sorted(fresh.items())}
        if (warning := _keep(store, known)) is not None:
            yield warning
    return _gathered(samples, known, keys, views.count)


class _Halved(dict[int, torch.Tensor]):
    """Keeps tensors as bfloat16."""

    def update(self, pairs: Iterable[tuple[int, torch.Tensor]]) -> None:  # type: ignore[override]
        """The way ``frozen_pass`` adds results."""
        super().update((index, value.bfloat16()) for index, value in pairs)


def _gathered(samples: Sequence[Sample], known: dict[bytes, torch.Tensor], keys: list[bytes], views: int) -> Features:
    """Pictures of which one view could not be read are left out."""
    count = len(samples)
    good = [i for i in range(count) if all(keys[view * count + i] in known for view in range(views))]
    kept = tuple(samples[i] for i in good)
    if not good:
        return Features(torch.zeros(views, 0, 1), kept)
    first = known[keys[good[0]]]
    values = torch.empty(views, len(good), *first.shape, dtype=first.dtype)
    for view in range(views):
        for row, i in enumerate(good):
            values[view, row] = known.pop(keys[view * count + i])
    return Features(values, kept)


def _keep(store: FeatureStore | None, features: dict[bytes, torch.Tensor]) -> Warned | None:
    """Store features; a full disk costs the next training time, but not this one its result."""
    try:
        if store and features:
            store.save(features)
    except StorageError as error:
        return Warned(problem=error.problem)
    return None
