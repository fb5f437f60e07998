"""What pictures are, whatever they are called and wherever they lie: a hash of each file's bytes."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cnnstudio.core import Control
from cnnstudio.data.checks.facts import load_facts


def contents_of(root: Path, names: Sequence[str], control: Control) -> list[str]:
    """32 hexadecimal digits for each file, as a scan knows them or read now; empty for one that cannot be read.

    Args:
        root: the folder of pictures.
        names: relative to it, with forward slashes.
        control: asked for a stop.

    Raises:
        StopRequested: a stop was asked for.
    """
    table = load_facts(root, names).table
    known = [
        content.tobytes().hex() if good else "" for content, good in zip(table["content"], table["good"], strict=True)
    ]
    for row, found in enumerate(known):
        if not found:
            control.check()
            with suppress(OSError):
                known[row] = _digest(root / names[row])
    return known


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
