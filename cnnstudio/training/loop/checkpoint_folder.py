"""The checkpoints of a run, which survive a kill at any moment: ``last`` and ``best``, and the one before each.

What an epoch leaves is written in one order: ``best``, the epoch's line in the run's log, ``last``. It counts once
``last`` is there. Until then the training goes on from the epoch before, whose best is still there as
``previous-best``, and whoever goes on forgets the line.
"""

import copy
import logging
import math
import os
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from cnnstudio.core import (
    CheckpointDamaged,
    CheckpointSaved,
    Event,
    Problem,
    StorageError,
    Warned,
    atomic,
    storage_error,
)
from cnnstudio.runs import History
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
    """None yet, where it is empty."""
    world: World = ALONE
    """Only its first process reads and writes."""
    seconds_between: float = 0.0
    """An epoch that ends sooner after the last write is not written at once."""
    log: History | None = None
    """Of the run, whose lines are on disk before ``last`` speaks of their epochs."""
    _waiting: dict[_Kind, Checkpoint] = field(default_factory=dict)
    """What is not written yet, and what the disk refused."""
    _newest: Checkpoint | None = None
    """What was read and is not taken yet."""
    _best: Checkpoint | None = None
    """What was read, as long as no better one was saved."""
    _written: float = -math.inf
    _refused: bool = False
    """Whether the disk refused the last time; said once."""

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

    @property
    def previous_best(self) -> Path:
        """The best before it, to which ``last`` or ``previous`` may still refer."""
        return self.folder / "previous-best.pt"

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
            self._waiting["best"], self._best = checkpoint.as_best, None
        if at_once or time.monotonic() - self._written >= self.seconds_between:
            yield from self.write()
        else:  # the next steps change these tensors in place
            self._waiting = copy.deepcopy(self._waiting)

    def write(self) -> Generator[Event, None, None]:
        """Bring what waits to disk. What the disk refuses waits on; the training goes on, and that is said once.

        Raises:
            RunError: the run's folder was moved or deleted.
        """
        self._written = time.monotonic()
        if not self.world.is_first:
            self._waiting.clear()
            return
        if self.log is not None:
            self.log.check()
        try:
            for kind in _ORDER:
                if kind not in self._waiting:
                    continue
                path, before = (self.best, self.previous_best) if kind == "best" else (self.last, self.previous)
                if kind == "last" and self.log is not None:
                    self.log.flush()
                self.folder.mkdir(exist_ok=True)
                _keep(path, before)
                size = write_checkpoint(path, self._waiting[kind])
                del self._waiting[kind]
                yield CheckpointSaved(kind=kind, path=str(path), bytes=size)
        except (StorageError, OSError) as error:
            self._waiting = copy.deepcopy(self._waiting)
            problem = error.problem if isinstance(error, StorageError) else storage_error(self.folder, error).problem
            if not self._refused:
                meaning = "The training continues, and what could not be saved is saved as soon as that is possible."
                yield Warned(problem=replace(problem, meaning=meaning))
            self._refused = True
            return
        if self._refused:
            self._refused = False
            yield Warned(problem=Problem(kind="storage", title="Everything is saved now."))

    def newest(self) -> Checkpoint | None:
        """Where the training stands; None before it was saved for the first time. The file is read once.

        Raises:
            CheckpointDamaged: there are files, and none of them is whole.
            NewerFormat: a newer version wrote them.
        """
        if self._newest is None and self.folder != Path():
            self._newest = self.world.from_first(self._find_newest() if self.world.is_first else None)
        return self._newest

    def take_newest(self) -> Checkpoint | None:
        """As ``newest``, and it is kept in memory no longer."""
        found, self._newest = self.newest(), None
        return found

    def settle(self) -> Generator[Event, None, None]:
        """Have the best epoch at hand that the newest checkpoint refers to.

        After a kill in the middle of a save that is the one before. Where it is lost or damaged, the newest takes its
        place, which is said.

        Raises:
            CheckpointDamaged, NewerFormat: as ``newest``.
        """
        found = self.newest()
        if found is None or not self.world.is_first or not found.state.has_best:
            return
        for path in (self.best, self.previous_best):
            with suppress(CheckpointDamaged, FileNotFoundError):
                best = read_checkpoint(path)
                if best.state.epoch == found.state.best_epoch:
                    self._best = best
                    if path != self.best:
                        with suppress(OSError, StorageError):
                            _keep(path, self.best)
                    return
        self._best = self._waiting["best"] = copy.deepcopy(found.as_best)
        if found.state.best_epoch != found.state.epoch:
            lost, state = found.state.best_epoch, found.state
            state.best_epoch, state.best_validation, state.best_train = state.epoch, None, None
            yield Warned(problem=_best_lost(lost, state.epoch))

    def load_best(self) -> Checkpoint:
        """The best checkpoint.

        Raises:
            CheckpointDamaged: checksum or content are wrong.
            NewerFormat: a newer version wrote it.
            FileNotFoundError: there is none.
        """
        if "best" in self._waiting:
            return self._waiting["best"]
        try:
            return self._best or read_checkpoint(self.best)
        except (CheckpointDamaged, FileNotFoundError):
            with suppress(CheckpointDamaged, FileNotFoundError):
                return read_checkpoint(self.previous_best)
            raise

    def one_before(self) -> Checkpoint | None:
        """What ``previous`` holds, for when the newest is whole and yet of no use."""
        with suppress(CheckpointDamaged, FileNotFoundError):
            return self.world.from_first(read_checkpoint(self.previous) if self.world.is_first else None)
        return None

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


def _keep(path: Path, before: Path) -> None:
    """Make ``before`` another name of the file that ``path`` is now, at no cost in bytes."""
    if not (path.is_file() and atomic.checksum_path(path).is_file()):
        return
    link = atomic.hidden_beside(before)
    try:
        os.link(path, link)
    except OSError as error:  # a file system without hard links, such as a USB stick's: do without
        log.info("no checkpoint before %s: %r", path.name, error)
        return
    try:
        atomic.announce(before, [*atomic.announced(path), *atomic.announced(before)])
        link.replace(before)
    finally:
        link.unlink(missing_ok=True)


def _best_lost(epoch: int, instead: int) -> Problem:
    return Problem(
        kind="checkpoint",
        title=f"The weights of the best epoch, {epoch}, are damaged.",
        meaning=f"Epoch {instead}, the last one that is whole, takes their place until a later one is better.",
    )
