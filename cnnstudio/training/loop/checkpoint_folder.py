"""The checkpoints of a run, which survive a kill at any moment: ``last``, ``previous`` and ``best``."""

import copy
import logging
import math
import os
import secrets
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cnnstudio.core import CheckpointDamaged, CheckpointSaved, Event, StorageError, Warned, atomic
from cnnstudio.training.loop.checkpoint import Checkpoint, read_checkpoint, refuse_non_finite, write_checkpoint
from cnnstudio.training.loop.distributed import ALONE, World

log = logging.getLogger(__name__)
SECONDS_BETWEEN = 1.0
"""For a head, whose epochs take milliseconds: a kill costs at most this much of it, and no epoch of other trainings."""

_Kind = Literal["best", "last"]
_ORDER: tuple[_Kind, ...] = ("best", "last")


@dataclass(slots=True)
class Checkpoints:
    """The checkpoint folder of one run."""

    folder: Path = Path()
    world: World = ALONE
    """Only its first process reads and writes."""
    seconds_between: float = 0.0
    """An epoch that ends sooner after the last write is not written at once."""
    _waiting: dict[_Kind, Checkpoint] = field(default_factory=dict)
    """What is not written yet, and what the disk refused."""
    _newest: Checkpoint | None = None
    """What was read and is not taken yet."""
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

    def save(self, checkpoint: Checkpoint, *, is_best: bool, at_once: bool) -> Generator[Event, None, None]:
        """Write ``last``, and perhaps ``best``. A failed save is a warning; the training goes on.

        Args:
            checkpoint: where the training stands.
            is_best: whether this is the best epoch so far.
            at_once: whether it has to be on disk when this returns.

        Raises:
            TrainingDiverged: the weights are not finite; nothing is written then.
        """
        refuse_non_finite(checkpoint.model)
        self._newest = None
        self._waiting["last"] = checkpoint
        if is_best:
            self._waiting["best"] = checkpoint.as_best
        if at_once or time.monotonic() - self._written >= self.seconds_between:
            yield from self.write()
        else:  # the next steps change these tensors in place
            self._waiting = copy.deepcopy(self._waiting)

    def write(self) -> Generator[Event, None, None]:
        """Bring what waits to disk: ``best`` first, so that ``last`` never speaks of a best epoch that is not there."""
        self._written = time.monotonic()
        if not self.world.is_first:
            self._waiting.clear()
            return
        for kind in _ORDER:
            if kind not in self._waiting:
                continue
            path = self.folder / f"{kind}.pt"
            try:
                if kind == "last":
                    self._keep_previous()
                size = write_checkpoint(path, self._waiting[kind])
            except StorageError as error:
                self._waiting = copy.deepcopy(self._waiting)
                yield Warned(problem=error.problem)
                return
            del self._waiting[kind]
            yield CheckpointSaved(kind=kind, path=str(path), bytes=size)

    def newest(self) -> Checkpoint | None:
        """Where the training stands; None before it was saved for the first time. The file is read once.

        Raises:
            CheckpointDamaged: there are files, and none of them is whole.
            NewerFormat: a newer version wrote them.
        """
        if self._newest is None:
            self._newest = self.world.from_first(self._find_newest() if self.world.is_first else None)
        return self._newest

    def take_newest(self) -> Checkpoint | None:
        """As ``newest``, and it is kept in memory no longer."""
        found, self._newest = self.newest(), None
        return found

    def load_best(self) -> Checkpoint:
        """The best checkpoint.

        Raises:
            CheckpointDamaged: checksum or content are wrong.
            NewerFormat: a newer version wrote it.
            FileNotFoundError: there is none.
        """
        return self._waiting["best"] if "best" in self._waiting else read_checkpoint(self.best)

    def _find_newest(self) -> Checkpoint | None:
        if "last" in self._waiting:
            return copy.deepcopy(self._waiting["last"])
        damage = None
        for path in (self.last, self.previous):
            try:
                return read_checkpoint(path)
            except FileNotFoundError:
                continue
            except CheckpointDamaged as error:
                damage = error
        if damage is not None:
            raise damage
        return None

    def _keep_previous(self) -> None:
        """Make ``previous`` another name of the file that ``last`` is now, at no cost in bytes."""
        if not (self.last.is_file() and atomic.checksum_path(self.last).is_file()):
            return
        link = self.folder / f"{atomic.TEMP_PREFIX}{secrets.token_hex(4)}"
        try:
            os.link(self.last, link)
        except OSError as error:  # a file system without hard links, such as a USB stick's: do without `previous`
            log.info("no previous checkpoint: %r", error)
            return
        try:
            atomic.announce(self.previous, [*atomic.announced(self.last), *atomic.announced(self.previous)])
            link.replace(self.previous)
        except OSError as error:
            raise atomic.storage_error(self.folder, error) from error
        finally:
            link.unlink(missing_ok=True)
