"""Files that a command writes: what they end in, and that they are none of those that it was given to read."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from cnnstudio.core import StorageError


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
