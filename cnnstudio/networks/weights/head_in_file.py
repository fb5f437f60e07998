"""What a weights file has in the place of a network's last layer: one linear layer, several layers, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

_OF_LAYERS = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a network in a file."""

    weight: torch.Tensor | None = None
    """n×D or n×D×1×1, of the one linear layer that is all there is; None where there is none, or more than that."""
    bias: torch.Tensor | None = None
    names: tuple[str, ...] = ()
    """What the file has there, by its own names."""

    @property
    def outputs(self) -> int:
        """Of the one linear layer; 0 without it."""
        return 0 if self.weight is None else int(self.weight.shape[0])


def find_head(spare: Mapping[str, torch.Tensor], place: str, prefix: str, inputs: int) -> Head:
    """The head among the tensors that are no part of a network below its last layer.

    A linear layer is taken for it where it alone takes the network's features, has no other layers beside it, and
    nothing goes on from its outputs: with anything else between, its answers would not be the file's.

    Args:
        spare: flat names with their tensors.
        place: where the network has its own, as the beginning of a name; layers there are the head, or in its place.
        prefix: of the network's names.
        inputs: features D that go into the last layer.
    """
    layers = [name for name, value in spare.items() if is_layer(name, value)]
    here = tuple(name for name in layers if name.startswith(place))
    weights = [name for name in layers if name.endswith("weight")]
    taking = [name for name in weights if _takes(spare[name], inputs)]
    if len(taking) != 1:
        return Head(names=here or tuple(taking))
    weight = spare[taking[0]]
    bias_name = f"{taking[0].removesuffix('weight')}bias"
    around = here or tuple(name for name in layers if part_of(name, prefix) == part_of(taking[0], prefix))
    going_on = [name for name in weights if name != taking[0] and _takes(spare[name], weight.shape[0])]
    going_on += _before(spare, layers, prefix, inputs) if taking[0] not in here else []
    if set(around) - {taking[0], bias_name} or going_on or taking[0] not in around:
        return Head(names=tuple(dict.fromkeys((*around, taking[0], *going_on))))
    bias = spare.get(bias_name)
    return Head(weight=weight, bias=bias, names=around)


def is_layer(name: str, value: torch.Tensor) -> bool:
    """Whether a tensor takes part in what a network computes, and is no counter, observer or statistic beside it."""
    return value.ndim == 4 or (value.ndim > 0 and name.rpartition(".")[2] in _OF_LAYERS)


def part_of(name: str, prefix: str) -> str:
    """The part beside a network that a tensor belongs to: ``model.head.0`` for ``model.backbone.`` → ``model.head``."""
    parts, others = name.split("."), prefix.split(".")
    shared = next((depth for depth, part in enumerate(parts) if others[depth : depth + 1] != [part]), len(parts))
    return ".".join(parts[: shared + 1])


def _before(spare: Mapping[str, torch.Tensor], layers: list[str], prefix: str, inputs: int) -> list[str]:
    """What changes the features on their way to the last layer, as a normalisation does; in no network of its own."""
    others = {part_of(name, prefix) for name in layers if spare[name].ndim == 4}
    sides = [name for name in layers if part_of(name, prefix) not in others]
    norms = {
        name.rpartition(".")[0]
        for name in sides
        if name.endswith(("running_mean", "weight")) and spare[name].shape == (inputs,)
    }
    return [name for name in sides if name.rpartition(".")[0] in norms]


def _takes(value: torch.Tensor, inputs: int) -> bool:
    """Whether a layer maps so many values linearly: a matrix, or a 1×1 convolution."""
    return value.ndim in (2, 4) and value.shape[1] == inputs and value.shape[2:].numel() == 1
