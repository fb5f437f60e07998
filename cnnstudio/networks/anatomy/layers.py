"""What a network is made of, as values. No torch."""

from dataclasses import dataclass

CHAINS = ("Sequential", "Encoder", "AnyStage")
"""Modules whose children follow each other; inside others there may be branches, which a chain cannot show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much of the picture one value of a layer's output sees: its receptive field."""

    height: int
    """In pixels, as if the picture had no edges; may be more than the picture has."""
    width: int
    stride: float
    """Pixels between the centres of neighbouring values."""
    whole: bool = False
    """Whether it sees the whole picture, through pooling, linear layers or attention."""
    context: bool = False
    """Whether channels are also weighed by a summary of the whole picture (squeeze-and-excitation)."""

    def in_words(self) -> str:
        """Such as ``7 × 7 px`` or ``whole picture``."""
        if self.whole:
            return "whole picture"
        return f"{self.height} × {self.width} px" + (" + summary" if self.context else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One module of a network."""

    name: str
    """Dotted path, such as ``layer1.0.conv1``."""
    kind: str
    """Class of the module, such as ``Conv2d``."""
    detail: str = ""
    """Such as ``3×3, stride 2``; empty for modules made of others."""
    output: tuple[int, ...]
    """Shape for one picture, without the batch; empty for layers that only training uses."""
    parameters: int
    """Of it and everything in it."""
    multiplications: int
    """For one picture, of it and everything in it: multiply-adds of convolutions, linear layers and attention."""
    reach: Reach | None
    is_leaf: bool
    in_head: bool
    """Whether it comes after the features, and so is replaced (or added) for new classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """A network, layer by layer, in the order of its modules."""

    network: str
    title: str
    classes: int
    input_size: int
    channels: int
    layers: tuple[Layer, ...]
    """Without the network itself."""
    parameters: int
    multiplications: int
    features: int
    """Length D of the vector that the backbone gives to the head."""

    def children(self, name: str) -> tuple[Layer, ...]:
        """The layers directly in ``name``; the empty name is the network."""
        start = f"{name}." if name else ""
        return tuple(
            layer for layer in self.layers if layer.name.startswith(start) and "." not in layer.name[len(start) :]
        )
