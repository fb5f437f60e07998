"""What the frozen layers of a run make of its pictures: features for a head, feature maps for a last stage."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from cnnstudio.compute.engines.frozen import FrozenNetwork, fastest_frozen, open_frozen
from cnnstudio.compute.feature_cache import (
    Features,
    Views,
    compute_features,
    compute_maps,
    count_cached,
    open_store,
)
from cnnstudio.compute.feature_store import FeatureStore
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core.events import Event, PhaseStarted
from cnnstudio.core.machine import available_memory
from cnnstudio.data.spec import PreprocessSpec, Split
from cnnstudio.networks.cut import CutNetwork, cut_below
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.networks.head import feature_network
from cnnstudio.training.context import Context

MEMORY_SHARE = 0.4
"""Of the free memory, for feature maps or decoded pictures; the training itself needs the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPart:
    """Reads pictures and sends them through frozen layers, for one run."""

    context: Context

    @property
    def reading(self) -> Reading:
        """What every pass over the pictures obeys and counts."""
        return Reading(self.context.watch.control, self.context.skips)

    def features(self, splits: Sequence[Split], *, views: int = 1) -> Generator[Event, None, dict[Split, Features]]:
        """Pooled features for choosing, in the precision that is fastest on this machine; kept on disk."""
        yield PhaseStarted(name="features", trainable_parameters=0)
        frozen = self.fastest_features_network()
        return (yield from self._by_split(frozen, splits, views))

    def fastest_features_network(self) -> FrozenNetwork:
        """The network without its head."""
        return self._fastest(feature_network(self.context.base.network), self.context.recipe.network)

    def cached(self, splits: Sequence[Split], views: int = 1, *, exact: bool = False) -> int:
        """How many looks at the pictures of some splits have their features on disk; 0 without pretrained weights."""
        if not self.context.base.weights_hash:
            return 0
        frozen = self._exact_features_network() if exact else self.fastest_features_network()
        looks = {split: self._views(split, views, exact=exact) for split in splits}
        return sum(
            count_cached(self.context.dataset.split(split), look, self._store(frozen, look))
            for split, look in looks.items()
        )

    def exact_features(self, split: Split) -> Generator[Event, None, dict[Split, Features]]:
        """Pooled features in full precision, so that the number shown is what later predictions give."""
        return (yield from self._by_split(self._exact_features_network(), (split,), 1, exact=True))

    def maps(self, cut: CutNetwork, views: int) -> Generator[Event, None, dict[Split, Features]]:
        """Feature maps at the cut, float16 in memory: too large for the disk."""
        yield PhaseStarted(name="features", trainable_parameters=0)
        frozen = self._fastest(nn.Sequential(cut.trunk, _ToHalf()), f"{self.context.recipe.network}-trunk")
        found: dict[Split, Features] = {}
        for split in ("train", "validation"):
            part = yield from compute_maps(
                self.context.dataset.split(split),
                frozen,
                self._views(split, views),
                self.reading,
                f"Reading {split} pictures",
            )
            if part.samples:
                found[split] = part
        return found

    def cut(self) -> CutNetwork | None:
        """Where a last stage is trained on feature maps; None when the network or the memory does not allow it."""
        network = self.context.base.network
        groups = apply_mode(network, self.context.recipe.mode)
        found = cut_below(network, [name for group in groups for name in group.parameters])
        if found is None:
            return None
        pictures = self.context.recipe.views * len(self.context.dataset.split("train")) + len(
            self.context.dataset.split("validation")
        )
        needed = bytes_per_picture(found.trunk, self.context.base.preprocess) * pictures
        return found if needed < MEMORY_SHARE * available_memory() else None

    def _exact_features_network(self) -> FrozenNetwork:
        return open_frozen(
            feature_network(self.context.base.network), self.context.base.preprocess, self.context.device, "fp32"
        )

    def _fastest(self, network: nn.Module, name: str) -> FrozenNetwork:
        spec = self.context.base.preprocess
        return fastest_frozen(network, spec, self.context.device, name=name, precision=self.context.recipe.precision)

    def _views(self, split: Split, count: int, *, exact: bool = False) -> Views:
        spec = self.context.base.preprocess
        if split != "train" or count == 1:
            return Views(spec=spec, exact=exact)
        return Views(spec=spec, count=count, augment=self.context.recipe.augment, seed=self.context.recipe.seed)

    def _store(self, frozen: FrozenNetwork, look: Views) -> FeatureStore:
        root, base = self.context.dataset.root, self.context.base
        return open_store(root, self.context.recipe.network, base.weights_hash, look, frozen)

    def _by_split(
        self, frozen: FrozenNetwork, splits: Sequence[Split], views: int, *, exact: bool = False
    ) -> Generator[Event, None, dict[Split, Features]]:
        found: dict[Split, Features] = {}
        for split in splits:
            look = self._views(split, views, exact=exact)
            part = yield from compute_features(
                self.context.dataset.split(split),
                frozen,
                look,
                self._store(frozen, look),
                self.reading,
                f"Reading {split} pictures",
            )
            if part.samples:
                found[split] = part
        return found


class _ToHalf(nn.Module):
    """Half the memory to move and to keep."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values.half()


def bytes_per_picture(trunk: nn.Module, spec: PreprocessSpec) -> int:
    """Of what ``trunk`` makes of one picture, as float16."""
    with torch.inference_mode():
        return 2 * int(trunk(torch.zeros(1, spec.channels, spec.crop, spec.crop)).numel())
