"""The output of a layer as grey pictures, strongest channels first; also as one picture file."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from cnnstudio.compute.engines import to_input
from cnnstudio.core import NetworkError, write_atomically
from cnnstudio.inference.results import FeatureMaps, ModelInfo
from cnnstudio.inference.session import Session, read_pixels_once
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
    return as_tiles(layer, maps, order, pixels)


def as_tiles(
    layer: str,
    maps: np.ndarray,
    channels: np.ndarray,
    pixels: np.ndarray,
    scale: tuple[np.ndarray, np.ndarray] | None = None,
) -> FeatureMaps:
    """Some channels of C×H×W as grey pictures, each over its own range or over a given one (lowest, highest)."""
    chosen = maps[channels]
    low, high = scale or (chosen.min((1, 2)), chosen.max((1, 2)))
    span = np.where(high > low, high - low, 1)[:, None, None]
    tiles = np.round(255 * np.clip((chosen - low[:, None, None]) / span, 0, 1)).astype(np.uint8)
    return FeatureMaps(
        layer=layer,
        shape=maps.shape,
        tiles=tiles,
        channels=tuple(channels.tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        total_channels=len(maps),
        input_image=pixels,
    )


@contextmanager
def capture(network: torch.nn.Module, layer: str) -> Iterator[list[torch.Tensor]]:
    """Collect a layer's outputs, as copies: an in-place ReLU that follows would change them.

    Raises:
        NetworkError: the network has no such layer.
    """
    try:
        module = network.get_submodule(layer)
    except AttributeError as error:
        raise NetworkError(
            f"The network has no layer called {layer}.", remedy="List the layers with: cnnstudio maps MODEL PICTURE."
        ) from error
    taken: list[torch.Tensor] = []

    def hook(_module: torch.nn.Module, _inputs: object, output: object) -> None:
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


_MIN_TILE, _GAP, _CAPTION = 96, 6, 14


def draw_sheet(maps: FeatureMaps, path: Path) -> None:
    """Write a PNG: the network's view of the picture, then the maps with their channel numbers.

    Raises:
        StorageError: it cannot be written.
    """
    count, height, width = maps.tiles.shape
    scale = max(1, math.ceil(_MIN_TILE / max(height, width)))
    tile = (width * scale, height * scale)
    columns = math.ceil(math.sqrt(count + 1))
    rows = math.ceil((count + 1) / columns)
    cell = (tile[0] + _GAP, tile[1] + _GAP + _CAPTION)
    sheet = Image.new("RGB", (columns * cell[0] + _GAP, rows * cell[1] + _GAP), "white")
    draw = ImageDraw.Draw(sheet)
    pictures = [(Image.fromarray(maps.input_image).resize(tile), "input")]
    pictures += [(_enlarged(m, tile), str(c)) for m, c in zip(maps.tiles, maps.channels, strict=True)]
    for number, (picture, caption) in enumerate(pictures):
        row, column = divmod(number, columns)
        place = (_GAP + column * cell[0], _GAP + row * cell[1])
        sheet.paste(picture, place)
        draw.text((place[0], place[1] + tile[1] + 1), caption, fill=(90, 90, 90))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def _enlarged(pixels: np.ndarray, size: tuple[int, int]) -> Image.Image:
    return Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST).convert("RGB")
