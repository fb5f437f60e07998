"""A plan as a network of torch."""

from collections.abc import Callable
from dataclasses import replace

from torch import nn

from cnnstudio.core import NetworkError
from cnnstudio.networks.blocks.findings import stopping
from cnnstudio.networks.blocks.modules import Branches, BuiltNetwork, DenseBlock, ResidualBlock, StochasticPool2d
from cnnstudio.networks.blocks.parts import Chain, Dense, Layer, Part, Residual
from cnnstudio.networks.blocks.standing import is_sized, standing
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.classics.attentive import SpatialAttention, SqueezeExcitation

_OURS: dict[str, Callable[..., nn.Module]] = {
    "SqueezeExcitation": SqueezeExcitation, "SpatialAttention": SpatialAttention, "StochasticPool2d": StochasticPool2d,
}  # fmt: skip


def build(plan: Plan, classes: int, channels: int, size: int) -> nn.Module:
    """The network with fresh weights: He's for convolutions, torch's own for linear layers.

    Each block is one child of ``features`` or ``classifier``; ``standing.module_name`` tells which.

    Args:
        plan: of blocks.
        classes: outputs.
        channels: of the input.
        size: side of the input in pixels.

    Raises:
        NetworkError: it cannot be built like that.
    """
    plan = replace(plan, channels=channels, input_size=size)
    check(plan, classes)
    stood = standing(plan, classes)
    modules, cut = [_built(part) for part in stood.parts], stood.first_of_head
    features, classifier = nn.Sequential(*modules[:cut]), nn.Sequential(*modules[cut:])
    network = BuiltNetwork(features, classifier, channels, size if is_sized(plan) else 0)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


def check(plan: Plan, classes: int | None = None) -> None:
    """Refuse a plan that cannot be built.

    Raises:
        NetworkError: why, with the number of the block.
    """
    found = stopping(plan, classes)
    if found is not None:
        where = f"block {found.place + 1} ({plan.blocks[found.place].kind}): " if found.place is not None else ""
        raise NetworkError(
            f"The network {plan.name} cannot be built for {plan.input_size} × {plan.input_size} pixels: "
            f"{where}{found.sentence}",
            remedy=f"{found.mend}, for instance." if found.mend else "Make it smaller.",
        )


def _built(part: Part) -> nn.Module:
    if isinstance(part, Layer):
        make = _OURS.get(part.make) or getattr(nn, part.make.removeprefix("nn."))
        module: nn.Module = make(*part.args, **dict(part.options))
        return module
    if isinstance(part, Chain):
        return nn.Sequential(*map(_built, part.parts))
    if isinstance(part, Residual):
        return ResidualBlock(_built(part.main), _built(part.shortcut))
    if isinstance(part, Dense):
        return DenseBlock(*map(_built, part.layers))
    return Branches(*map(_built, part.branches))
