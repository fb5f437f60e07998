"""Features once per picture, kept on disk: a second training of the head starts in seconds.

A picture's features are found again by path, size and modification time; network, weights, preprocessing and
precision are in the file's name. A damaged file is computed anew.
"""

import hashlib
import json
import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from cnnstudio.core.atomic import write_atomically
from cnnstudio.core.codec import to_plain
from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import StorageError
from cnnstudio.core.events import Event, Warned
from cnnstudio.core.paths import cache_folder
from cnnstudio.data.dataset import Sample
from cnnstudio.data.fingerprint import sample_key
from cnnstudio.data.loader import Skips
from cnnstudio.data.spec import PreprocessSpec
from cnnstudio.networks.fast_eval import FrozenNetwork
from cnnstudio.training.frozen_pass import frozen_pass

log = logging.getLogger(__name__)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Features:
    """Features N×D float32 of the readable pictures of a split, and which samples they are."""

    values: torch.Tensor
    samples: tuple[Sample, ...]

    @property
    def targets(self) -> torch.Tensor:
        """Class indices, N int64."""
        return torch.tensor([sample.label for sample in self.samples], dtype=torch.int64)


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


def feature_store(root: Path, network: str, weights: str, spec: PreprocessSpec, precision: torch.dtype) -> FeatureStore:
    """Where features of the pictures under ``root`` are kept for this network, weights hash, size and precision."""
    key = json.dumps([_FORMAT, str(root.absolute()), network, weights, to_plain(spec), str(precision)])
    digest = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
    return FeatureStore(cache_folder() / "features" / f"{network}-{digest}.safetensors")


def compute_features(
    samples: Sequence[Sample],
    frozen: FrozenNetwork,
    spec: PreprocessSpec,
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
    keys = [sample_key(sample.path) for sample in samples]
    known = store.load()
    missing = [(key, sample) for key, sample in zip(keys, samples, strict=True) if key not in known]
    if missing:
        fresh: dict[int, torch.Tensor] = {}
        to_do = [sample for _, sample in missing]
        try:
            yield from frozen_pass(to_do, frozen, spec, control=control, skips=skips, text=text, found=fresh)
        except StopRequested:
            _keep(store, known | {missing[index][0]: values for index, values in fresh.items()})
            raise
        known |= {missing[index][0]: values for index, values in sorted(fresh.items())}
        if (warning := _keep(store, known)) is not None:
            yield warning
    found = [(known[key], sample) for key, sample in zip(keys, samples, strict=True) if key in known]
    values = torch.stack([value for value, _ in found]) if found else torch.zeros(0, 1)
    return Features(values, tuple(sample for _, sample in found))


def _keep(store: FeatureStore, features: dict[bytes, torch.Tensor]) -> Warned | None:
    """Store features; a full disk costs the next training time, but not this one its result."""
    try:
        if features:
            store.save(features)
    except StorageError as error:
        return Warned(problem=error.problem)
    return None
