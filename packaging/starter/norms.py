"""Batch normalisation for networks that have none, only while they are trained."""

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class NormedConv(nn.Module):
    """A convolution and its normalisation."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv, self.norm = conv, nn.BatchNorm2d(conv.out_channels)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """N×C×H×W to N×D×H×W."""
        return self.norm(self.conv(inputs))


def add_norms(network: nn.Module) -> None:
    """Behind every convolution but the last, in place."""
    convs = [(owner, name, layer) for owner in network.modules() for name, layer in owner.named_children()
             if type(layer) is nn.Conv2d]  # fmt: skip
    for owner, name, layer in convs[:-1]:
        setattr(owner, name, NormedConv(layer))


def fold_norms(network: nn.Module) -> None:
    """Into the weights of their convolutions, in place: the network is again what torchvision builds."""
    network.eval()
    for owner in list(network.modules()):
        for name, layer in list(owner.named_children()):
            if isinstance(layer, NormedConv):
                setattr(owner, name, fuse_conv_bn_eval(layer.conv, layer.norm))
