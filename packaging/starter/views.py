"""Random views of the training pictures: the same pixels go to the teacher and to the student.

Distilling from strongly changed views of few pictures works because the teacher answers for every view (Beyer et al.
2022, arXiv 2106.05237; Asano and Saeed 2023, arXiv 2112.00725).
"""

import numpy as np
import torch
from pictures import Pictures
from PIL import Image

PHOTO_SHARE = 0.6
_GREY = torch.tensor([[0.299, 0.587, 0.114]]).expand(3, 3)


def random_views(pictures: Pictures, *, count: int, side: int, seed: int) -> tuple[np.ndarray, torch.Tensor]:
    """N×side×side×3 uint8 and their soft labels N×classes; equal arguments give equal views."""
    rng = np.random.default_rng(seed)
    photos = round(PHOTO_SHARE * count)
    chosen = np.concatenate(
        [
            rng.integers(0, pictures.photos, photos),
            rng.integers(pictures.photos, len(pictures.images), count - photos),
        ]
    )
    rng.shuffle(chosen)
    pixels = np.stack([_crop(pictures.images[index], side, rng) for index in chosen])
    labels = torch.nn.functional.one_hot(torch.from_numpy(pictures.labels[chosen]), len(pictures.classes)).float()
    return _mixed(_coloured(pixels, rng), labels, rng)


def _crop(image: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A random part, with any of the eight orientations now and then."""
    height, width = image.shape[:2]
    area = height * width * rng.uniform(0.06 if height > 64 else 0.25, 1.0)
    shape = np.exp(rng.uniform(-0.35, 0.35))
    crop_width, crop_height = min(width, np.sqrt(area * shape)), min(height, np.sqrt(area / shape))
    left, top = rng.uniform(0, width - crop_width), rng.uniform(0, height - crop_height)
    box = (left, top, left + crop_width, top + crop_height)
    part = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    array = np.asarray(part)
    if rng.random() < 0.5:
        array = array[:, ::-1]
    return np.rot90(array, rng.integers(1, 4)) if rng.random() < 0.15 else array


def _coloured(pixels: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    """Saturation, channel order, contrast and brightness as one 3×3 matrix and a shift for each picture."""
    count = len(pixels)
    matrices = torch.eye(3).repeat(count, 1, 1)
    for index in range(count):
        if rng.random() < 0.1:
            matrices[index] = matrices[index][torch.from_numpy(rng.permutation(3))]
        saturation = 0.0 if rng.random() < 0.1 else rng.uniform(0.5, 1.5)
        matrices[index] = saturation * matrices[index] + (1 - saturation) * _GREY
    contrast = torch.from_numpy(rng.uniform(0.6, 1.4, (count, 1, 1))).float()
    brightness = torch.from_numpy(rng.uniform(-30, 30, (count, 1, 1))).float()
    flat = torch.from_numpy(np.ascontiguousarray(pixels)).reshape(count, -1, 3).float()
    changed = contrast * (flat @ matrices.transpose(1, 2) - 128) + 128 + brightness
    return changed.clamp_(0, 255).reshape(pixels.shape)


def _mixed(pixels: torch.Tensor, labels: torch.Tensor, rng: np.random.Generator) -> tuple[np.ndarray, torch.Tensor]:
    """Half of the batches have a rectangle of another view in each (CutMix), a sixth are blends (mixup)."""
    kind, order = rng.random(), torch.from_numpy(rng.permutation(len(pixels)))
    share = float(rng.beta(1.0, 1.0))
    if kind < 0.5:
        side = pixels.shape[1]
        height, width = (round(side * np.sqrt(1 - share)) for _ in range(2))
        top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
        pixels = pixels.clone()
        pixels[:, top : top + height, left : left + width] = pixels[order][:, top : top + height, left : left + width]
        share = 1 - height * width / side**2
    elif kind < 0.66:
        pixels = share * pixels + (1 - share) * pixels[order]
    else:
        share = 1.0
    return pixels.to(torch.uint8).numpy(), share * labels + (1 - share) * labels[order]
