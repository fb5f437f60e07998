"""Files that a command writes: what they end in, that none of them is one that it was given to read, and a stop."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnstudio.core import StopRequested, StorageError


def ending(suffix: str) -> Callable[[str], Path]:
    """Reads the name of a file of one kind; any other is wrong usage, since it would not hold what its name says."""

    def read(text: str) -> Path:
        if Path(text).suffix.lower() != suffix:
            raise argparse.ArgumentTypeError(f"its name has to end in {suffix}, not {Path(text).name[:40]!r}")
        return Path(text)

    return read


def keep_apart(out: Path | None, given: Iterable[Path]) -> None:
    """Refuse to write over what is read: a person's picture is not there a second time.

    Raises:
        StorageError: they are one file, by whatever name.
    """
    for path in given:
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise StorageError(
                f"{out} is the picture itself, and would be written over.", remedy="Give another name to write to."
            )


@contextmanager
def whole_or_nothing() -> Iterator[None]:
    """Around what is put in place once it is whole: after a stop, people are told that nothing was."""
    try:
        yield
    except StopRequested as stop:
        raise StopRequested("Nothing was written.") from stop
