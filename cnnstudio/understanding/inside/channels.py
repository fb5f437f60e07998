"""Which channels of a layer made the answer, and what becomes of it when some are switched off."""

from collections.abc import Collection

import numpy as np
import torch

from cnnstudio.compute.engines import to_input
from cnnstudio.core import NetworkError
from cnnstudio.inference.feature_maps import as_tiles
from cnnstudio.inference.results import ClassScore
from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import channel_axis
from cnnstudio.understanding.inside.values import Ranking
from cnnstudio.understanding.taps import submodule, tap

_SHOWN = 5


def rank_channels(
    session: Session, pixels: np.ndarray, layer: str, label: str = "", *, by_strength: bool = False, most: int = 64
) -> Ranking:
    """The channels of a layer by what they add to the score of a class: activation times gradient, summed up.

    For the last maps of most networks that is exactly what the score loses when the channel is switched off; for
    earlier layers it is the first step of it.

    Args:
        session: the model.
        pixels: what it sees, crop×crop×3 uint8.
        layer: dotted name.
        label: of a class; empty is the answer.
        by_strength: show the strongest maps first, in place of the largest contributions.
        most: maps at most.

    Raises:
        NetworkError: there is no such layer or class, or the layer has no maps.
    """
    wanted = [_number_of(session, label)] if label else []
    tapped = tap(session, pixels, layer, wanted)
    contributions = (tapped.activations * tapped.gradients[0]).sum((1, 2))
    strengths = np.square(tapped.activations).mean((1, 2))
    keys = strengths if by_strength else np.abs(contributions)
    shown = np.argsort(-keys, kind="stable")[:most]
    shifted = np.exp(tapped.logits - tapped.logits.max())
    return Ranking(
        label=session.classes[tapped.classes[0]],
        contributions=contributions,
        strengths=strengths,
        maps=as_tiles(layer, tapped.activations, shown, pixels),
        top=_top(session, shifted / shifted.sum()),
    )


@torch.inference_mode()
def switched_off(
    session: Session, pixels: np.ndarray, layer: str, channels: Collection[int], instead: np.ndarray | None = None
) -> np.ndarray:
    """The logits when these channels of a layer give the same everywhere.

    Args:
        session: the model; nothing of its network is changed.
        pixels: what it sees, crop×crop×3 uint8.
        layer: dotted name.
        channels: numbers of its channels.
        instead: C, what each channel gives when it is off; without it, nothing.

    Raises:
        NetworkError: there is no such layer or channel, or the layer has no maps.
    """
    network = session.network

    def silence(_module: torch.nn.Module, _inputs: object, output: object) -> object:
        axis = channel_axis(output, network) if isinstance(output, torch.Tensor) else None
        if axis is None:
            raise NetworkError(f"The layer {layer} gives no maps.", remedy="Choose an earlier layer.")
        assert isinstance(output, torch.Tensor)
        if any(not 0 <= channel < output.shape[axis] for channel in channels):
            raise NetworkError(f"The layer {layer} has the channels 0 to {output.shape[axis] - 1}.")
        kept = torch.ones(output.shape[axis])
        kept[list(channels)] = 0
        places = [1] * output.ndim
        places[axis] = -1
        silent = output * kept.view(places)
        return silent if instead is None else silent + ((1 - kept) * torch.from_numpy(instead)).view(places)

    with session.lock:
        handle = submodule(network, layer).register_forward_hook(silence)
        try:
            logits: np.ndarray = network(to_input(pixels[None], session.preprocess).contiguous())[0].numpy().copy()
        finally:
            handle.remove()
    return logits


def without(
    session: Session, pixels: np.ndarray, layer: str, channels: Collection[int], instead: np.ndarray | None = None
) -> tuple[ClassScore, ...]:
    """Every class, the most likely first, with channels switched off; see ``switched_off``."""
    logits = switched_off(session, pixels, layer, channels, instead)
    shifted = np.exp(logits - logits.max())
    return _top(session, shifted / shifted.sum(), len(session.classes))


def _number_of(session: Session, label: str) -> int:
    if label not in session.classes:
        raise NetworkError(
            f"The network knows no class called {label}.", remedy=f"Its classes: {', '.join(session.classes[:20])}."
        )
    return session.classes.index(label)


def _top(session: Session, probabilities: np.ndarray, count: int = _SHOWN) -> tuple[ClassScore, ...]:
    best = np.argsort(-probabilities, kind="stable")[:count].tolist()
    return tuple(ClassScore(session.classes[each], float(probabilities[each])) for each in best)
