"""The last layer of every network: find it, replace it, set it, or leave it out.

In every one of them the last linear or convolution layer, in the order of the modules, is the head.
"""

import copy

import torch
from torch import nn

from cnnstudio.core import NetworkError
from cnnstudio.networks.kinds import structure_of

_INITIAL_DEVIATION = 0.01


def head_name(network: nn.Module) -> str:
    """Dotted name of the last layer, such as ``classifier.6``."""
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    if not names:
        raise NetworkError("This network has no last layer that could be replaced.")
    return names[-1]


def head_layer(network: nn.Module) -> nn.Linear | nn.Conv2d:
    """The last layer; a 1×1 convolution in SqueezeNet, else linear."""
    layer = network.get_submodule(head_name(network))
    assert isinstance(layer, nn.Linear | nn.Conv2d)
    return layer


def auxiliary_head_names(network: nn.Module) -> tuple[str, ...]:
    """Dotted names of the last layers of auxiliary heads, if there are any."""
    modules = dict(network.named_modules())
    return tuple(name for name in structure_of(network).auxiliary if name in modules)


def feature_size(network: nn.Module) -> int:
    """Length D of the features that go into the last layer."""
    return _inputs(head_layer(network))


def input_channels(network: nn.Module) -> int:
    """Channels of the pictures that the network takes: 1 for grey, 3 for colour."""
    built: int = getattr(network, "input_channels", 0)  # those of blocks say it, and may have no convolution
    return built or next(module.in_channels for module in network.modules() if isinstance(module, nn.Conv2d))


def output_size(network: nn.Module) -> int:
    """Number of classes."""
    return int(head_layer(network).weight.shape[0])


def replace_head(network: nn.Module, classes: int, *, seed: int = 0) -> None:
    """Put a new last layer with a bias into the network, and into its auxiliary heads; small weights from ``seed``.

    What a family has behind it, such as SqueezeNet's ReLU, which would cut off negative scores, is left out; so the
    head equals a linear layer on pooled features.
    """
    generator = torch.Generator().manual_seed(seed)
    for name in (head_name(network), *auxiliary_head_names(network)):
        old = network.get_submodule(name)
        assert isinstance(old, nn.Linear | nn.Conv2d)
        _set_module(network, name, _new_layer(old, classes, generator))
    if dropped := structure_of(network).dropped:
        _set_module(network, dropped, nn.Identity())


def has_original_head(network: nn.Module) -> bool:
    """Whether the head is built as torchvision builds it, where that differs from what replace_head makes."""
    if dropped := structure_of(network).dropped:
        return not isinstance(network.get_submodule(dropped), nn.Identity)
    return head_layer(network).bias is None


def set_head(network: nn.Module, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Write weight n×D and bias n into the last layer, which must have n outputs already.

    Raises:
        NetworkError: the shapes do not fit.
    """
    layer = head_layer(network)
    if layer.bias is None or bias.shape != layer.bias.shape or weight.numel() != layer.weight.numel():
        raise NetworkError(
            f"A head of shape {tuple(weight.shape)} does not fit a last layer of shape {tuple(layer.weight.shape)}."
        )
    with torch.no_grad():
        layer.weight.copy_(weight.reshape(layer.weight.shape))
        layer.bias.copy_(bias)


def divide_head(network: nn.Module, by: float) -> None:
    """Divide the last layer's weights and bias, so that all answers keep their order and become less sure."""
    layer = head_layer(network)
    with torch.no_grad():
        layer.weight.div_(by)
        if layer.bias is not None:
            layer.bias.div_(by)


def feature_network(network: nn.Module) -> nn.Module:
    """The network without its last layer: images N×3×H×W to features N×D, for eval mode.

    Shares every layer and weight with ``network``, which stays as it is: only the modules on the way to the last layer
    are copied, without their content.
    """
    return _without(network, head_name(network).split("."))


class WithFeatures(nn.Module):
    """What a network with a linear last layer works on and what it answers: images N×3×H×W to N×(D + C) float32.

    Shares every layer and weight with the network, for eval mode.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.body, self.layer = feature_network(network), head_layer(network)
        self.size = _inputs(self.layer)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The D pooled features, then the C logits."""
        features = self.body(images)
        logits = nn.functional.linear(features, self.layer.weight.flatten(1), self.layer.bias)
        return torch.cat([features, logits], 1)


def _without(module: nn.Module, path: list[str]) -> nn.Module:
    """A shallow copy of ``module`` in which the submodule at ``path`` is an Identity."""
    if not path:
        return nn.Identity()
    shallow = copy.copy(module)
    child = module.get_submodule(path[0])
    shallow.__dict__["_modules"] = {**module.__dict__["_modules"], path[0]: _without(child, path[1:])}
    return shallow


def _new_layer(old: nn.Linear | nn.Conv2d, classes: int, generator: torch.Generator) -> nn.Module:
    device, dtype = old.weight.device, old.weight.dtype
    layer: nn.Linear | nn.Conv2d
    with torch.random.fork_rng(devices=[]):  # skip_init loads SymPy
        if isinstance(old, nn.Conv2d):
            layer = nn.Conv2d(old.in_channels, classes, 1, device=device, dtype=dtype)
        else:
            layer = nn.Linear(old.in_features, classes, device=device, dtype=dtype)
    if not layer.weight.is_meta and layer.bias is not None:
        with torch.no_grad():
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * _INITIAL_DEVIATION)
            layer.bias.zero_()
    return layer


def _set_module(network: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(network.get_submodule(parent), child, module)


def _inputs(layer: nn.Linear | nn.Conv2d) -> int:
    return layer.in_channels if isinstance(layer, nn.Conv2d) else layer.in_features
