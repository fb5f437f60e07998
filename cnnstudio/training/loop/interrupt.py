"""Stopping in the middle of a step: one of a large network takes seconds, and people wait for a second at most."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from cnnstudio.core.control import Control


@contextmanager
def stoppable(network: nn.Module, control: Control) -> Iterator[None]:
    """While open, a stop is also looked for at every layer, on the way forward and on the way back.

    What the step did so far is lost, and so is the epoch: a stop goes back to the end of the last one anyway.
    """

    def on_output(_module: nn.Module, _inputs: object, output: object) -> None:
        control.check()
        if isinstance(output, torch.Tensor) and output.requires_grad:
            output.register_hook(lambda _gradient: control.check())

    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(on_output) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
