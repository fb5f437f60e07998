"""Unpack an archive of pictures: only pictures and tables, only inside the target, only what there is room for."""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from cnnstudio.core.control import Control
from cnnstudio.core.errors import DatasetError
from cnnstudio.core.paths import data_folder, free_bytes, safe_file_name
from cnnstudio.data.image_suffixes import SUFFIXES

_WANTED = (*SUFFIXES, ".csv", ".tsv")
_MOST_FILES = 2_000_000
Progress = Callable[[int, int, str], None]


def is_archive(path: Path) -> bool:
    """Whether a path is an archive that can be opened."""
    return path.suffix.lower() == ".zip" and path.is_file()


def unpacked_folder(archive: Path) -> Path:
    """Where an archive is unpacked to; another archive under the same name goes elsewhere."""
    stat = archive.stat()
    text = f"{archive.absolute()}|{stat.st_size}|{stat.st_mtime_ns}"
    digest = hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=4).hexdigest()
    return data_folder() / "unpacked" / f"{safe_file_name(archive.stem)}-{digest}"


def unpack(archive: Path, *, control: Control, progress: Progress) -> Path:
    """Unpack once; a second time gives the same folder at once. The archive itself stays as it is.

    Raises:
        DatasetError: it is damaged, protected, holds no pictures, or there is no room for it.
        StopRequested: a stop was asked for; nothing half is left behind.
    """
    target = unpacked_folder(archive)
    if target.is_dir():  # it gets its name only when it is complete
        return target
    aside = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if _wanted(member)]
            _check(archive, members, target)
            for number, member in enumerate(members):
                control.check()
                _extract(opened, member, aside)
                if number % 64 == 0:
                    progress(number, len(members), "Unpacking")
        aside.replace(target)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise DatasetError(
            f"The archive {archive.name} cannot be unpacked.",
            meaning="It is damaged, incomplete, or protected with a password.",
            remedy="Unpack it yourself and open the folder.",
            details=repr(error),
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _wanted(member: zipfile.ZipInfo) -> bool:
    """Pictures and tables; no links, no hidden or system files, nothing that points outside."""
    name = PurePosixPath(member.filename.replace("\\", "/"))
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
    outside = name.is_absolute() or ".." in name.parts or ":" in member.filename
    return not (member.is_dir() or is_link or hidden or outside) and name.suffix.lower() in _WANTED


def _check(archive: Path, members: list[zipfile.ZipInfo], target: Path) -> None:
    size = sum(member.file_size for member in members)
    if not members:
        raise DatasetError(f"There are no pictures in {archive.name}.", remedy="Choose another archive.")
    if len(members) > _MOST_FILES or size > free_bytes(target) / 2:
        raise DatasetError(
            f"There is no room to unpack {archive.name}: {len(members):,} files, {size / 1e9:.1f} GB.",
            remedy="Free some space, or unpack it elsewhere and open the folder.",
        )


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """One file, and never more of it than the archive announced."""
    path = folder.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, path.open("wb") as out:
        left = member.file_size
        while left > 0 and (chunk := source.read(min(left, 1 << 20))):
            out.write(chunk)
            left -= len(chunk)
