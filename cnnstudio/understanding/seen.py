"""What a frozen network makes of all pictures of a folder, before it has learned anything of their classes.

What judges labels, forecasts and networks must not have learned from the labels. So these features are those of the
weights that a run started from, whatever was trained afterwards. They are the ones that a training of a last layer
keeps on disk: the second time, they are only read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.engines import FrozenNetwork
from cnnstudio.compute.fastest import fastest_frozen
from cnnstudio.compute.feature_cache import Features, Views, compute_features, open_store
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import FormatError, RecipeError, Watch, WeightsError, counted
from cnnstudio.data import SPLITS, Dataset, Sample, Split
from cnnstudio.data.reading import Skips
from cnnstudio.networks.weights.pretrained import WeightsFile, find_weights
from cnnstudio.runs import Run, run_before
from cnnstudio.training.base import Base, find_weights_file, load_base
from cnnstudio.training.recipe import Recipe, recipe_from_plain

ALWAYS_HERE = "efficientnet_lite0"
"""The network whose weights come along."""
_LONGEST_LINE = 50
_DOING: dict[Split, str] = {
    "train": "Preparing the training pictures",
    "validation": "Preparing the validation pictures",
    "test": "Preparing the test pictures",
}
"""Each is counted by itself: said alike, the bar would go back."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """Pictures and their features."""

    network: str
    root: Path
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    """Those that could be read."""
    features: np.ndarray
    """N×D float32."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the pictures, relative to the folder, with forward slashes."""
        return tuple(sample.path.relative_to(self.root).as_posix() for sample in self.samples)

    @cached_property
    def labels(self) -> np.ndarray:
        """N int64."""
        return np.array([sample.label for sample in self.samples], np.int64)

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Of each picture a number that it shares with those it belongs to, or ``ALONE``."""
        return tuple(sample.group for sample in self.samples)

    def only(self, chosen: np.ndarray) -> "Seen":
        """Some of the pictures, by N truths or by their places."""
        places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return replace(self, samples=tuple(self.samples[i] for i in places), features=self.features[places])

    @property
    def in_words(self) -> str:
        """Such as: 3,409 pictures, by what efficientnet_lite0 makes of them."""
        return f"{counted(len(self.samples), 'picture')}, by what {self.network} makes of them"


def start_of(run: Run) -> Recipe:
    """The recipe of a run, or of the earliest one that it continues: what it says of network, weights and precision.

    Raises:
        FormatError, RecipeError: the run's recipe cannot be used.
    """
    recipe = recipe_from_plain(run.record.recipe)
    for _ in range(_LONGEST_LINE):
        if (before := run_before(run)) is None:
            break
        try:
            run, recipe = before, recipe_from_plain(before.record.recipe)
        except (FormatError, RecipeError):
            break
    return replace(recipe, start_from="", device="auto")


def see(dataset: Dataset, recipe: Recipe, watch: Watch, splits: Sequence[Split] = SPLITS) -> Seen:
    """Features of the pictures of some splits, read from the cache as far as they are there.

    Args:
        dataset: the pictures.
        recipe: as ``start_of`` has it. Where its weights are not on this computer, or it has none, the network that
            came along is used; nothing is downloaded.
        watch: told of pictures done, asked for a stop; what was computed is kept.
        splits: which pictures.

    Raises:
        WeightsError: there are no weights on this computer.
        StopRequested: a stop was asked for.
        DatasetError: too many pictures cannot be read.
    """
    recipe, file = _with_weights(recipe, watch)
    base = load_base(replace(recipe, levels=dataset.levels), dataset.classes, file)
    device = choose_device("auto")
    fast = fastest_frozen(base.without_head, device, name=recipe.network, precision=recipe.frozen)
    parts, skips = [], Skips(total=len(dataset.samples))
    for split in splits:
        exact = split != "train"
        frozen = base.without_head.opened(device, "fp32") if exact else fast
        look = Look(dataset.root, recipe.network, base, exact=exact, doing=_DOING[split])
        parts.append(look.at(dataset.split(split), frozen, Reading(watch.control, skips), watch))
    whole = [part for part in parts if part.samples]
    return Seen(
        network=recipe.network,
        root=dataset.root,
        classes=dataset.classes,
        samples=tuple(sample for part in whole for sample in part.samples),
        features=np.concatenate([part.values[0].numpy() for part in whole]) if whole else np.zeros((0, 1), np.float32),
    )


@dataclass(frozen=True, slots=True)
class Look:
    """How some pictures are looked at."""

    root: Path
    network: str
    base: Base
    exact: bool = False
    """As predictions are; else as fast as this computer can."""
    doing: str = "Preparing the pictures"
    """What a progress bar says."""

    def at(self, samples: Sequence[Sample], frozen: FrozenNetwork, reading: Reading, watch: Watch) -> Features:
        """1×N×D, from the cache or computed.

        Raises:
            StopRequested: a stop was asked for.
            DatasetError: too many pictures cannot be read.
        """
        views = Views(spec=self.base.preprocess, exact=self.exact)
        store = open_store(self.root, self.network, self.base.weights_hash, views, frozen)
        events = compute_features(samples, frozen, views, store, reading, self.doing)
        while True:
            try:
                watch.emit(next(events))
            except StopIteration as end:
                found: Features = end.value
                return found


def _with_weights(recipe: Recipe, watch: Watch) -> tuple[Recipe, WeightsFile | None]:
    """The recipe with pretrained weights that are here."""
    try:
        file = find_weights_file(recipe, watch, download=False)
    except WeightsError:  # moved away since
        file = find_weights(recipe.network)
    if file is None:
        recipe = Recipe(dataset=recipe.dataset, network=ALWAYS_HERE)
        file = find_weights(ALWAYS_HERE)
    if file is None:
        raise WeightsError(
            "Nothing can be said of these pictures without a pretrained network.",
            meaning="There are no weights on this computer.",
            remedy="Download a network on the Network page, then try again.",
        )
    return recipe, file
