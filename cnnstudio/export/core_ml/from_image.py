"""A network behind what Core ML hands over: a picture as 1×3×H×W float32, from 0 to 255."""

import torch
from torch import nn
from typing_extensions import override

from cnnstudio.compute.engines import FromPixels
from cnnstudio.data import PreprocessSpec


class FromImage(nn.Module):
    """Gives probabilities."""

    def __init__(self, network: nn.Module, spec: PreprocessSpec) -> None:
        super().__init__()
        self.whole = FromPixels(network, spec)

    @override
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.whole(images.permute(0, 2, 3, 1)).softmax(1)
