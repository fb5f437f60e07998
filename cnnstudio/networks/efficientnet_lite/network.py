"""EfficientNet-Lite 0, 1 and 2, as their published weights need them.

Tan & Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"; in 2020 the authors left out
squeeze-and-excitation, took ReLU6 in place of Swish, and scaled neither the first nor the last convolution, for phones.

It was trained with TensorFlow, whose batch norm has other constants, and whose *same* padding is not PyTorch's.
"""

import math
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional
from torchvision.ops import StochasticDepth

_STAGES = (
    # expansion, kernel, stride, channels, blocks
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
_FIRST, _LAST = 32, 1280
"""Channels of the convolutions around the stages."""
_WIDTH_STEP = 8
_EPSILON, _MOMENTUM = 1e-3, 0.01
"""Of batch norm; TensorFlow calls this momentum 0.99."""
_DROP_BLOCK = 0.2
"""Probability that the branch of a block is dropped in training, which grows from 0 up to this with the depth."""


class SamePadding(nn.Module):
    """TensorFlow's *same* padding before a convolution with stride 2, so that ceil(side / 2) values come out.

    An even side gets one zero less, and it is missing above and at the left; which it is, each picture tells anew.
    """

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.kernel = kernel

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W with zeros around them."""
        after = self.kernel // 2
        above, left = after - 1 + _odd(maps.shape[-2]), after - 1 + _odd(maps.shape[-1])
        return functional.pad(maps, (left, after, above, after))


def _odd(side: int) -> int:
    """``side % 2`` in a form whose sum with ``side`` cancels, so that torch.export follows sides known as a range."""
    return 2 * ((side + 1) // 2) - side


class ConvNorm(nn.Sequential):
    """Convolution without a bias, batch norm, and ReLU6 unless it is left out."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, activated: bool = True
    ) -> None:
        same = stride == 1  # where PyTorch's padding is TensorFlow's
        padding = kernel // 2 if same else 0
        parts: OrderedDict[str, nn.Module] = OrderedDict() if same else OrderedDict(pad=SamePadding(kernel))
        parts["conv"] = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        parts["norm"] = nn.BatchNorm2d(outputs, eps=_EPSILON, momentum=_MOMENTUM)
        if activated:
            parts["activation"] = nn.ReLU6(inplace=True)
        super().__init__(parts)


class InvertedResidual(nn.Module):
    """Widens the channels, filters each alone, and makes them few again (Sandler et al. 2018, "MobileNetV2")."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int, expansion: int, drop: float) -> None:
        super().__init__()
        width = expansion * inputs
        self.expand = ConvNorm(inputs, width, 1) if expansion != 1 else nn.Identity()
        self.depthwise = ConvNorm(width, width, kernel, stride=stride, groups=width)
        self.project = ConvNorm(width, outputs, 1, activated=False)
        self.drop = StochasticDepth(drop, "row")
        self.adds = stride == 1 and inputs == outputs
        """Whether the input is added to what the branch gives."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to maps of half the side where the stride is 2."""
        branch = self.project(self.depthwise(self.expand(maps)))
        return maps + self.drop(branch) if self.adds else branch


class EfficientNetLite(nn.Module):
    """``features`` N×3×H×W to maps, averaged over the picture, ``classifier`` to logits N×classes; any input size."""

    def __init__(self, classes: int, *, width: float, depth: float, dropout: float) -> None:
        """Build it with fresh weights.

        Args:
            classes: outputs.
            width: by which the stages' channels are multiplied.
            depth: by which their blocks are multiplied.
            dropout: share of the features that is dropped in training.
        """
        super().__init__()
        blocks = _blocks(width, depth)
        parts: OrderedDict[str, nn.Module] = OrderedDict(stem=ConvNorm(3, _FIRST, 3, stride=2))
        inputs = _FIRST
        for number, (expansion, kernel, stride, outputs) in enumerate(blocks):
            drop = _DROP_BLOCK * number / len(blocks)
            parts[f"block{number}"] = InvertedResidual(
                inputs, outputs, kernel, stride=stride, expansion=expansion, drop=drop
            )
            inputs = outputs
        parts["top"] = ConvNorm(inputs, _LAST, 1)
        self.features = nn.Sequential(parts)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(_LAST, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images N×3×H×W to logits N×classes."""
        logits: torch.Tensor = self.classifier(self.pool(self.features(images)).flatten(1))
        return logits


def efficientnet_lite0(num_classes: int = 1000) -> EfficientNetLite:
    """For pictures of 224 px."""
    return EfficientNetLite(num_classes, width=1.0, depth=1.0, dropout=0.2)


def efficientnet_lite1(num_classes: int = 1000) -> EfficientNetLite:
    """For pictures of 240 px."""
    return EfficientNetLite(num_classes, width=1.0, depth=1.1, dropout=0.2)


def efficientnet_lite2(num_classes: int = 1000) -> EfficientNetLite:
    """For pictures of 260 px."""
    return EfficientNetLite(num_classes, width=1.1, depth=1.2, dropout=0.3)


def _blocks(width: float, depth: float) -> list[tuple[int, int, int, int]]:
    """Expansion, kernel, stride and channels of each block; the first and the last stage keep their one block."""
    return [
        (expansion, kernel, stride if number == 0 else 1, _scaled(channels, width))
        for expansion, kernel, stride, channels, blocks in _STAGES
        for number in range(math.ceil(depth * blocks) if blocks > 1 else 1)
    ]


def _scaled(channels: int, width: float) -> int:
    """A multiple of 8 near ``width`` times as many, and at most a tenth below."""
    wanted = width * channels
    nearest = max(_WIDTH_STEP, int(wanted + _WIDTH_STEP / 2) // _WIDTH_STEP * _WIDTH_STEP)
    return nearest if nearest >= 0.9 * wanted else nearest + _WIDTH_STEP
