"""Take what a layer gives during a forward pass."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from cnnstudio.core.errors import NetworkError


@contextmanager
def capture(network: nn.Module, layer: str) -> Iterator[list[torch.Tensor]]:
    """Collect a layer's outputs, as copies: an in-place ReLU that follows would change them.

    Raises:
        NetworkError: the network has no such layer.
    """
    try:
        module = network.get_submodule(layer)
    except AttributeError as error:
        raise NetworkError(
            f"The network has no layer called {layer}.", remedy="List the layers with: cnnstudio maps MODEL IMAGE."
        ) from error
    taken: list[torch.Tensor] = []

    def hook(_module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor):
            taken.append(output.detach().clone())

    handle = module.register_forward_hook(hook)
    try:
        yield taken
    finally:
        handle.remove()
