"""Crops as pictures: what excites a channel, beside what chance gives."""

from collections.abc import Sequence

import numpy as np

from cnnstudio.core import ImageError, Watch
from cnnstudio.data import Sample
from cnnstudio.data.reading import read_fast
from cnnstudio.inference.session import Session
from cnnstudio.networks import LayerInfo
from cnnstudio.understanding.inside.places import window_of
from cnnstudio.understanding.inside.values import Crop, CropPictures, Excited

_STEPS = 3


def crop_pictures(
    session: Session, excited: Excited, layer: str, channels: Sequence[int], watch: Watch
) -> list[CropPictures]:
    """The crops of some channels of a layer; pictures that cannot be read any more are left out.

    Raises:
        StopRequested: a stop was asked for.
    """
    window = window_of(session, layer)
    reach = window.reach
    side = window.side if window.is_whole or reach is None else max(reach.height, reach.width)
    random = _cut(session, excited.random[layer], watch)
    found = []
    for channel in channels:
        own = excited.crops[layer][channel]
        cut = _cut(session, own, watch)
        found.append(
            CropPictures(
                layer=layer,
                channel=channel,
                side=min(side, window.side),
                exciting=tuple(picture for picture in cut if picture is not None),
                random=tuple(picture for picture in random if picture is not None),
                paths=tuple(crop.path for crop, picture in zip(own, cut, strict=True) if picture is not None),
                silent=channel in excited.silent[layer],
                by=excited.by,
            )
        )
    return found


def three_layers(layers: Sequence[LayerInfo]) -> tuple[str, ...]:
    """Ends of stages from early, the middle and the end: edges, textures, parts; fewer where there are fewer."""
    stages = [layer for layer in layers if layer.is_stage and layer.shape[1] > 1] or list(layers)
    places = sorted({0, (len(stages) - 1) // 2, len(stages) - 1}) if len(stages) >= _STEPS else range(len(stages))
    return tuple(stages[place].name for place in places)


def _cut(session: Session, crops: Sequence[Crop], watch: Watch) -> list[np.ndarray | None]:
    pictures: list[np.ndarray | None] = []
    for crop in crops:
        watch.check()
        left, top, right, bottom = crop.box
        pixels = read_fast(Sample(crop.path, 0, "train"), session.preprocess)  # as they were looked at
        pictures.append(None if isinstance(pixels, ImageError) else pixels[top:bottom, left:right].copy())
    return pictures
