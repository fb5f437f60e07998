"""What passes a layer, and how each of its values moves the answers: an own hook, which leaves nothing behind."""

from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from cnnstudio.compute.engines import to_input
from cnnstudio.core import NetworkError
from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import as_maps


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """The output of a layer for one picture, and the gradients of some answers with respect to it."""

    activations: np.ndarray
    """C×H×W float32."""
    classes: tuple[int, ...]
    """K of them, by number."""
    gradients: np.ndarray
    """K×C×H×W float32, of their logits."""
    logits: np.ndarray
    """All of them, float32."""
    without: np.ndarray | None
    """All of them when the layer gives nothing but zeros, which is what an exact sum leaves out; where asked for."""


def tap(session: Session, pixels: np.ndarray, layer: str, classes: Sequence[int], *, without: bool = False) -> Tapped:
    """One forward pass and the short way back to a layer.

    Args:
        session: the model; nothing of its network is changed, whatever happens.
        pixels: crop×crop×3 uint8.
        layer: dotted name.
        classes: by number; without any, the answer and the runner-up.
        without: whether to compute the answers without the layer, too; for layers that all that follows hangs on.

    Raises:
        NetworkError: there is no such layer, or its output has no place for pictures.
    """
    network = session.network
    inputs = to_input(pixels[None], session.preprocess).contiguous()
    with session.lock, torch.no_grad(), ExitStack() as hooks:
        leaf = hooks.enter_context(_cut(network, layer, without=without))
        logits = network(inputs)
        if not leaf:
            raise NetworkError(f"The layer {layer} is not used for predictions.", remedy="Choose another layer.")
        asked = tuple(classes) or tuple(logits[0].topk(min(2, logits.shape[1])).indices.tolist())
        rows = [torch.autograd.grad(logits[0, number], leaf[0], retain_graph=True)[0] for number in asked]
    maps = as_maps(leaf[0].detach(), network)
    if maps is None:
        raise NetworkError(
            f"The layer {layer} gives no maps.",
            meaning="Its output is a list of numbers without a place in the picture.",
            remedy="Choose an earlier layer.",
        )
    gradients = [placed[0] for row in rows if (placed := as_maps(row, network)) is not None]
    return Tapped(
        activations=maps[0].numpy().astype(np.float32),
        classes=asked,
        gradients=torch.stack(gradients).numpy(),
        logits=logits[0].detach().numpy().copy(),
        without=logits[1].detach().numpy().copy() if without else None,
    )


@contextmanager
def _cut(network: nn.Module, layer: str, *, without: bool) -> Iterator[list[torch.Tensor]]:
    """Everything up to a layer is a constant, and what follows sees its output, and one of zeros where wanted.

    A clone is passed on, since an in-place ReLU may follow; nothing before the layer is differentiated. Call it with
    gradients off: they are on from the layer to the end of the network, and whoever leaves turns them off.
    """
    module = submodule(network, layer)
    leaf: list[torch.Tensor] = []

    def cut(_module: nn.Module, _inputs: object, output: object) -> object:
        if not isinstance(output, torch.Tensor) or leaf:
            return output
        torch.set_grad_enabled(True)
        leaf.append(output.detach().requires_grad_())
        copy = leaf[0].clone()
        return torch.cat([copy, torch.zeros_like(output)]) if without else copy

    with _hooked([(module, cut), *_norms(network, leaf)]):
        yield leaf


@contextmanager
def traced(network: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, torch.Tensor]]:
    """Collect the outputs of some layers, each with a graph from there to the answers; call it with gradients off.

    The first of them is a constant, as in ``tap``, and so is any other that does not hang on an earlier one.

    Raises:
        NetworkError: there is no such layer.
    """
    found: dict[str, torch.Tensor] = {}

    def keep(name: str, output: object) -> object:
        if not isinstance(output, torch.Tensor) or name in found:
            return output
        torch.set_grad_enabled(True)
        found[name] = output if output.requires_grad else output.detach().requires_grad_()
        return found[name].clone()

    hooks: list[_Hook] = [(submodule(network, name), partial(_named, keep, name)) for name in layers]
    with _hooked([*hooks, *_norms(network, found)]):
        yield found


_Hook = tuple[nn.Module, Callable[..., object]]


def _named(
    keep: Callable[[str, object], object], name: str, _module: object, _inputs: object, output: object
) -> object:
    return keep(name, output)


def _norms(network: nn.Module, caught: Sized) -> list[_Hook]:
    """Layer norms behind what was caught are held, see ``_held``."""
    return [
        (norm, lambda m, inputs, output: _held(m, inputs[0], output, behind=bool(len(caught))))
        for norm in network.modules()
        if isinstance(norm, nn.LayerNorm)
    ]


@contextmanager
def _hooked(hooks: Sequence[_Hook]) -> Iterator[None]:
    handles = [module.register_forward_hook(hook) for module, hook in hooks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _held(norm: nn.LayerNorm, values: torch.Tensor, output: torch.Tensor, *, behind: bool) -> torch.Tensor:
    """A layer norm on pooled features with its deviation as a constant.

    What it gives does not depend on the size of its input, so that all contributions to it add up to nothing;
    with the deviation of this picture held, they add up to the answer.
    """
    pooled = values.ndim == 2 or (values.ndim == 4 and values[0].numel() == norm.weight.numel())
    if not (behind and pooled and torch.is_grad_enabled()):
        return output
    flat = values.flatten(1)
    spread = (flat.var(1, keepdim=True, unbiased=False) + norm.eps).sqrt().detach()
    centred = (flat - flat.mean(1, keepdim=True)) / spread
    return (centred * norm.weight.flatten() + norm.bias.flatten()).reshape(output.shape)


def submodule(network: nn.Module, layer: str) -> nn.Module:
    """A layer by its dotted name.

    Raises:
        NetworkError: the network has no such layer.
    """
    try:
        return network.get_submodule(layer)
    except AttributeError as error:
        raise NetworkError(
            f"The network has no layer called {layer}.", remedy="List the layers with: cnnstudio maps MODEL PICTURE."
        ) from error
