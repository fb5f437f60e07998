"""What was found out about a run's network, in a file of the run's folder. No torch."""

from contextlib import suppress
from typing import Protocol, TypeVar

from cnnstudio.core import FormatError, codec
from cnnstudio.runs import Run


class Finding(Protocol):
    """A dataclass that says what network it is about."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the network."""

    @property
    def best_epoch(self) -> int:
        """That the network is of."""

    @property
    def epochs(self) -> int:
        """That were done then."""


T = TypeVar("T", bound=Finding)


def keep(run: Run, name: str, found: Finding) -> None:
    """Write it.

    Raises:
        RunError: the folder was moved or deleted.
        StorageError: it cannot be written.
    """
    run.refuse_if_moved()
    codec.save_json(run.folder / name, found)


def kept(run: Run, name: str, kind: type[T]) -> T | None:
    """Read it; None where it is missing, damaged, or about the network as it was before it was trained on."""
    record = run.record
    with suppress(OSError, FormatError):
        found = codec.load_json(run.folder / name, kind)
        if (found.best_epoch, found.epochs, found.classes) == (record.best_epoch, record.epochs_done, record.classes):
            return found
    return None
