"""What behaves otherwise in training than in eval mode: batch normalisation and dropout. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.lab.operation import Limit, Operation, SettingProblem, Shape, settings

Dims = Literal[1, 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNorm(Operation):
    """Batch normalisation: mean 0 and variance 1, over the batch in training, from what was kept in eval mode."""

    limits: ClassVar[dict[str, Limit]] = {
        "weight": Limit(-10, 10, "The weight"),
        "bias": Limit(-10, 10, "The bias"),
        "momentum": Limit(0, 1, "The momentum"),
        "epsilon": Limit(1e-8, 1, "Epsilon"),
        "batches": Limit(0, 1000, "The number of batches"),
    }
    dims: Dims = 2
    """2: each channel over all its places, as behind convolutions. 1: each value by itself over the pictures of the
    batch, as behind linear layers."""
    training: bool = True
    weight: float = 1.0
    """What the result is multiplied by, of every channel; training would learn it."""
    bias: float = 0.0
    momentum: float = 0.1
    """How much of the running mean and variance each batch replaces."""
    epsilon: float = 1e-5
    batches: int = 10
    """Of these same pictures, that the running mean and variance of eval mode have seen."""

    @property
    def seen(self) -> float:
        """Share of the running mean and variance that comes from the pictures; the rest is still 0 and 1."""
        return 1 - (1 - self.momentum) ** self.batches

    @override
    def in_use(self) -> tuple[str, ...]:
        return ("weight", "bias", "epsilon") if self.training else tuple(self.limits)

    @override
    def problems(self, shape: Shape) -> Iterator[SettingProblem]:
        yield from Operation.problems(self, shape)
        compared = shape.pictures * (shape.height * shape.width if self.dims == 2 else 1)
        if compared < 2 and (self.training or self.batches):
            what = "picture" if self.dims == 1 else "value"
            yield SettingProblem("dims", f"A mean and a variance need more than one {what}; add pictures to the batch.")

    @override
    def after(self, shape: Shape) -> Shape:
        return shape

    @override
    def parameters(self, shape: Shape) -> int:
        return 2 * self.features(shape)

    def features(self, shape: Shape) -> int:
        """Means and variances that are kept."""
        return shape.channels * (shape.height * shape.width if self.dims == 1 else 1)

    @override
    def code(self, shape: Shape) -> str:
        given, axes = ("x", "(0, 2, 3)") if self.dims == 2 else ("x.flatten(1)", "0")
        count = self.features(shape)
        if self.training:
            running = "None, None"
        elif not self.batches:
            running = f"torch.zeros({count}), torch.ones({count})"
        else:
            share = self.seen
            running = f"{given}.mean({axes}) * {share}, {given}.var({axes}) * {share} + {1 - share}"
        scale = "".join(
            f", {name}=torch.full(({count},), {float(value)})"
            for name, value, usual in (("weight", self.weight, 1.0), ("bias", self.bias, 0.0))
            if value != usual
        )
        more = settings(training=(self.training, False), eps=(self.epsilon, 1e-5))
        shaped = "" if self.dims == 2 else ".view_as(x)"
        return f"y = F.batch_norm({given}, {running}{scale}{more}){shaped}"

    @override
    def note(self, least: float, shape: Shape) -> str:
        pictures = counted(shape.pictures, "picture")
        if self.training:
            over = "each channel over all its places" if self.dims == 2 else "each value by itself"
            return f"Mean and variance of {over}, from the {pictures} of this batch."
        if not self.batches:
            return "A new layer in eval mode: its running mean is still 0 and its variance 1; it normalises nothing."
        share = f"{100 * self.seen:.0f} %"
        return f"Running mean and variance after {counted(self.batches, 'batch', 'batches')} of these: {share} theirs."


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropout(Operation):
    """Sets values (1-D) or whole channels (2-D) to 0 by chance while training; in eval mode it does nothing."""

    limits: ClassVar[dict[str, Limit]] = {
        "share": Limit(0, 1, "The share"),
        "seed": Limit(0, 1_000_000, "The seed"),
    }
    dims: Dims = 1
    """1: each value by itself (``nn.Dropout``). 2: whole channels (``nn.Dropout2d``)."""
    share: float = 0.5
    """How likely each is dropped; the others grow by as much, so that the mean stays."""
    training: bool = True
    seed: int = 0
    """Of the draw."""

    @override
    def after(self, shape: Shape) -> Shape:
        return shape

    @override
    def code(self, shape: Shape) -> str:
        function = "dropout" if self.dims == 1 else "dropout2d"
        seeded = f"torch.manual_seed({self.seed}); " if self.training else ""
        return f"{seeded}y = F.{function}(x, p={float(self.share)}, training={self.training})"

    @override
    def note(self, least: float, shape: Shape) -> str:
        if not self.training:
            return "In eval mode dropout does nothing."
        if self.share == 1:
            return "Everything is dropped."
        what = "values" if self.dims == 1 else "channels"
        return f"Those {what} that are left are multiplied by {1 / (1 - self.share):.3g}, so that the mean stays."
