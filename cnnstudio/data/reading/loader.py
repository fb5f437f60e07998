"""Pictures to the pixels a network sees; pixel-identical to torchvision's preset.

They are read in threads (``ahead.py``) and not in worker processes: Pillow releases the GIL while it decodes and
resizes, and threads need no second import of torch, no spawn and no pickling. While they fit, decoded pictures are kept
(``decoded.py``), so that from the second epoch on nothing is decoded again.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from cnnstudio.core import DatasetError, ImageError, counted
from cnnstudio.data.dataset import AugmentSpec, PreprocessSpec, Sample
from cnnstudio.data.reading import changing
from cnnstudio.data.reading.image_reader import read_image, read_reduced
from cnnstudio.data.reading.reduced import Box, Reduced

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}
_LONGEST, _FULL_BEND = 4 / 3, 0.35
"""Of a random crop: the longest shape, and the strength that has it."""
_TRIES = 10
VERSION = 2
"""Of what is made of a picture: features that were kept under another one are computed anew."""


def resize_and_crop(
    image: Image.Image, spec: PreprocessSpec, change: Callable[[Image.Image], Image.Image] | None = None
) -> np.ndarray:
    """The centre crop of the resized picture, crop×crop×3 uint8.

    Follows ``torchvision.transforms._presets.ImageClassification`` on a PIL picture, rounding rules included.

    Args:
        image: in mode RGB.
        spec: sizes.
        change: what is done to the resized picture before it is cropped.
    """
    image = resized(image, spec)
    return _centre_crop(change(image) if change else image, spec.crop)


def resized(image: Image.Image, spec: PreprocessSpec) -> Image.Image:
    """As large as it is when it is cropped; a picture that is that large stays as it is."""
    size = _resized(image.size, spec.resize)
    return image if size == image.size else image.resize(size, _RESAMPLING[spec.interpolation])


def crop_and_resize(picture: Reduced, spec: PreprocessSpec) -> np.ndarray:
    """``resize_and_crop`` in one step: only the pixels of the crop are computed.

    Where the picture has all its pixels, values differ by 1 of 255; where a JPEG was decoded at a part of its size, by
    0.1 to 0.4 in the mean and by 5 at most, on photographs enlarged to sizes from 1,440 to 3,072 px.
    """
    size, side = _resized(picture.full, spec.resize), spec.crop
    if min(size) < side:
        return _centre_crop(picture.image.resize(size, _RESAMPLING[spec.interpolation], box=picture.box), side)
    left, top = round((size[0] - side) / 2.0), round((size[1] - side) / 2.0)
    crop = left / size[0], top / size[1], (left + side) / size[0], (top + side) / size[1]
    box = _within(picture.box, crop)
    return np.asarray(picture.image.resize((side, side), _RESAMPLING[spec.interpolation], box=box))


def _within(box: Box, part: Box) -> Box:
    """A part of a box, given in shares of its sides."""
    left, top, width, height = box[0], box[1], box[2] - box[0], box[3] - box[1]
    return left + part[0] * width, top + part[1] * height, left + part[2] * width, top + part[3] * height


def augment(picture: Reduced, spec: PreprocessSpec, changes: AugmentSpec, rng: np.random.Generator) -> np.ndarray:
    """A randomly changed view, crop×crop×3 uint8; everything random comes from ``rng``.

    Rotation, then a random crop of a random shape (Szegedy et al. 2014), mirror, brightness, contrast, saturation,
    and at last what makes a bad picture, each as much as is drawn for it.
    Without a random crop it is the crop of ``resize_and_crop``.
    """
    angle = rng.uniform(-1, 1) * changes.rotate_degrees
    if angle:
        picture = replace(picture, image=changing.turned(picture.image, angle))
    if changes.crop > 0:
        box, side = _within(picture.box, random_box(picture.full, changes.crop, rng)), spec.crop
        view = picture.image.resize((side, side), _RESAMPLING[spec.interpolation], box=box, reducing_gap=2.0)
    else:
        view = Image.fromarray(crop_and_resize(picture, spec))
    if rng.random() < 0.5 and changes.flip:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        factor = 1 + rng.uniform(-1, 1) * changes.colour
        if factor != 1:
            view = enhance(view).enhance(factor)
    return np.asarray(_worsened(view, changes, rng))


def _worsened(view: Image.Image, changes: AugmentSpec, rng: np.random.Generator) -> Image.Image:
    """Nothing is drawn for what is off, so that earlier recipes go on with the numbers that they had."""
    if changes.shrink:
        view = changing.smaller(view, rng.uniform(0, changes.shrink))
    if changes.blur:
        view = changing.blurred(view, rng.uniform(0, changes.blur))
    if changes.noise:
        view = changing.noisy(view, rng.uniform(0, changes.noise), rng)
    if changes.compression:
        view = changing.compressed(view, 100 * (1 - rng.uniform(0, changes.compression)))
    return view


def random_box(size: tuple[int, int], strength: float, rng: np.random.Generator) -> Box:
    """A random part of a picture, which is then made square; left, top, right and bottom in shares of its sides.

    As torchvision's RandomResizedCrop: drawn again until it fits, so that neither area nor shape leave their bounds.
    What is longer than the bounds is measured by its largest part within them, at whichever place, where torchvision
    would always take the same one from the middle.

    Args:
        size: width and height of the picture.
        strength: the area is at least ``1 - strength``; shapes go from 3:4 to 4:3, below 0.35 from nearer to 1:1.
        rng: of the picture.
    """
    width, height = size
    bend = math.log(_LONGEST) * min(1.0, strength / _FULL_BEND)
    widest, highest = min(width, height * math.exp(bend)), min(height, width * math.exp(bend))
    part = widest, highest
    for _ in range(_TRIES):
        area, ratio = widest * highest * rng.uniform(1 - strength, 1), math.exp(rng.uniform(-bend, bend))
        drawn = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if drawn[0] <= width and drawn[1] <= height:
            part = drawn
            break
    left, top = rng.uniform(0, width - part[0]), rng.uniform(0, height - part[1])
    return left / width, top / height, min(1.0, (left + part[0]) / width), min(1.0, (top + part[1]) / height)


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


def side_for_training(spec: PreprocessSpec, changes: AugmentSpec | None) -> int:
    """Shorter side that a random crop can be taken from without enlarging it, in pixels."""
    kept = 1 - (changes.crop if changes else 0.0)
    return max(spec.resize, math.ceil(spec.crop / math.sqrt(max(kept, 0.05))))


Decode = Callable[[Path], Reduced]
MAX_FAILED_SHARE = 0.05
MIN_FAILED = 10


@dataclass(slots=True)
class Skips:
    """Pictures that could not be read during a training: left out and counted, until they are too many."""

    total: int
    """Pictures in the dataset."""
    failed: dict[str, str] = field(default_factory=dict)
    """Reason by path."""

    def add(self, error: ImageError, sample: Sample) -> bool:
        """Count a picture once; True when it is a new one.

        Raises:
            DatasetError: more than 5 % of the pictures (and more than ten) could not be read.
        """
        new = str(sample.path) not in self.failed
        self.failed[str(sample.path)] = error.problem.title
        if len(self.failed) > max(MIN_FAILED, MAX_FAILED_SHARE * self.total):
            raise DatasetError(
                f"{len(self.failed):,} of {counted(self.total, 'picture')} can no longer be read.",
                meaning="Perhaps the drive they are on was disconnected. What was finished is kept.",
                remedy="Check the folder, then try again or resume the run.",
                details="\n".join(f"{path}: {reason}" for path, reason in self.failed.items()),
            )
        return new


def read_for_evaluation(sample: Sample, spec: PreprocessSpec) -> np.ndarray | ImageError:
    """The pixels the network sees of a picture, crop×crop×3 uint8, or why it could not be read."""
    return _try_twice(lambda: resize_and_crop(read_image(sample.path, spec.levels), spec))


def read_fast(sample: Sample, spec: PreprocessSpec, decode: Decode | None = None) -> np.ndarray | ImageError:
    """Nearly the pixels of ``read_for_evaluation`` in a fraction of the time, for what chooses and never reports."""
    decode = decode or (lambda path: read_reduced(path, spec.resize, spec.levels))
    return _try_twice(lambda: crop_and_resize(decode(sample.path), spec))


def read_for_training(
    sample: Sample, spec: PreprocessSpec, changes: AugmentSpec, seed: Sequence[int], decode: Decode | None = None
) -> np.ndarray | ImageError:
    """An augmented view, crop×crop×3 uint8.

    Args:
        sample: the picture.
        spec: size and normalisation.
        changes: what may be changed, and how much.
        seed: (recipe seed, epoch, index of the sample), so that neither the number of threads nor a resume changes
            what is drawn.
        decode: reads a picture with enough pixels; by default from its file.
    """
    decode = decode or (lambda path: read_reduced(path, side_for_training(spec, changes), spec.levels))
    return _try_twice(lambda: augment(decode(sample.path), spec, changes, np.random.default_rng(list(seed))))


def _try_twice(read: Callable[[], np.ndarray]) -> np.ndarray | ImageError:
    """A network drive may hiccup once; an error that stays comes back as a value, since threads must not die of it."""
    for _ in range(2):
        try:
            return read()
        except ImageError as error:
            reason = error
    return reason
