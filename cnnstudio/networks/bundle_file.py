"""A bundle as one file, ``NAME.cnnbundle``: a ZIP of its folder's files, which file managers know by its ending."""

import shutil
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO

from cnnstudio.core import (
    CheckpointDamaged,
    StorageError,
    free_bytes,
    paths,
    place_aside,
    replace_folder,
    safe_file_name,
    sha256_of,
    storage_error,
    write_atomically,
)
from cnnstudio.networks.card import CARD_FILE, WEIGHTS_FILE

BUNDLE_SUFFIX = ".cnnbundle"
_DATE = (2020, 1, 1, 0, 0, 0)
"""Of every file in it: the same bundle gives the same bytes."""
_MOST_FILES = 100
_STARTS = b"PK\3\4"
_CHUNK = 1 << 20
_DAMAGE = (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, KeyError)


def is_bundle_file(path: Path) -> bool:
    """Whether a file says that it is a bundle, by its name and its first bytes."""
    if path.suffix.lower() != BUNDLE_SUFFIX or not path.is_file():  # a named pipe would be waited for
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_STARTS)) == _STARTS
    except OSError:
        return False


def is_bundle_folder(folder: Path) -> bool:
    """Whether a folder looks like a bundle."""
    return (folder / CARD_FILE).is_file() and (folder / WEIGHTS_FILE).is_file()


def pack_bundle(folder: Path, file: Path) -> None:
    """Write the files of a bundle's folder into one.

    Raises:
        StorageError: it cannot be written; what was there before stays.
    """
    members = sorted(member for member in folder.iterdir() if member.is_file())

    def write(target: BinaryIO) -> None:
        with zipfile.ZipFile(target, "w") as packed:
            for member in members:
                info = zipfile.ZipInfo(member.name, _DATE)
                with packed.open(info, "w", force_zip64=True) as into, member.open("rb") as content:
                    shutil.copyfileobj(content, into, _CHUNK)

    write_atomically(file, write)


def unpacked_bundle(file: Path) -> Path:
    """The folder of what is in a bundle's file, unpacked where that was not done before; the file stays as it is.

    Its files are no more than bytes yet: whoever opens the bundle checks each of them against the manifest.

    Raises:
        CheckpointDamaged: it is damaged, or holds what no bundle holds.
        StorageError: there is no room for it, or it cannot be read or written.
    """
    try:
        stat = file.stat()
        return _unpacked(file.absolute(), (stat.st_mtime_ns, stat.st_size))
    except OSError as error:
        raise storage_error(file, error) from error


@lru_cache(maxsize=16)
def _unpacked(file: Path, _stamp: tuple[int, int]) -> Path:
    target = paths.unpacked_folder() / f"{safe_file_name(file.stem)}-{sha256_of(file)[:16]}"
    if is_bundle_folder(target):
        return target
    aside = place_aside(target)
    try:
        aside.mkdir(parents=True)
        with zipfile.ZipFile(file) as packed:
            members = packed.infolist()
            _check(file, members)
            if sum(member.file_size for member in members) > free_bytes(aside):
                raise StorageError(f"There is no room to unpack {file.name}.", remedy="Make room on the disk.")
            for member in members:
                with packed.open(member) as content, (aside / member.filename).open("xb") as into:
                    _copy(content, into, member.file_size)
        replace_folder(aside, target)
    except _DAMAGE as error:
        raise _damaged(file, "it cannot be unpacked", error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _check(file: Path, members: list[zipfile.ZipInfo]) -> None:
    """Files of a bundle lie beside each other, have plain names, and are not packed a thousand times smaller."""
    names = [member.filename for member in members]
    if len(names) > _MOST_FILES or len({name.casefold() for name in names}) < len(names):
        raise _damaged(file, "it holds other files than a bundle has")
    if any(member.is_dir() or safe_file_name(name) != name for name, member in zip(names, members, strict=True)):
        raise _damaged(file, "it holds other files than a bundle has")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise _damaged(file, "its files are compressed, as those of no bundle are")
    if not {CARD_FILE, WEIGHTS_FILE} <= set(names):
        raise _damaged(file, f"{CARD_FILE} or {WEIGHTS_FILE} is not in it")


def _copy(content: IO[bytes], into: IO[bytes], size: int) -> None:
    """No more than was said."""
    while chunk := content.read(_CHUNK):
        size -= len(chunk)
        if size < 0:
            raise ValueError("more than its size")
        into.write(chunk)


def _damaged(file: Path, what: str, error: Exception | None = None) -> CheckpointDamaged:
    return CheckpointDamaged(
        f"The trained network in {file} is damaged: {what}.",
        remedy="Get the file again, or export the network again.",
        details=repr(error) if error else "",
    )
