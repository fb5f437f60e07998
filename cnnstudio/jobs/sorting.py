"""Pictures without classes in groups of those that are alike, by features that a training of them uses again."""

from pathlib import Path

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.fastest import fastest_frozen
from cnnstudio.compute.feature_cache import Views, compute_features, open_store
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.compute.grouping import alike_groups
from cnnstudio.core import Watch, WeightsError
from cnnstudio.data import Sample
from cnnstudio.data.reading import Skips
from cnnstudio.jobs.job import carry
from cnnstudio.networks.weights.pretrained import find_weights
from cnnstudio.training.base import load_base
from cnnstudio.training.recipe import Recipe

_ALWAYS_HERE = "efficientnet_lite0"
_TWO = ("", " ")
"""Classes of a network whose last layer is not used."""
_ALL_MAY_FAIL = 20
"""A training gives up at one in twenty pictures that cannot be read; here those are only not grouped."""


def group_alike(root: Path, names: tuple[str, ...], network: str, watch: Watch) -> tuple[tuple[str, ...], ...]:
    """Groups of names; pictures that cannot be read are the last one.

    Args:
        root: the folder of pictures.
        names: relative to it.
        network: whose features tell what is alike; where it is empty or its weights are not on this computer, the one
            that came along.
        watch: told of pictures done, asked for a stop; what was computed is kept.

    Raises:
        WeightsError: there are no weights on this computer.
        StopRequested: a stop was asked for.
    """
    file = find_weights(network) if network else None
    if file is None:
        network, file = _ALWAYS_HERE, find_weights(_ALWAYS_HERE)
    if file is None:
        raise WeightsError(
            "The pictures cannot be grouped by how alike they are.",
            meaning="That takes a pretrained network, and there are no weights on this computer.",
            remedy="Sort them as they are, or download a network on the Network page.",
        )
    samples = tuple(Sample(root / name, 0, "train") for name in names)
    base = load_base(Recipe(dataset=str(root), network=network), _TWO, file)
    views = Views(spec=base.preprocess)
    frozen = fastest_frozen(base.without_head, choose_device("auto"), name=network)
    store = open_store(root, network, base.weights_hash, views, frozen)
    reading = Reading(watch.control, Skips(total=_ALL_MAY_FAIL * len(samples)))
    features = carry(compute_features(samples, frozen, views, store, reading, "Finding out what is alike"), watch.emit)
    readable = [sample.path.relative_to(root).as_posix() for sample in features.samples]
    groups = [tuple(readable[row] for row in group) for group in alike_groups(features.values[0])]
    rest = tuple(name for name in names if name not in set(readable))
    return (*groups, rest) if rest else tuple(groups)
