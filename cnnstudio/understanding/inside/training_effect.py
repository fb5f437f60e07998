"""What training on one's own pictures made of a network: its first filters, and a layer before and after."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnstudio.core import FormatError, NetworkError, StudioError
from cnnstudio.inference.feature_maps import as_tiles
from cnnstudio.inference.session import Session, open_model
from cnnstudio.networks import ModelRef
from cnnstudio.networks.weights.pretrained import WeightsFile, find_weights, resolve_weights
from cnnstudio.runs import earlier_run
from cnnstudio.training.recover import WEIGHTS_HASH
from cnnstudio.understanding.inside.values import BeforeAfter, FirstFilters
from cnnstudio.understanding.taps import submodule, tap

_LONGEST_LINE = 50
"""Of runs that continue each other."""


def first_filters(session: Session, before: Session | None) -> FirstFilters:
    """The weights of the first convolution, without its biases, all on one scale.

    Args:
        session: the model.
        before: the network that its training started from, where that is known.

    Raises:
        NetworkError: the network has no convolution.
    """
    name, weights = _first_weights(session.network)
    old = _first_weights(before.network)[1] if before is not None else None
    scale = max(float(np.abs(each).max(initial=0.0)) for each in (weights, *(() if old is None else (old,)))) or 1.0
    return FirstFilters(
        layer=name, pictures=_pictures(weights, scale), before=None if old is None else _pictures(old, scale)
    )


def before_after(session: Session, before: Session, pixels: np.ndarray, layer: str, most: int = 24) -> BeforeAfter:
    """A layer of both networks for one picture, the channels whose weights changed most first.

    Args:
        session: the model.
        before: the network that its training started from.
        pixels: what both see, crop×crop×3 uint8.
        layer: dotted name.
        most: channels at most.

    Raises:
        NetworkError: there is no such layer, or it has no maps.
    """
    after, old = (tap(each, pixels, layer, [0]).activations for each in (session, before))
    changes = _changes(submodule(before.network, layer), submodule(session.network, layer), len(after))
    shown = np.lexsort((-np.square(after).mean((1, 2)), -changes))[:most]  # of those that did not change, the strongest
    both = np.stack([old[shown], after[shown]])
    scale = (both.min((0, 2, 3)), both.max((0, 2, 3)))
    return BeforeAfter(
        before=as_tiles(layer, old, shown, pixels, scale),
        after=as_tiles(layer, after, shown, pixels, scale),
        changes=tuple(changes[shown].tolist()),
        untouched=bool(np.array_equal(old, after)),
        origin=before.title,
    )


def start_of(session: Session) -> Session | None:
    """The network as published, before a training or the first of those it continues; None if its weights are gone.

    Of a line of runs that began with nothing, it is the first of them.
    """
    if session.folder is None:
        return None
    recipe, digest = dict(session.card.recipe), session.card.weights_origin.partition(" sha256:")[2]
    first, place = None, session.folder.parent
    try:
        for _ in range(_LONGEST_LINE):
            if (before := earlier_run(recipe, place)) is None:
                break
            first, place = before, before.folder
            recipe, digest = dict(before.record.recipe), str(before.record.environment.get(WEIGHTS_HASH, ""))
        if recipe.get("start_from"):
            return None
        if not digest:
            return open_model(ModelRef(source=str(first.bundle))) if first is not None else None
        said = str(recipe.get("weights", "auto"))
        file: WeightsFile | None = find_weights(session.network_name)
        if (file is None or file.sha256 != digest) and said not in ("auto", "none"):
            file = resolve_weights(session.network_name, said)
        if file is None or file.sha256 != digest:
            return None
        return open_model(ModelRef(source=session.network_name, weights=Path(file.path)))
    except (StudioError, FormatError, OSError):
        return None


def first_convolution(network: nn.Module) -> tuple[str, nn.Conv2d]:
    """Its dotted name and module.

    Raises:
        NetworkError: the network has no convolution.
    """
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            return name, module
    raise NetworkError("This network has no convolution.")


def _first_weights(network: nn.Module) -> tuple[str, np.ndarray]:
    """Name of the first convolution, and its weights C×k×k×3 or C×k×k×1."""
    name, module = first_convolution(network)
    return name, module.weight.detach().permute(0, 2, 3, 1).numpy()


def _pictures(weights: np.ndarray, scale: float) -> np.ndarray:
    colours = np.round(128 + 127 * np.clip(weights / scale, -1, 1)).astype(np.uint8)
    return np.repeat(colours, 3, -1) if colours.shape[-1] == 1 else colours


def _changes(before: nn.Module, after: nn.Module, channels: int) -> np.ndarray:
    """Of all weights in a layer that have a row per channel: how far each row moved, relative to its length."""
    pairs = [
        (old.detach(), new.detach())
        for old, new in zip(before.parameters(), after.parameters(), strict=True)
        if old.ndim > 1 and len(old) == channels
    ]
    if not pairs:
        return np.zeros(channels)
    old, new = (torch.cat([each.flatten(1).to(torch.float64) for each in side], 1) for side in zip(*pairs, strict=True))
    moved: np.ndarray = ((new - old).norm(dim=1) / old.norm(dim=1).clamp_min(1e-12)).numpy()
    return moved
