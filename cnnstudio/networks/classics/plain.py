"""Convolutions, then linear layers on the flattened maps: LeNet-5, the tutorials' first networks, VGG for 32 px."""

import itertools

import torch
from torch import nn
from torchvision.models.vgg import cfgs, make_layers

_CONFIGURATION = {11: "A", 16: "D", 19: "E"}
_WIDTH = 512


class PlainCNN(nn.Module):
    """``features`` N×C×H×W to maps, flattened, ``classifier`` to logits N×classes."""

    def __init__(self, features: nn.Sequential, classifier: nn.Sequential, image_size: int) -> None:
        super().__init__()
        self.image_size = image_size
        """Side of the input in pixels; the linear layers fit no other."""
        self.features = features
        self.classifier = classifier

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images N×C×H×W to logits N×classes."""
        logits: torch.Tensor = self.classifier(self.features(images).flatten(1))
        return logits


def lenet5(classes: int, channels: int, size: int) -> nn.Module:
    """LeCun et al. 1998, "Gradient-based learning applied to document recognition"; 1×32×32.

    As taught today: average pooling without weights of its own, and a linear layer in place of the radial basis.
    """
    features = nn.Sequential(
        nn.Conv2d(channels, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2)
    )  # fmt: skip
    side = ((size - 4) // 2 - 4) // 2
    classifier = nn.Sequential(
        nn.Linear(16 * side * side, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, classes)
    )
    return PlainCNN(features, classifier, size)


def tiny_cnn(classes: int, channels: int, size: int) -> nn.Module:
    """Two convolutions and one linear layer; 3×32×32."""
    return PlainCNN(_blocks((channels, 32, 64)), nn.Sequential(nn.Linear(64 * (size // 4) ** 2, classes)), size)


def batchnorm_cnn(classes: int, channels: int, size: int) -> nn.Module:
    """TinyCNN with batch normalisation after each convolution (Ioffe & Szegedy 2015); 3×32×32."""
    features = _blocks((channels, 32, 64), norm=True)
    return PlainCNN(features, nn.Sequential(nn.Linear(64 * (size // 4) ** 2, classes)), size)


def simple_cnn(classes: int, channels: int, size: int) -> nn.Module:
    """Three convolutions, a hidden linear layer and dropout; 3×32×32."""
    classifier = nn.Sequential(
        nn.Linear(128 * (size // 8) ** 2, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, classes)
    )
    return PlainCNN(_blocks((channels, 32, 64, 128)), classifier, size)


def vgg_small(classes: int, channels: int, size: int, *, depth: int, norm: bool) -> nn.Module:
    """Simonyan & Zisserman 2014 with a hidden layer of 512 in place of two of 4096; 3×32×32.

    Args:
        classes: outputs.
        channels: of the input.
        size: side of the input in pixels, at least 32: five poolings halve it.
        depth: 11, 16 or 19 layers with weights in the original.
        norm: batch normalisation after each convolution.
    """
    features = make_layers(cfgs[_CONFIGURATION[depth]], batch_norm=norm)
    features[0] = nn.Conv2d(channels, features[0].out_channels, 3, padding=1)
    for layer in features:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    classifier = nn.Sequential(
        nn.Linear(_WIDTH * (size // 32) ** 2, _WIDTH), nn.ReLU(), nn.Dropout(0.5), nn.Linear(_WIDTH, classes)
    )
    return PlainCNN(features, classifier, size)


def _blocks(widths: tuple[int, ...], *, norm: bool = False) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers.append(nn.Conv2d(before, after, 3, padding=1))
        if norm:
            layers.append(nn.BatchNorm2d(after))
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers)
