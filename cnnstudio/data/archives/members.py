"""What is in an archive, member by member, and within bounds: whoever made it may be a stranger."""

import io
import os
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from typing_extensions import override

from cnnstudio.core import DatasetError
from cnnstudio.data.archives.kinds import COMPRESSED, HEAD, Kind, kind_of, opened_zip

_MOST_AT_ONCE, _MOST_HEADERS = 2 << 20, 16 << 20
"""Bytes that a tar file's headers may take: one of them, and all before a member."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive."""

    name: str
    """As the archive has it."""
    size: int
    """As it announces."""
    is_file: bool
    """Neither a folder, a link nor a device."""
    is_folder: bool
    open: Callable[[], IO[bytes]]
    """Its content, until the next member is asked for."""


@contextmanager
def opened_archive(path: Path) -> Iterator[Iterable[Member]]:
    """The members, links and folders included: a list where the archive has one, else as they come.

    Raises:
        DatasetError: it is of a kind that cannot be opened here.
        OSError, or one of DAMAGE: it cannot be read.
    """
    kind = kind_of(path)
    if kind == "tar":
        with path.open("rb") as file, _tar_of(file) as archive:
            yield _tar_members(*archive)
    elif kind in ("zip", None):  # what is called a ZIP file, and does not begin like one, may end like one
        with opened_zip(path) as opened:
            yield list(_zip_members(opened))
    else:
        raise _not_opened(path, kind)


def _not_opened(path: Path, kind: Kind) -> DatasetError:
    if kind == "document":
        return DatasetError(
            f"{path.name} is a document or a program, not an archive of pictures.",
            remedy="Save its pictures as files, in a folder for each class, and open the folder that holds these.",
        )
    if kind == "compressed file":
        return DatasetError(
            f"{path.name} is one compressed file, not an archive of pictures.",
            remedy="Unpack it, and open what comes out of it.",
        )
    return DatasetError(
        f"{path.name} is an archive of the kind {kind}, which CNN Studio cannot open.",
        remedy="Unpack it with the program that made it, or with your file manager, and open the folder.",
    )


def _zip_members(opened: zipfile.ZipFile) -> Iterator[Member]:
    for info in opened.infolist():
        is_link = (info.external_attr >> 16) & 0o170000 == 0o120000
        yield Member(
            _zip_name(info),
            info.file_size,
            not (info.is_dir() or is_link),
            info.is_dir(),
            partial(_zip_content, opened, info),
        )


def _zip_content(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    return opened.open(info)


_SAYS_UTF8 = 0x800


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Many packers write UTF-8 without saying so, or as Windows does; else it is the code page of DOS."""
    if info.flag_bits & _SAYS_UTF8 or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp437", "cp1252"):
        with suppress(UnicodeError):
            name = raw.decode(encoding)
            if encoding == "utf-8" or all(map(_is_latin, name)):
                return name
    return info.filename


def _is_latin(letter: str) -> bool:
    """An ordinary character, or a letter as European names have: in a wrong code page, some look like α or ⁿ."""
    return letter.isascii() or (letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN "))


class _Bounded(io.RawIOBase):
    """Reads for tarfile, whose headers may announce any length, and are held in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.left = _MOST_HEADERS

    @override
    def read(self, size: int = -1, /) -> bytes:
        self.left -= size
        if not 0 <= size <= _MOST_AT_ONCE or self.left < 0:
            raise tarfile.ReadError("a header that is too long")
        return self._file.read(size)

    @override
    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    @override
    def tell(self) -> int:
        return self._file.tell()


@contextmanager
def _tar_of(file: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, _Bounded]]:
    head = file.read(HEAD)
    file.seek(0)
    plain = next((opened(file) for start, opened in COMPRESSED.items() if head.startswith(start)), file)
    bounded = _Bounded(plain)
    with tarfile.open(fileobj=bounded, mode="r:", encoding="utf-8", errors="surrogateescape") as opened:
        yield opened, bounded


def _tar_members(opened: tarfile.TarFile, bounded: _Bounded) -> Iterator[Member]:
    """One after the other, forgotten at once: a list of millions would not fit into memory."""
    while True:
        bounded.left = _MOST_HEADERS
        if (info := opened.next()) is None:
            return
        opened.members.clear()  # type: ignore[attr-defined]
        bounded.left = info.size + _MOST_HEADERS

        is_file = info.isreg() and not info.issparse()
        yield Member(info.name, info.size, is_file, info.isdir(), partial(_content, opened, info))


def _content(opened: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    content = opened.extractfile(info)
    assert content is not None
    return content
