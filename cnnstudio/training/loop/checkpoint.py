"""A checkpoint: what a training has changed, as one value and as a file of it.

Frozen weights stay in the file they came from, and the run knows its hash.
"""

import errno
import math
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, get_args

import torch

from cnnstudio.core import SplitScore, codec, verify_checksum, write_with_checksum
from cnnstudio.core.errors import CheckpointDamaged, FormatError, NewerFormat, TrainingDiverged
from cnnstudio.networks.freezing import BATCH_NORM
from cnnstudio.training.loop.paired import Right, clearly_better
from cnnstudio.training.recipe import Recipe


@dataclass(slots=True, kw_only=True)
class FitState:
    """Counts finished epochs and remembers the best one; travels inside every checkpoint."""

    epoch: int = 0
    """Finished epochs."""
    step: int = 0
    """Finished optimisation steps."""
    seconds: float = 0.0
    best_epoch: int = 0
    """0 is the start, before the first epoch."""
    best_validation: SplitScore | None = None
    best_train: SplitScore | None = None
    """Counted while training, so with augmentation and dropout."""
    lowest_loss: float = float("inf")
    epochs_without_gain: int = 0
    start_right: Right = ()
    """Which validation pictures a trained start recognised; empty where there was none, or it was not kept."""
    rate_scale: float = 1.0
    """One half after a training diverged once."""

    @property
    def has_best(self) -> bool:
        """Whether there is something to predict with: an epoch, or a start that could already predict."""
        return self.best_epoch > 0 or self.best_validation is not None

    def become(self, other: "FitState") -> None:
        """Stand where another state stands."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))

    def finished(self, recipe: Recipe) -> bool:
        """All epochs are done, or patience is used up."""
        return self.epoch >= recipe.epochs or (0 < recipe.patience <= self.epochs_without_gain)

    def close_epoch(
        self,
        train: SplitScore,
        validation: SplitScore | None,
        right: Right = (),
        *,
        newest: bool = False,
        balanced: bool = False,
    ) -> bool:
        """Count an epoch; True when it is the best so far.

        The best has the highest validation accuracy, and of equal ones the lowest loss; where ``balanced``, in both of
        them all classes count alike. A trained start has to be beaten clearly, see ``clearly_better``. Without a
        validation split the newest is the best: nothing honest could choose. Where ``newest``, it is so in any case.
        Patience watches the same loss.
        """
        self.epoch += 1
        if (
            newest
            or validation is None
            or (
                _better(validation, self.best_validation, balanced=balanced)
                and clearly_better(right, self.start_right, balanced=balanced)
            )
        ):
            self.best_epoch, self.best_validation, self.best_train = self.epoch, validation, train
        if validation is not None:
            _, loss = validation.choice_key(balanced=balanced)
            gained = loss < self.lowest_loss
            self.lowest_loss = min(self.lowest_loss, loss)
            self.epochs_without_gain = 0 if gained else self.epochs_without_gain + 1
        return self.best_epoch == self.epoch

    def open_with(self, validation: SplitScore, right: Right = (), *, balanced: bool = False) -> None:
        """Take the start, such as a trained head, as the one to beat."""
        self.start_right = right
        self.best_validation, (_, self.lowest_loss) = validation, validation.choice_key(balanced=balanced)


def _better(new: SplitScore, old: SplitScore | None, *, balanced: bool) -> bool:
    return old is None or new.choice_key(balanced=balanced) < old.choice_key(balanced=balanced)


Part = Literal["head", "network"]
"""What is trained: a linear head on features, or layers of the network itself."""
Weights = Mapping[str, torch.Tensor]
_DAMAGE = (
    FormatError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, EOFError, OSError, OverflowError,
    pickle.UnpicklingError,
)  # fmt: skip
"""What reading a file may raise that is no checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a training has changed, at the end of an epoch."""

    state: FitState
    part: Part
    """Whose weights ``model`` and ``average`` are."""
    model: Weights
    average: Weights = field(default_factory=dict)
    """The running average of ``model``, where there is one."""
    optimizer: codec.Plain = field(default_factory=dict)
    """Empty in ``best``."""
    scheduler: codec.Plain = field(default_factory=dict)
    scaler: codec.Plain = field(default_factory=dict)
    """Of the gradients, in fp16; empty in other precisions."""

    @property
    def as_best(self) -> "Checkpoint":
        """What is predicted with: the average where there is one, and nothing that only training needs."""
        return Checkpoint(state=self.state, part=self.part, model=self.average or self.model)


def _with_part(content: codec.Plain) -> codec.Plain:
    """Version 1 told a head by the names of its weights, and kept of ``best`` nothing but them."""
    is_head = {"linear.weight", "mean"} <= set(content["model"])
    rest: codec.Plain = {"average": {}, "optimizer": {}, "scheduler": {}}
    return {**rest, **content, "part": "head" if is_head else "network"}


def _with_scaler(content: codec.Plain) -> codec.Plain:
    """Up to version 2 a resumed run in fp16 searched for its scale again."""
    return {**content, "scaler": {}}


FORMAT = codec.Format((_with_part, _with_scaler), key="format")


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> int:
    """Write it, with a checksum beside it; returns the size in bytes.

    Raises:
        StorageError: the disk is full, read-only, or the place may not be written to.
    """
    content = {each.name: getattr(checkpoint, each.name) for each in fields(Checkpoint)}
    plain = FORMAT.stamped({**content, "state": codec.to_plain(checkpoint.state)})
    return write_with_checksum(path, lambda file: torch.save(plain, file))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what ``write_checkpoint`` wrote, now or in an earlier version of the format.

    Raises:
        CheckpointDamaged: checksum or content are wrong.
        NewerFormat: a newer version wrote it.
        FileNotFoundError: there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    try:
        verify_checksum(path)
        return _from_plain(FORMAT.upgraded(torch.load(path, map_location="cpu", weights_only=True), path.name))
    except NewerFormat:
        raise
    except _DAMAGE as error:
        raise CheckpointDamaged(
            f"The checkpoint {path.name} cannot be read.",
            meaning="It is damaged, or no checkpoint at all.",
            remedy="Use another checkpoint of the run, or train again.",
            details=repr(error),
        ) from error


def put_weights(model: torch.nn.Module, weights: Weights) -> None:
    """Give a network the weights of a checkpoint; what these leave out stays as it is.

    Raises:
        CheckpointDamaged: they are another network's.
    """
    try:
        foreign = model.load_state_dict(weights, strict=False).unexpected_keys
    except RuntimeError as error:  # other shapes
        raise not_of_this_run(repr(error)) from error
    if foreign:
        raise not_of_this_run(f"unknown weights {', '.join(foreign[:3])}")


def trained_names(model: torch.nn.Module, *, keep_statistics: bool) -> frozenset[str]:
    """What a training changes: trainable parameters, and the buffers of modules that are not frozen.

    Batch norms that keep their statistics have no buffers that change; see ``set_train_mode``.
    """
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    for prefix, module in model.named_modules():
        own = list(module.parameters(recurse=False))
        kept = keep_statistics and isinstance(module, BATCH_NORM)
        if kept or (own and not any(parameter.requires_grad for parameter in own)):
            frozen |= {f"{prefix}.{name}" for name, _ in module.named_buffers(recurse=False)}
    return frozenset(name for name in model.state_dict() if name not in frozen)


def _from_plain(content: codec.Plain) -> Checkpoint:
    """Content of today's version that nobody vouches for.

    Raises:
        FormatError, ValueError: it is not what a checkpoint holds.
    """
    if set(content) != {each.name for each in fields(Checkpoint)} or content["part"] not in get_args(Part):
        raise ValueError(f"it holds {', '.join(map(str, content))}")
    if not all(isinstance(content[name], dict) for name in ("model", "average", "optimizer", "scheduler", "scaler")):
        raise ValueError("a part of it is no table")
    if not all(isinstance(value, torch.Tensor) for name in ("model", "average") for value in content[name].values()):
        raise ValueError("some weights are no tensors")
    return Checkpoint(**{**content, "state": codec.from_plain(FitState, content["state"], what="checkpoint")})


def not_of_this_run(details: str) -> CheckpointDamaged:
    """A whole checkpoint that does not fit, in plain words."""
    return CheckpointDamaged(
        "The checkpoint does not fit this training.",
        meaning="It holds the weights of other layers, or of another network.",
        remedy="Put the run's own checkpoints back, or start a new run.",
        details=details,
    )


def refuse_non_finite(weights: Weights) -> None:
    """Raise TrainingDiverged unless every weight is a number."""
    if all(bool(value.isfinite().all()) for value in weights.values()):
        return
    raise diverged(math.nan)


def diverged(loss: float) -> TrainingDiverged:
    """The loss or the weights are no numbers any more, in plain words."""
    return TrainingDiverged(
        "The training went out of control: its error became infinite.",
        meaning="The learning rate is too high for this network and these pictures. The last good epoch is kept.",
        remedy="Start again with a learning rate ten times smaller.",
        details=f"loss {loss}",
    )
