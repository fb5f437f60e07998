"""From a picture to the pixels a network sees: torch-free, and pixel-identical to torchvision's preset."""

import numpy as np
from PIL import Image, ImageEnhance

from cnnstudio.data.dataset import AugmentSpec, PreprocessSpec

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}


def resize_and_crop(image: Image.Image, spec: PreprocessSpec) -> np.ndarray:
    """The centre crop of the resized picture, crop×crop×3 uint8.

    Follows ``torchvision.transforms._presets.ImageClassification`` on a PIL picture, rounding rules included.
    """
    size = _resized(image.size, spec.resize)
    if size != image.size:
        image = image.resize(size, _RESAMPLING[spec.interpolation])
    return _centre_crop(image, spec.crop)


def crop_and_resize(image: Image.Image, spec: PreprocessSpec) -> np.ndarray:
    """``resize_and_crop`` in one step: only the pixels of the crop are computed. Single values differ by 1 of 255."""
    size, side = _resized(image.size, spec.resize), spec.crop
    if min(size) < side:
        return resize_and_crop(image, spec)
    left, top = round((size[0] - side) / 2.0), round((size[1] - side) / 2.0)
    across, down = image.width / size[0], image.height / size[1]
    box = (left * across, top * down, (left + side) * across, (top + side) * down)
    return np.asarray(image.resize((side, side), _RESAMPLING[spec.interpolation], box=box))


def augment(image: Image.Image, spec: PreprocessSpec, changes: AugmentSpec, rng: np.random.Generator) -> np.ndarray:
    """A randomly changed view, crop×crop×3 uint8; everything random comes from ``rng``.

    Rotation, then a random crop of a random shape (Szegedy et al. 2014), mirror, brightness, contrast, saturation.
    """
    angle = rng.uniform(-1, 1) * changes.rotate_degrees
    if angle:
        image = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=(124, 116, 104))
    box = _random_box(image.size, changes.crop, rng)
    view = image.resize((spec.crop, spec.crop), _RESAMPLING[spec.interpolation], box=box, reducing_gap=2.0)
    if rng.random() < 0.5 and changes.flip:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        factor = 1 + rng.uniform(-1, 1) * changes.colour
        if factor != 1:
            view = enhance(view).enhance(factor)
    return np.asarray(view)


def _resized(size: tuple[int, int], shorter: int) -> tuple[int, int]:
    """Width and height after the shorter side became ``shorter``."""
    width, height = size
    if width <= height:
        return shorter, int(shorter * height / width)
    return int(shorter * width / height), shorter


def _centre_crop(image: Image.Image, side: int) -> np.ndarray:
    """Pads with black where the picture is smaller, as torchvision does."""
    pixels = np.asarray(image)
    height, width = pixels.shape[:2]
    if width < side or height < side:
        left, top = max(0, (side - width) // 2), max(0, (side - height) // 2)
        right, bottom = max(0, (side - width + 1) // 2), max(0, (side - height + 1) // 2)
        pixels = np.pad(pixels, ((top, bottom), (left, right), (0, 0)))
        height, width = pixels.shape[:2]
    top, left = round((height - side) / 2.0), round((width - side) / 2.0)
    return pixels[top : top + side, left : left + side]


def _random_box(size: tuple[int, int], strength: float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """A box with a random share of the area (at least ``1 - strength``) and a shape between 3:4 and 4:3."""
    width, height = size
    area = width * height * rng.uniform(1 - strength, 1)
    bend = np.log(4 / 3) * min(1.0, strength / 0.35)
    ratio = width / height if strength == 0 else float(np.exp(rng.uniform(-bend, bend)))
    box_width = min(width, np.sqrt(area * ratio))
    box_height = min(height, np.sqrt(area / ratio))
    left, top = rng.uniform(0, width - box_width), rng.uniform(0, height - box_height)
    return float(left), float(top), float(left + box_width), float(top + box_height)
