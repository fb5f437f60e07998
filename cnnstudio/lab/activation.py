"""Activations: every value alone through a curve. No torch."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from typing_extensions import override

from cnnstudio.lab.operation import Limit, Operation, Shape

ActivationKind = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh", "hardswish"]
ACTIVATIONS: dict[ActivationKind, str] = {
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "hardswish": "Hardswish",
}
"""Their titles, by the name of torch's function."""
_LIKE_RELU = ("relu", "leaky_relu", "elu")
"""They leave what is above 0 as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation(Operation):
    """A curve that every value goes through."""

    limits: ClassVar[dict[str, Limit]] = {
        "slope": Limit(0, 1, "The slope below 0"),
        "alpha": Limit(0, 10, "Alpha"),
    }
    kind: ActivationKind = "relu"
    slope: float = 0.01
    """Of a leaky ReLU, for values below 0."""
    alpha: float = 1.0
    """What an ELU falls to, below 0."""

    @property
    def title(self) -> str:
        """As people call it."""
        return ACTIVATIONS[self.kind]

    @override
    def in_use(self) -> tuple[str, ...]:
        return {"leaky_relu": ("slope",), "elu": ("alpha",)}.get(self.kind, ())

    @override
    def after(self, shape: Shape) -> Shape:
        return shape

    @override
    def code(self, shape: Shape) -> str:
        given = {
            "leaky_relu": f", negative_slope={float(self.slope)}",
            "elu": f", alpha={float(self.alpha)}",
        }.get(self.kind, "")
        return f"y = F.{self.kind}(x{given})"

    @override
    def note(self, least: float, shape: Shape) -> str:
        if self.kind in _LIKE_RELU and least >= 0:
            return f"No value is below 0, so that {self.title} changes nothing; try it after an edge kernel."
        return ""
