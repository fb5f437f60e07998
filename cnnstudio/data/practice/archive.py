"""Read members of an archive one after the other; nothing is ever unpacked to where the archive says."""

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cnnstudio.core.errors import DatasetError

_LARGEST = 200_000_000
"""No file of these datasets is larger; a small archive that claims more is an attack on the disk."""


def members(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Name and content of the regular files whose name is wanted, in the archive's order.

    Raises:
        DatasetError: a member is far too large.
    """
    source = _zipped if archive.suffix == ".zip" else _tarred
    yield from source(archive, wanted)


def texts(archive: Path, *names: str) -> dict[str, str]:
    """Small text files by the end of their name; reads no further than it has to."""
    found: dict[str, str] = {}
    for member, content in members(archive, lambda member: member.endswith(names)):
        found[next(name for name in names if member.endswith(name))] = content.decode("utf-8")
        if len(found) == len(names):
            break
    missing = set(names) - set(found)
    if missing:
        raise DatasetError(f"{archive.name} holds no file {', '.join(sorted(missing))}.", remedy="Download it again.")
    return found


def _tarred(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive, "r|*") as opened:
        for member in opened:
            if member.isfile() and wanted(member.name):
                _check(archive, member.size)
                content = opened.extractfile(member)
                assert content is not None
                yield member.name, content.read()


def _zipped(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if not info.is_dir() and wanted(info.filename):
                _check(archive, info.file_size)
                with opened.open(info) as content:
                    yield info.filename, content.read(info.file_size)


def _check(archive: Path, size: int) -> None:
    if size > _LARGEST:
        raise DatasetError(f"{archive.name} holds a file that is far too large.", remedy="Download it again.")
