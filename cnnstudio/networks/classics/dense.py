"""DenseNet for small pictures (Huang et al. 2016, "Densely Connected Convolutional Networks")."""

from collections import OrderedDict

import torch
from torch import nn

_GROWTH = 12
_LAYERS = 12
_BLOCKS = 3
_STEM = 16


class _Layer(nn.Sequential):
    """Adds ``growth`` maps to those it is given."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__(
            nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, growth, 3, padding=1, bias=False)
        )  # fmt: skip

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = nn.Sequential.forward(self, maps)  # type: ignore[no-untyped-call]
        return torch.cat([maps, added], 1)


class DenseNetSmall(nn.Module):
    """``features`` N×C×H×W to maps, averaged over the picture, ``classifier`` to logits N×classes."""

    def __init__(self, features: nn.Sequential, width: int, classes: int) -> None:
        super().__init__()
        self.features = features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(width, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images N×C×H×W to logits N×classes."""
        logits: torch.Tensor = self.classifier(self.pool(self.features(images)).flatten(1))
        return logits


def densenet_small(classes: int, channels: int, _size: int) -> nn.Module:
    """DenseNet-40 with growth rate 12: three blocks of twelve layers, without bottlenecks; 3×32×32."""
    parts: OrderedDict[str, nn.Module] = OrderedDict(conv0=nn.Conv2d(channels, _STEM, 3, padding=1, bias=False))
    width = _STEM
    for block in range(1, _BLOCKS + 1):
        parts[f"denseblock{block}"] = nn.Sequential(
            *(_Layer(width + number * _GROWTH, _GROWTH) for number in range(_LAYERS))
        )
        width += _LAYERS * _GROWTH
        if block < _BLOCKS:
            parts[f"transition{block}"] = nn.Sequential(
                nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 1, bias=False), nn.AvgPool2d(2)
            )
    parts["norm"] = nn.BatchNorm2d(width)
    parts["relu"] = nn.ReLU()
    return DenseNetSmall(nn.Sequential(parts), width, classes)
