"""The output of a layer as grey pictures, strongest channels first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnstudio.core.errors import NetworkError
from cnnstudio.data.reading.transforms import to_input
from cnnstudio.inference.predict import read_pixels_once
from cnnstudio.inference.results import FeatureMaps, ModelInfo
from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import as_maps, list_layers, suggested_layer


def describe(session: Session) -> ModelInfo:
    """A model and the layers that can be looked at."""
    with session.lock:
        layers = list_layers(session.network, session.preprocess.crop, session.preprocess.channels)
    return ModelInfo(
        title=session.title,
        network=session.network_name,
        classes=session.classes,
        layers=layers,
        suggested_layer=suggested_layer(layers),
    )


def feature_maps(session: Session, path: Path, layer: str, max_tiles: int = 64) -> FeatureMaps:
    """Feature maps of a picture at a layer.

    Channels are ranked by their mean squared activation; each is stretched over its own range to 0…255.

    Raises:
        ImageError: the picture cannot be read.
        NetworkError: there is no such layer, or its output has no place for pictures.
    """
    pixels = read_pixels_once(session, path)
    maps = _layer_output(session, pixels, layer).numpy()
    energy = np.square(maps).mean((1, 2))
    order = np.argsort(-energy, kind="stable")[:max_tiles]
    chosen = maps[order]
    low, high = chosen.min((1, 2)), chosen.max((1, 2))
    span = np.where(high > low, high - low, 1)[:, None, None]
    tiles = np.round(255 * (chosen - low[:, None, None]) / span).astype(np.uint8)
    return FeatureMaps(
        layer=layer,
        shape=maps.shape,
        tiles=tiles,
        channels=tuple(order.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        total_channels=len(maps),
        input_image=pixels,
    )


@contextmanager
def capture(network: nn.Module, layer: str) -> Iterator[list[torch.Tensor]]:
    """Collect a layer's outputs, as copies: an in-place ReLU that follows would change them.

    Raises:
        NetworkError: the network has no such layer.
    """
    try:
        module = network.get_submodule(layer)
    except AttributeError as error:
        raise NetworkError(
            f"The network has no layer called {layer}.", remedy="List the layers with: cnnstudio maps MODEL IMAGE."
        ) from error
    taken: list[torch.Tensor] = []

    def hook(_module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor):
            taken.append(output.detach().clone())

    handle = module.register_forward_hook(hook)
    try:
        yield taken
    finally:
        handle.remove()


@torch.inference_mode()
def _layer_output(session: Session, pixels: np.ndarray, layer: str) -> torch.Tensor:
    """C×H×W float32."""
    inputs = to_input(pixels[None], session.preprocess)
    with session.lock, capture(session.network, layer) as taken:
        session.network(inputs.contiguous())
    maps = as_maps(taken[0], session.network) if taken else None
    if maps is None:
        raise NetworkError(
            f"The layer {layer} gives no maps.",
            meaning="Its output is a list of numbers without a place in the picture.",
            remedy="Choose an earlier layer.",
        )
    return maps[0].float()
