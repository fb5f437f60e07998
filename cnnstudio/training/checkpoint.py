"""Checkpoints that survive a kill at any moment: ``last``, ``previous`` and ``best``, each with a checksum.

They hold what the training changes; frozen weights stay in the file they came from, and the run knows its hash.
"""

import contextlib
import logging
import math
import os
import secrets
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler

from cnnstudio.core.atomic import (
    TEMP_PREFIX,
    checksum_path,
    verify_checksum,
    write_text_atomically,
    write_with_checksum,
)
from cnnstudio.core.codec import from_plain, to_plain
from cnnstudio.core.errors import CheckpointDamaged, FormatError, StorageError, TrainingDiverged
from cnnstudio.core.events import CheckpointSaved, Event, Warned
from cnnstudio.training.state import FitState

log = logging.getLogger(__name__)
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoint folder of one run."""

    folder: Path
    unsaved: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The best checkpoint, kept in memory while the disk refuses it, so that a full disk costs no result."""

    @property
    def last(self) -> Path:
        """The newest finished epoch."""
        return self.folder / "last.pt"

    @property
    def previous(self) -> Path:
        """The one before, should the newest be damaged."""
        return self.folder / "previous.pt"

    @property
    def best(self) -> Path:
        """The best epoch so far."""
        return self.folder / "best.pt"

    def save(
        self, state: FitState, model: nn.Module, optimizer: Any, scheduler: LRScheduler, *, is_best: bool
    ) -> Generator[Event, None, None]:
        """Write ``last``, and ``best`` when it is one. A failed save is a warning; the training goes on.

        Raises:
            TrainingDiverged: the weights are not finite; nothing is written then.
        """
        weights = trained_state(model)
        _refuse_non_finite(weights)
        content = {
            "format": _FORMAT,
            "state": to_plain(state),
            "model": weights,
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        }
        try:
            self._keep_previous()
            yield self._saved("last", self.last, content)
        except StorageError as error:
            yield Warned(problem=error.problem)
        if is_best:
            yield self._save_best({**content, "optimizer": {}, "scheduler": {}})

    def restore(self) -> dict[str, Any] | None:
        """The newest whole checkpoint, or None."""
        for path in (self.last, self.previous):
            with contextlib.suppress(CheckpointDamaged, FileNotFoundError):
                return read_checkpoint(path)
        return None

    def load_best(self) -> dict[str, Any]:
        """The best checkpoint.

        Raises:
            CheckpointDamaged: checksum or content are wrong.
            FileNotFoundError: there is none.
        """
        return self.unsaved.get("best") or read_checkpoint(self.best)

    def _save_best(self, content: dict[str, Any]) -> Event:
        try:
            saved = self._saved("best", self.best, content)
        except StorageError as error:
            self.unsaved["best"] = {**content, "model": {k: v.clone() for k, v in content["model"].items()}}
            return Warned(problem=error.problem)
        self.unsaved.clear()
        return saved

    def _saved(self, kind: Literal["last", "best"], path: Path, content: dict[str, Any]) -> CheckpointSaved:
        size = write_with_checksum(path, lambda file: torch.save(content, file))
        return CheckpointSaved(kind=kind, path=str(path), bytes=size)

    def _keep_previous(self) -> None:
        """Make ``previous`` another name of the file that ``last`` is now, at no cost in bytes."""
        if not (self.last.is_file() and checksum_path(self.last).is_file()):
            return
        link = self.folder / f"{TEMP_PREFIX}{secrets.token_hex(4)}"
        try:
            os.link(self.last, link)
        except OSError as error:  # a file system without hard links, such as a USB stick's: do without `previous`
            log.info("no previous checkpoint: %r", error)
            return
        old = checksum_path(self.previous).read_text().split()[:1] if checksum_path(self.previous).is_file() else []
        digests = [*checksum_path(self.last).read_text().split(), *old]
        write_text_atomically(checksum_path(self.previous), " ".join(digests) + "\n")
        link.replace(self.previous)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content, with ``state`` as a FitState.

    Raises:
        CheckpointDamaged: checksum or content are wrong.
        FileNotFoundError: there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    verify_checksum(path)
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    try:
        if content["format"] > _FORMAT:
            raise CheckpointDamaged(
                f"The checkpoint {path.name} was written by a newer CNN Studio.", remedy="Update CNN Studio."
            )
        return {**content, "state": from_plain(FitState, content["state"], what="checkpoint")}
    except (KeyError, TypeError, FormatError) as error:
        raise CheckpointDamaged(f"The checkpoint {path.name} cannot be read.", details=repr(error)) from error


def trained_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """What the training changes: trainable parameters, and the buffers of modules that are not frozen."""
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    for prefix, module in model.named_modules():
        own = list(module.parameters(recurse=False))
        if own and not any(parameter.requires_grad for parameter in own):
            frozen |= {f"{prefix}.{name}" for name, _ in module.named_buffers(recurse=False)}
    state = model.state_dict()
    return {name: value.detach().cpu() for name, value in state.items() if name not in frozen}


def _refuse_non_finite(weights: dict[str, torch.Tensor]) -> None:
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
