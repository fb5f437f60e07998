"""ResNet-18 for small pictures, with attention in its blocks if wanted."""

from functools import partial
from typing import Any

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

_REDUCTION = 16


class SqueezeExcitation(nn.Module):
    """Weighs channels by what the whole picture shows (Hu et al. 2017, "Squeeze-and-Excitation Networks")."""

    def __init__(self, channels: int, reduction: int = _REDUCTION) -> None:
        super().__init__()
        self.gate = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to maps of the same shape."""
        return maps * self.gate(maps.mean((2, 3)))[:, :, None, None]


class SpatialAttention(nn.Module):
    """Weighs places by a convolution over mean and maximum of the channels (Woo et al. 2018, "CBAM")."""

    def __init__(self, kernel: int = 7) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to maps of the same shape."""
        summary = torch.cat([maps.mean(1, keepdim=True), maps.amax(1, keepdim=True)], 1)
        return maps * self.conv(summary).sigmoid()


class AttentiveBlock(BasicBlock):
    """A residual block whose branch passes through attention before it is added."""

    def __init__(self, *args: Any, squeeze: bool, spatial: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        width = self.conv2.out_channels
        parts = ([SqueezeExcitation(width)] if squeeze else []) + ([SpatialAttention()] if spatial else [])
        norm: nn.Module = self.bn2  # type: ignore[has-type]
        self.bn2 = nn.Sequential(norm, *parts)


def resnet18_small(
    classes: int, channels: int, _size: int, *, squeeze: bool = False, spatial: bool = False
) -> nn.Module:
    """ResNet-18 as He et al. 2015 changed it for CIFAR: a 3×3 stem without pooling; 3×32×32.

    Args:
        classes: outputs.
        channels: of the input.
        squeeze: squeeze-and-excitation in every block.
        spatial: spatial attention in every block, behind the former.
    """
    attention = partial(AttentiveBlock, squeeze=squeeze, spatial=spatial)
    attention.expansion = 1  # type: ignore[attr-defined]  # ResNet asks its block for it
    block: Any = attention if squeeze or spatial else BasicBlock
    network = ResNet(block, [2, 2, 2, 2], num_classes=classes)
    network.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
    network.maxpool = nn.Identity()
    return network
