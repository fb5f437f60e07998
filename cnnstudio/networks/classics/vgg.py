"""VGG for small pictures: torchvision's convolutions, a classifier sized for the maps that are left."""

from torch import nn
from torchvision.models.vgg import cfgs, make_layers

from cnnstudio.networks.classics.plain import PlainCNN

_CONFIGURATION = {11: "A", 16: "D", 19: "E"}
_WIDTH = 512


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
