"""What blocks are made of, as values: PyTorch's layers with their arguments, and four ways to join them. No torch.

Everything else follows from these: the modules that are built, their source, and the arithmetic of ``arithmetic.py``.
"""

from dataclasses import dataclass
from typing import Union

from cnnstudio.networks.blocks.values import Value


@dataclass(frozen=True, slots=True)
class Layer:
    """One module, by its name in Python, such as ``nn.Conv2d``, with its arguments."""

    make: str
    args: tuple[Value, ...] = ()
    options: tuple[tuple[str, Value], ...] = ()

    def option(self, name: str, default: int) -> int:
        """A whole number among the options."""
        return int(dict(self.options).get(name, default))


@dataclass(frozen=True, slots=True)
class Chain:
    """One after the other: ``nn.Sequential``."""

    parts: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Residual:
    """``relu(main(x) + shortcut(x))``; an empty shortcut hands x on as it is."""

    main: Chain
    shortcut: Chain = Chain()


@dataclass(frozen=True, slots=True)
class Dense:
    """Each layer's maps are put beside those that it was given."""

    layers: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """All see the same maps, and what they give is put side by side."""

    branches: tuple[Chain, ...]


Part = Union[Layer, Chain, Residual, Dense, Branches]  # noqa: UP007 - one of them is named by a string above


def layer(make: str, *args: Value, **options: Value) -> Layer:
    """A module of ``torch.nn``, or one of ours with its whole name; options that are PyTorch's default are left out."""
    usual = _USUAL.get(make, {})
    told = tuple((name, value) for name, value in options.items() if usual.get(name) != value)
    return Layer(make if make in OURS else f"nn.{make}", args, told)


def chain(*parts: Part) -> Chain:
    """These one after the other."""
    return Chain(parts)


OURS = ("SqueezeExcitation", "SpatialAttention", "StochasticPool2d")
"""Single modules that torch.nn lacks."""
_USUAL: dict[str, dict[str, Value]] = {
    "Conv2d": {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": True},
    "Linear": {"bias": True},
    "MaxPool2d": {"padding": 0},
    "AvgPool2d": {"padding": 0},
    "StochasticPool2d": {"padding": 0},
}
