"""How values become a picture: the one place that decides what black and white mean. No torch."""

from typing import Literal

import numpy as np
from PIL import Image

from cnnstudio.lab.results import Drawn

View = Literal["auto", "clipped", "signed", "stretched"]
VIEWS: tuple[View, ...] = ("auto", "clipped", "signed", "stretched")
_BALANCED = 1 / 3
"""From this part of the positive values on, negative ones are no accident of sharpening."""
_HUGE, _FLAT = 1e30, 1e-30
"""Beyond the one and below the other, float32 has no room to compute a grey."""
_FEW, _SAMPLED = 0.995, 100_000
_GAP = 2
"""Pixels between the channels of a sheet."""


def planes_of(pixels: np.ndarray, *, grey: bool = False) -> np.ndarray:
    """What operations are applied to: from 0 (black) to 1 (white).

    Args:
        pixels: H×W×3 uint8, or N×H×W×3 of pictures of one size.
        grey: one channel of brightness, as Pillow's mode L has it.

    Returns:
        C×H×W float32, or N×C×H×W.
    """
    if pixels.ndim == 4:
        return np.stack([planes_of(each, grey=grey) for each in pixels])
    if grey:
        pixels = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0), dtype=np.float32) / np.float32(255)


def drawn(planes: np.ndarray, view: View = "auto") -> Drawn:
    """Values as pictures.

    ``clipped`` shows 0 as black and 1 as white, as in the picture one began with, and everything beyond as these;
    ``signed``, for values of both signs, 0 as the grey in the middle and strong ones as black or white; ``stretched``
    the lowest as black and the highest as white. ``auto`` takes the first, or the second where the negative values
    weigh at least a third of the positive ones. One scale for all channels and pictures.

    Args:
        planes: N×C×H×W float32, of any size; what is not finite counts as the largest or smallest that is.
        view: what black and white mean.
    """
    finite, least, most = _finite(planes)
    if view == "auto":
        view = "signed" if least < 0 and _is_balanced(finite) else "clipped"
    low, high = 0.0, 1.0
    if view == "signed":
        high = _strong(finite, max(-least, most))
        low = -high
    elif view == "stretched":
        low, high = least, most
    if high - low < _FLAT:
        low, high = (-1.0, 1.0) if view == "signed" else (0.0, 1.0)
    scaled = (finite - np.float32(low)) * np.float32(255 / (high - low))
    channels = np.rint(np.clip(scaled, 0, 255, out=scaled), out=scaled).astype(np.uint8)
    below = float((finite < low).mean()) if least < low else 0.0
    above = float((finite > high).mean()) if most > high else 0.0
    return Drawn(
        pictures=_pictures(channels),
        channels=channels,
        low=low,
        high=high,
        signed=view == "signed",
        below=below,
        above=above,
        sentence=_sentence((least, most), (low, high), (below, above), view),
    )


def _finite(planes: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Values within what can be told apart, with the lowest and the highest of them."""
    least, most = float(planes.min()), float(planes.max())
    if least >= -_HUGE and most <= _HUGE:
        return planes, least, most
    finite = np.clip(np.nan_to_num(planes, posinf=_HUGE, neginf=-_HUGE), -_HUGE, _HUGE)
    return finite, float(finite.min()), float(finite.max())


def _strong(finite: np.ndarray, largest: float) -> float:
    """What few values exceed, so that single ones do not make all others faint; not far from the largest, either."""
    sizes = np.abs(finite).ravel()
    sizes = sizes[:: max(1, sizes.size // _SAMPLED)]
    place = int(np.ceil(_FEW * sizes.size)) - 1
    return max(float(np.partition(sizes, place)[place]), largest / 8)


def _is_balanced(finite: np.ndarray) -> bool:
    """Whether negative values weigh at least a part of the positive ones."""
    total, size = float(finite.sum(dtype=np.float64)), float(np.abs(finite).sum(dtype=np.float64))
    return size - total >= _BALANCED * (size + total)


def _pictures(channels: np.ndarray) -> np.ndarray:
    count = channels.shape[1]
    if count == 3:
        return np.ascontiguousarray(np.moveaxis(channels, 1, -1))
    if count == 1:
        return np.repeat(channels[:, 0, :, :, None], 3, -1)
    return np.stack([np.repeat(_sheet(each)[..., None], 3, -1) for each in channels])


def _sheet(channels: np.ndarray) -> np.ndarray:
    """All channels in rows, as nearly square as can be: h×w uint8, white between them."""
    count, height, width = channels.shape
    across = int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    sheet = np.full((down * (height + _GAP) - _GAP, across * (width + _GAP) - _GAP), 255, np.uint8)
    for place, channel in enumerate(channels):
        top, left = (place // across) * (height + _GAP), (place % across) * (width + _GAP)
        sheet[top : top + height, left : left + width] = channel
    return sheet


def _sentence(extent: tuple[float, float], scale: tuple[float, float], shares: tuple[float, float], view: View) -> str:
    middle = "Grey is 0, black" if view == "signed" else "Black is"
    black, white = map(_short, scale)
    said = f"Values from {_short(extent[0])} to {_short(extent[1])}. {middle} {black}, white {white}."
    beyond = [f"{_percent(share)} {word}" for share, word in zip(shares, ("below", "above"), strict=True) if share > 0]
    return f"{said[:-1]}; {' and '.join(beyond)} that." if beyond else said


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"
