"""From pixels to a network's input."""

import numpy as np
import torch

from cnnstudio.data.spec import PreprocessSpec


def to_input(pixels: np.ndarray, spec: PreprocessSpec) -> torch.Tensor:
    """Normalise N×H×W×3 uint8 to N×3×H×W float32 (channels last in memory).

    Bit-equal to ``convert_image_dtype`` and ``normalize`` of torchvision's preset: same operations, same order.
    """
    images = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    images = images.to(torch.float32).div_(255)
    mean, std = (torch.tensor(values, dtype=torch.float32).view(3, 1, 1) for values in (spec.mean, spec.std))
    return images.sub_(mean).div_(std)
