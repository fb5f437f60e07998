"""Checkpoints that survive a kill at any moment: ``last``, ``previous`` and ``best``, each with a checksum.

They hold what the training changes; frozen weights stay in the file they came from, and the run knows its hash.
"""

import contextlib
import copy
import logging
import math
import os
import secrets
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from cnnstudio.core.atomic import (
    TEMP_PREFIX,
    announce,
    announced,
    checksum_path,
    storage_error,
    verify_checksum,
    write_with_checksum,
)
from cnnstudio.core.codec import from_plain, to_plain
from cnnstudio.core.errors import CheckpointDamaged, FormatError, StorageError, TrainingDiverged
from cnnstudio.core.events import CheckpointSaved, Event, Warned
from cnnstudio.training.loop.distributed import ALONE, World
from cnnstudio.training.loop.state import FitState

log = logging.getLogger(__name__)
_FORMAT = 1
SECONDS_BETWEEN = 1.0
"""For a head, whose epochs take milliseconds: a kill costs at most this much of it, and no epoch of other trainings."""

Kind = Literal["last", "best"]
Content = dict[str, Any]


@dataclass(slots=True)
class Checkpoints:
    """The checkpoint folder of one run."""

    folder: Path
    world: World = ALONE
    """Only its first process writes."""
    seconds_between: float = 0.0
    """An epoch that ends sooner after the last write is not written at once."""
    _waiting: dict[Kind, Content] = field(default_factory=dict)
    """What is not written yet, and what the disk refused."""
    _written: float = -math.inf

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
        self, state: FitState, content: Content, best: Mapping[str, torch.Tensor] | None, *, at_once: bool
    ) -> Generator[Event, None, None]:
        """Write ``last``, and ``best`` where its weights are given. A failed save is a warning; the training goes on.

        Args:
            state: where the training stands.
            content: weights, optimiser and schedule.
            best: weights, when this is the best epoch so far.
            at_once: whether it has to be on disk when this returns.

        Raises:
            TrainingDiverged: the weights are not finite; nothing is written then.
        """
        _refuse_non_finite(content["model"])
        header = {"format": _FORMAT, "state": to_plain(state)}
        self._waiting["last"] = {**header, **content}
        if best is not None:
            self._waiting["best"] = {**header, "model": best}
        if at_once or time.monotonic() - self._written >= self.seconds_between:
            yield from self.write()
        else:  # the next steps change these tensors in place
            self._waiting = copy.deepcopy(self._waiting)

    def write(self) -> Generator[Event, None, None]:
        """Bring what waits to disk."""
        self._written = time.monotonic()
        if not self.world.is_first:
            self._waiting.clear()
            return
        targets: tuple[tuple[Kind, Path], ...] = (("last", self.last), ("best", self.best))
        for kind, path in targets:
            if kind not in self._waiting:
                continue
            content = self._waiting[kind]
            try:
                if kind == "last":
                    self._keep_previous()
                size = write_with_checksum(path, partial(torch.save, content))
            except StorageError as error:
                self._waiting[kind] = copy.deepcopy(content)
                yield Warned(problem=error.problem)
                continue
            del self._waiting[kind]
            yield CheckpointSaved(kind=kind, path=str(path), bytes=size)

    def restore(self) -> Content | None:
        """The newest whole checkpoint, or None."""
        if "last" in self._waiting:
            return _opened(copy.deepcopy(self._waiting["last"]), self.last)
        for path in (self.last, self.previous):
            with contextlib.suppress(CheckpointDamaged, FileNotFoundError):
                return read_checkpoint(path)
        return None

    def load_best(self) -> Content:
        """The best checkpoint.

        Raises:
            CheckpointDamaged: checksum or content are wrong.
            FileNotFoundError: there is none.
        """
        if "best" in self._waiting:
            return _opened(self._waiting["best"], self.best)
        return read_checkpoint(self.best)

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
        try:
            announce(self.previous, [*announced(self.last), *announced(self.previous)])
            link.replace(self.previous)
        except OSError as error:
            raise storage_error(self.folder, error) from error
        finally:
            link.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content, with ``state`` as a FitState.

    Raises:
        CheckpointDamaged: checksum or content are wrong.
        FileNotFoundError: there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    verify_checksum(path)
    return _opened(torch.load(path, map_location="cpu", weights_only=True), path)


def trained_names(model: nn.Module) -> frozenset[str]:
    """What a training changes: trainable parameters, and the buffers of modules that are not frozen."""
    frozen = {name for name, parameter in model.named_parameters() if not parameter.requires_grad}
    for prefix, module in model.named_modules():
        own = list(module.parameters(recurse=False))
        if own and not any(parameter.requires_grad for parameter in own):
            frozen |= {f"{prefix}.{name}" for name, _ in module.named_buffers(recurse=False)}
    return frozenset(name for name in model.state_dict() if name not in frozen)


def _opened(content: Content, path: Path) -> Content:
    try:
        if content["format"] > _FORMAT:
            raise CheckpointDamaged(
                f"The checkpoint {path.name} was written by a newer CNN Studio.", remedy="Update CNN Studio."
            )
        return {**content, "state": from_plain(FitState, content["state"], what="checkpoint")}
    except (KeyError, TypeError, FormatError) as error:
        raise CheckpointDamaged(f"The checkpoint {path.name} cannot be read.", details=repr(error)) from error


def _refuse_non_finite(weights: Mapping[str, torch.Tensor]) -> None:
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
