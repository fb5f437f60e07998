"""Which files are archives, by content and not by name, and of which kind."""

import bz2
import gzip
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal, cast

from cnnstudio.data.layouts.folder import SYSTEM_NAMES
from cnnstudio.data.reading import is_picture
from cnnstudio.data.reading.recognition import begins_as_picture, recognise_file

Kind = Literal["zip", "tar", "7-Zip", "RAR", "CAB", "Zstandard", "document", "compressed file"]
"""The first two are unpacked; the others are said."""
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError, EOFError, ValueError, zlib.error,
    lzma.LZMAError,
)  # fmt: skip
"""What reading an archive raises that is damaged, incomplete or protected."""
ENDINGS = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
_OTHER_ENDINGS = (".7z", ".rar", ".cab", ".zst", ".gz", ".bz2", ".xz", ".zipx", ".lzh", ".iso", ".dmg")
_STARTS: dict[bytes, Kind] = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!\x1a\x07": "RAR", b"MSCF\0\0\0\0": "CAB", b"\x28\xb5\x2f\xfd": "Zstandard",
}  # fmt: skip
COMPRESSED: dict[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b\x08": lambda file: cast("IO[bytes]", gzip.GzipFile(fileobj=file)),
    b"BZh": lambda file: cast("IO[bytes]", bz2.open(file)),  # noqa: SIM115 - over a file that its opener closes
    b"\xfd7zXZ\0": lambda file: cast("IO[bytes]", lzma.open(file)),  # noqa: SIM115
}
"""How a compressed file is read, by its start."""
_OF_DOCUMENTS = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "AndroidManifest.xml")
"""Members of Word files and their like, of programs, and of what other applications keep in a ZIP file."""
_DEEPEST, _MOST_LOOKS = 4, 500
"""Levels and files that are looked at for archives."""
_USTAR = 257, b"ustar"
HEAD = 512
"""Bytes that tell what a file is."""
_END, _LARGEST_DIRECTORY = 66_000, 128_000_000
"""Bytes at the end of a ZIP file that tell where its directory is, and what that may take: a million files."""


def is_archive(path: Path) -> bool:
    """Whether a file is an archive, or says so by its name; also one that cannot be opened here."""
    try:
        return path.is_file() and (kind_of(path) not in (None, "compressed file") or ending_of(path.name) != "")
    except OSError:
        return False


def ending_of(name: str) -> str:
    """The ending of a file's name that says archive, such as ``.tar.gz``; empty where there is none."""
    return max((ending for ending in ENDINGS if name.lower().endswith(ending)), key=len, default="")


def says_archive(name: str) -> bool:
    """Whether a file's name says that it is an archive, also one that cannot be opened here."""
    return name.lower().endswith((*ENDINGS, *_OTHER_ENDINGS))


def kind_of(path: Path) -> Kind | None:
    """What kind of archive the content is; None where it is none.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return "document" if _is_document(path) else "zip"
        for start, kind in _STARTS.items():
            if head.startswith(start):
                return kind
        for start, opened in COMPRESSED.items():
            if head.startswith(start):
                file.seek(0)
                return "tar" if _is_tar(_start_of(opened(file))) else "compressed file"
    return "tar" if _is_tar(head) else None


def unpacked_name(name: str) -> str:
    """An archive's name without its ending, such as ``.tar.gz``."""
    ending = ending_of(name)
    return (name[: -len(ending)] if ending else name) or "archive"


def only_archives(folder: Path) -> list[Path]:
    """The archives in a folder and some levels below, where there is no picture beside them; else none.

    Stops at the first file that looks like a picture, so a folder of pictures costs next to nothing.

    Raises:
        OSError: a folder may not be opened.
    """
    found: list[Path] = []
    looks = _MOST_LOOKS
    waiting = [(folder, 0)]
    while waiting:
        place, depth = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name.lower() in SYSTEM_NAMES or entry.is_symlink():
                    continue
                if entry.is_dir():
                    if depth < _DEEPEST:
                        waiting.append((Path(entry.path), depth + 1))
                    continue
                if not entry.is_file():  # a device or a pipe might never answer
                    continue
                looks -= 1
                if looks < 0 or is_picture(name) or (kind := _glance(Path(entry.path))) == "picture":
                    return []
                if kind == "archive":
                    found.append(Path(entry.path))
    return sorted(found)


def _glance(path: Path) -> Literal["picture", "archive", "other"]:
    """What a file is by its first bytes, where its name does not say that it is a picture."""
    try:
        if (kind := kind_of(path)) is not None:
            return "other" if kind in ("document", "compressed file") else "archive"
        if begins_as_picture(path) or ((known := recognise_file(path)) is not None and known.is_picture):
            return "picture"
        return "archive" if ending_of(path.name) else "other"
    except OSError:
        return "other"


def opened_zip(path: Path) -> zipfile.ZipFile:
    """A ZIP file, whose directory is held in memory.

    Raises:
        OSError, or one of DAMAGE: it cannot be read, or its directory is far too long.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END))
        end = file.read()
    short, long = end.rfind(b"PK\x05\x06"), end.rfind(b"PK\x06\x06")
    sizes = [struct.unpack_from("<L", end, short + 12)[0]] if 0 <= short <= len(end) - 16 else []
    sizes = [struct.unpack_from("<Q", end, long + 40)[0]] if 0 <= long <= len(end) - 48 else sizes
    if max(sizes, default=0) > _LARGEST_DIRECTORY:
        raise zipfile.BadZipFile("a directory that is too long")
    return zipfile.ZipFile(path)


def _is_document(path: Path) -> bool:
    try:
        with opened_zip(path) as opened:
            names = set(opened.namelist())
    except (*DAMAGE, OSError):
        return False
    weights = any(name.rpartition("/")[2] == "data.pkl" for name in names)
    return weights or not names.isdisjoint(_OF_DOCUMENTS)


def _is_tar(head: bytes) -> bool:
    start, magic = _USTAR
    return head[start:].startswith(magic)


def _start_of(opened: IO[bytes]) -> bytes:
    try:
        return opened.read(HEAD)
    except (*DAMAGE, OSError):
        return b""
