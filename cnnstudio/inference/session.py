"""A model that is loaded and ready to predict: a bundle, or a torchvision network with ImageNet weights."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

from cnnstudio.compute.engines.frozen import FrozenNetwork
from cnnstudio.core.errors import NetworkError, WeightsError
from cnnstudio.data.spec import PreprocessSpec
from cnnstudio.networks.builder import categories_of, is_network, licence_of, preprocess_of, scaled_preprocess
from cnnstudio.networks.bundle import MANIFEST_FILE, is_bundle, load_bundle
from cnnstudio.networks.card import BundleCard
from cnnstudio.networks.catalogue.entries import ModelRef
from cnnstudio.networks.head import has_original_head, output_size
from cnnstudio.networks.weights.pretrained import find_weights, load_pretrained, resolve_weights
from cnnstudio.networks.weights.starter import is_starter

_KEPT = 3
_sessions: OrderedDict[tuple[str, str, int], "Session"] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A network in eval mode, float32 on the CPU, with everything a prediction needs."""

    network: nn.Module
    network_name: str
    title: str
    classes: tuple[str, ...]
    preprocess: PreprocessSpec
    card: BundleCard
    lock: threading.Lock
    """Held while hooks are on the network, since two threads may look at it."""
    engines: dict[str, FrozenNetwork] = field(default_factory=dict)
    """Compiled for many pictures and free to be taken, by kind of device."""


def open_model(ref: ModelRef) -> Session:
    """Load a model, or take it from the few that are kept.

    Args:
        ref: a bundle folder, or a network name with weights (None looks on this computer).

    Raises:
        NetworkError: it is neither a bundle nor a network.
        WeightsError: the network has no usable weights here.
        CheckpointDamaged: the bundle is damaged.
    """
    folder = Path(ref.source)
    if is_bundle(folder):
        stamp = (folder / MANIFEST_FILE).stat().st_mtime_ns if (folder / MANIFEST_FILE).is_file() else 0
        return _remembered((str(folder.absolute()), "", stamp), lambda: _open_bundle(folder))
    if not is_network(ref.source):
        raise NetworkError(
            f"{ref.source} is neither a run, nor a bundle, nor the name of a network.",
            remedy="Give a run folder, a bundle folder, or a name from: cnnstudio models.",
        )
    stamp = ref.weights.stat().st_mtime_ns if ref.weights and ref.weights.exists() else 0
    return _remembered((ref.source, str(ref.weights or ""), stamp), lambda: _open_imagenet(ref))


def _remembered(key: tuple[str, str, int], load: Callable[[], Session]) -> Session:
    with _lock:
        if key not in _sessions:
            _sessions[key] = load()
            while len(_sessions) > _KEPT:
                _sessions.popitem(last=False)
        _sessions.move_to_end(key)
        return _sessions[key]


def _open_bundle(folder: Path) -> Session:
    network, card = load_bundle(folder)
    return Session(
        network=network,
        network_name=card.network,
        title=folder.parent.name if folder.name == "bundle" else folder.name,
        classes=card.classes,
        preprocess=card.preprocess,
        card=card,
        lock=threading.Lock(),
    )


def _open_imagenet(ref: ModelRef) -> Session:
    name = ref.source
    file = resolve_weights(name, str(ref.weights)) if ref.weights else find_weights(name)
    if file is None or is_starter(file.path):
        raise WeightsError(
            f"There are no ImageNet weights for {name} on this computer.",
            meaning="A network without weights knows nothing.",
            remedy="Give a weights file or folder with --weights, or download them on the model page.",
        )
    network = load_pretrained(name, file, classes=None)
    outputs, categories = output_size(network), categories_of(name)
    classes = categories if outputs == len(categories) else tuple(f"class {number}" for number in range(outputs))
    preprocess = preprocess_of(name, file.entry or None)
    built_for = getattr(network, "image_size", preprocess.crop)
    if built_for != preprocess.crop:
        preprocess = scaled_preprocess(preprocess, built_for)
    card = BundleCard(
        network=name,
        classes=classes,
        preprocess=preprocess,
        linear_head=not has_original_head(network),
        weights_origin=f"{file.path.name} sha256:{file.sha256}",
        licence=licence_of(name, file.entry),
    )
    return Session(
        network=network,
        network_name=name,
        title=f"{name}, {file.path.name}",
        classes=classes,
        preprocess=preprocess,
        card=card,
        lock=threading.Lock(),
    )
