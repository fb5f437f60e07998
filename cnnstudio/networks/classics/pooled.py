"""Blocks of convolution, batch norm and ReLU, then global average pooling (Lin et al. 2013): any input size fits."""

import itertools
from collections.abc import Callable

import torch
from torch import nn


class PooledCNN(nn.Module):
    """``features`` N×C×H×W to maps, averaged over the picture, ``classifier`` to logits N×classes."""

    def __init__(self, features: nn.Sequential, width: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.features = features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, classes)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images N×C×H×W to logits N×classes."""
        logits: torch.Tensor = self.classifier(self.pool(self.features(images)).flatten(1))
        return logits


def gap_cnn(classes: int, channels: int, _size: int) -> nn.Module:
    """Blocks of 32, 32 / 64, 64 / 128 channels; whole maps are dropped after the first two; 3×32×32."""
    blocks = nn.Sequential(
        _block((channels, 32, 32), nn.Dropout2d), _block((32, 64, 64), nn.Dropout2d), _block((64, 128), None)
    )
    return PooledCNN(blocks, 128, 256, classes)


def cifar_cnn(classes: int, channels: int, _size: int) -> nn.Module:
    """Blocks of 64, 64 / 128, 128 / 256, 256 channels with dropout after each; 3×32×32."""
    blocks = nn.Sequential(
        _block((channels, 64, 64), nn.Dropout),
        _block((64, 128, 128), nn.Dropout),
        _block((128, 256, 256), nn.Dropout),
    )
    return PooledCNN(blocks, 256, 512, classes)


def _block(widths: tuple[int, ...], drop: Callable[[float], nn.Module] | None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
    layers.append(nn.MaxPool2d(2))
    if drop is not None:
        layers.append(drop(0.25))
    return nn.Sequential(*layers)
