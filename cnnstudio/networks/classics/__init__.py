"""Small networks that are trained from scratch: the ones textbooks and tutorials use. All take any input size.

Every one has a ``features`` part (N×C×H×W to maps) and a last linear layer, as torchvision's have, so that the rest of
the product needs to know nothing about them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from cnnstudio.networks.classics.attentive import resnet18_small
from cnnstudio.networks.classics.dense import densenet_small
from cnnstudio.networks.classics.plain import batchnorm_cnn, lenet5, simple_cnn, tiny_cnn, vgg_small
from cnnstudio.networks.classics.pooled import cifar_cnn, gap_cnn


@dataclass(frozen=True, slots=True, kw_only=True)
class Classic:
    """A small network: how it is called, and how it is built."""

    title: str
    build: Callable[[int, int, int], nn.Module]
    """From classes, channels of the input, and its side in pixels."""
    input_size: int = 32
    """Side of the input it was made for, in pixels."""
    min_size: int = 16
    channels: int = 3
    """Of the input it was made for: 1 is grey, 3 is colour."""
    fixed: bool = False
    """Whether its linear layers are made for one input size, so that the weights fit no other."""


CLASSICS: dict[str, Classic] = {
    "lenet5": Classic(title="LeNet-5", build=lenet5, channels=1, fixed=True),
    "tiny_cnn": Classic(title="TinyCNN", build=tiny_cnn, fixed=True),
    "batchnorm_cnn": Classic(title="BatchNorm CNN", build=batchnorm_cnn, fixed=True),
    "simple_cnn": Classic(title="Simple CNN", build=simple_cnn, fixed=True),
    "gap_cnn": Classic(title="GAP CNN", build=gap_cnn),
    "cifar_cnn": Classic(title="CIFAR CNN", build=cifar_cnn),
    "resnet18_small": Classic(title="ResNet-18 for 32 px", build=resnet18_small),
    "resnet18_small_se": Classic(
        title="ResNet-18 for 32 px, squeeze-and-excitation",
        build=partial(resnet18_small, squeeze=True),
    ),
    "resnet18_small_sa": Classic(
        title="ResNet-18 for 32 px, spatial attention", build=partial(resnet18_small, spatial=True)
    ),
    "resnet18_small_se_sa": Classic(
        title="ResNet-18 for 32 px, both attentions",
        build=partial(resnet18_small, squeeze=True, spatial=True),
    ),
    "densenet40_small": Classic(title="DenseNet-40 for 32 px", build=densenet_small),
} | {
    f"vgg{depth}{'_bn' if norm else ''}_small": Classic(
        title=f"VGG-{depth} for 32 px{' with batch norm' if norm else ''}",
        build=partial(vgg_small, depth=depth, norm=norm),
        min_size=32,
        fixed=True,
    )
    for depth in (11, 16, 19)
    for norm in (False, True)
}
"""By name. Parameters with 10 classes are in the tests, which hold them against the literature."""
