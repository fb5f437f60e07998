"""From pixels to a network's input."""

import numpy as np
import torch

from cnnstudio.data.spec import PreprocessSpec


def to_input(pixels: np.ndarray, spec: PreprocessSpec) -> torch.Tensor:
    """Normalise N×H×W×3 uint8 to N×3×H×W float32 (channels last in memory), or N×1×H×W where ``spec`` is grey.

    Bit-equal to ``convert_image_dtype`` and ``normalize`` of torchvision's preset: same operations, same order; grey
    is Pillow's ``convert("L")``.
    """
    images = torch.from_numpy(np.require(pixels, requirements=["C", "W"])).permute(0, 3, 1, 2)
    if spec.channels == 1:
        images = grey(images)
    images = images.to(torch.float32).div_(255)
    mean, std = (torch.tensor(values, dtype=torch.float32).view(-1, 1, 1) for values in (spec.mean, spec.std))
    return images.sub_(mean).div_(std)


def grey(images: torch.Tensor) -> torch.Tensor:
    """N×3×H×W in [0, 255] to N×1×H×W float32 whole numbers, as Pillow rounds them (ITU-R 601-2 luma)."""
    red, green, blue = images.to(torch.float32).split(1, 1)
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) / 0x10000).floor()  # below 2**24: exact in float32
