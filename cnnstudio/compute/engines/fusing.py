"""Batch norm folded into the convolutions before it, for networks that only predict."""

import copy

from torch import nn
from torch.fx.experimental.optimization import fuse


def fused(network: nn.Module) -> nn.Module:
    """A copy in eval mode, fused as far as torch.fx can follow the network; unfused it is right too, only slower."""
    network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
    try:
        return fuse(network)
    except Exception:  # noqa: BLE001 - fx raises many types on networks it cannot trace
        return network
