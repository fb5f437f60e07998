"""Batch norm and ReLU folded into the convolutions before them, for networks that only predict."""

import copy

import torch
from torch import fx, nn
from torch.fx.experimental.optimization import fuse
from torch.nn import functional


class ConvReLU(nn.Module):
    """A convolution and the ReLU after it in one pass over memory, by oneDNN; the result is bit-equal to both."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias
        self._geometry = (list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """N×C×H×W to N×C'×H'×W', not negative."""
        return torch.ops.mkldnn._convolution_pointwise(inputs, self.weight, self.bias, *self._geometry, "relu", [], "")


def fused(network: nn.Module, device: torch.device) -> nn.Module:
    """A copy in eval mode, fused as far as torch.fx can follow the network; unfused it is right too, only slower."""
    network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
    try:
        traced = fuse(network)
    except Exception:  # noqa: BLE001 - fx raises many types on networks it cannot trace
        return network
    if isinstance(traced, fx.GraphModule) and device.type == "cpu" and torch.backends.mkldnn.is_available():
        _fuse_relu(traced)
    return traced


def _fuse_relu(network: fx.GraphModule) -> None:
    modules = dict(network.named_modules())
    for node in list(network.graph.nodes):
        source = node.args[0] if node.args else None
        if not (_is_relu(node, modules) and isinstance(source, fx.Node) and len(source.users) == 1):
            continue
        conv = modules.get(str(source.target)) if source.op == "call_module" else None
        if isinstance(conv, nn.Conv2d) and conv.padding_mode == "zeros" and not isinstance(conv.padding, str):
            network.set_submodule(str(source.target), ConvReLU(conv))
            node.replace_all_uses_with(source)
            network.graph.erase_node(node)
    network.recompile()


def _is_relu(node: fx.Node, modules: dict[str, nn.Module]) -> bool:
    if node.op == "call_module":
        return isinstance(modules[str(node.target)], nn.ReLU)
    return node.op == "call_function" and node.target in (torch.relu, functional.relu)
