"""Unpack an archive of pictures: only pictures and tables, only inside the target, only what there is room for."""

import errno
import hashlib
import lzma
import os
import re
import secrets
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from cnnstudio.core import TEMP_PREFIX, DatasetError, Watch, counted, paths, storage_error, sweep_stale_folders
from cnnstudio.data.layouts.folder import SYSTEM_NAMES
from cnnstudio.data.reading import SUFFIXES, suffix_of

_WANTED = frozenset({*SUFFIXES, ".csv", ".tsv", ".heic", ".heif", ""})
"""As in a folder: what of it can then not be read is said."""
_SAYS_UTF8 = 0x800
_IMPOSSIBLE = re.compile(r'[<>:"|?*\x00-\x1f]')
_LONGEST = 200
"""Bytes of a name."""
_MOST_FILES = 2_000_000


def is_archive(path: Path) -> bool:
    """Whether a path is an archive that can be opened."""
    return path.suffix.lower() == ".zip" and path.is_file()


def unpacked_folder(archive: Path) -> Path:
    """Where an archive is unpacked to: the same for the same content, wherever it lies and however old it is.

    Raises:
        BadZipFile: it is damaged.
        OSError: it cannot be read.
    """
    with zipfile.ZipFile(archive) as opened:
        listed = repr([(member.filename, member.file_size, member.CRC) for member in opened.infolist()])
    digest = hashlib.blake2b(listed.encode(errors="surrogateescape"), digest_size=8).hexdigest()
    return paths.data_folder() / "unpacked" / f"{paths.safe_file_name(archive.stem)}-{digest}"


def unpack(archive: Path, watch: Watch) -> Path:
    """Unpack once; a second time gives the same folder at once. The archive itself stays as it is.

    Raises:
        DatasetError: it is damaged, protected, holds no pictures, or there is no room for it.
        StopRequested: a stop was asked for; nothing half is left behind.
    """
    try:
        target = unpacked_folder(archive)
        if target.is_dir():  # it gets its name only when it is complete
            return target
        sweep_stale_folders(target.parent)
        aside = target.parent / f"{TEMP_PREFIX}{secrets.token_hex(8)}"
        try:
            with zipfile.ZipFile(archive) as opened:
                _fill(aside, archive, opened, watch)
            try:
                aside.replace(target)
            except OSError:
                if not target.is_dir():  # somebody else was as quick, and has done the same
                    raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return target
    except (
        zipfile.BadZipFile,
        RuntimeError,
        NotImplementedError,
        EOFError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
    ) as e:
        raise _unusable(archive, "It is damaged, incomplete, or protected with a password.", e) from e
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise storage_error(paths.data_folder(), error) from error
        raise _unusable(archive, f"The system says: {error.strerror or error}.", error) from error


def _fill(aside: Path, archive: Path, opened: zipfile.ZipFile, watch: Watch) -> None:
    members = [(member, name) for member in opened.infolist() if (name := _inside(member))]
    _check(archive, [member for member, _ in members], aside)
    taken = {str(parent).casefold() for _, name in members for parent in name.parents}
    for number, (member, name) in enumerate(members):
        watch.check()
        if str(name).casefold() in taken:  # two names that are one on some disk, or a file called like a folder
            name = name.with_name(f"{name.stem}-{number}{name.suffix}")
        taken.add(str(name).casefold())
        _extract(opened, member, aside.joinpath(*name.parts))
        if number % 64 == 0:
            watch.progress(number, len(members), "Unpacking")


def _inside(member: zipfile.ZipInfo) -> PurePosixPath | None:
    """Where a picture or a table goes; None for links, hidden and system files, and what points outside.

    Names that no file system would take are made such.
    """
    name = PurePosixPath(_name(member).replace("\\", "/"))
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    hidden = any(part.startswith(".") or part.lower() in SYSTEM_NAMES for part in name.parts)
    if not name.parts or re.match(r"[A-Za-z]:", name.parts[0]) or name.is_absolute() or ".." in name.parts:
        return None
    if member.is_dir() or is_link or hidden or suffix_of(name.name) not in _WANTED:
        return None
    return PurePosixPath(*map(_possible, name.parts))


def _name(member: zipfile.ZipInfo) -> str:
    """Many packers write UTF-8 without saying so."""
    if member.flag_bits & _SAYS_UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _possible(part: str) -> str:
    part = _IMPOSSIBLE.sub("_", part)
    part = f"_{part}" if paths.is_reserved(part) else part
    if len(os.fsencode(part)) <= _LONGEST:
        return part
    suffix = suffix_of(part)
    return (
        os.fsdecode(os.fsencode(part)[: _LONGEST - len(suffix) - 9]) + f"-{zlib.crc32(os.fsencode(part)):08x}{suffix}"
    )


def _check(archive: Path, members: list[zipfile.ZipInfo], target: Path) -> None:
    size = sum(member.file_size for member in members)
    if not members:
        raise DatasetError(f"There are no pictures in {archive.name}.", remedy="Choose another archive.")
    if len(members) > _MOST_FILES or size > paths.free_bytes(target) / 2:
        raise DatasetError(
            f"There is not enough space to unpack {archive.name}: {counted(len(members), 'file')}, "
            f"{size / 1e9:.1f} GB.",
            remedy="Free some space, or unpack it elsewhere and open the folder.",
        )


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """One file; ``zipfile`` gives no more of it than the archive announced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, path.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _unusable(archive: Path, meaning: str, error: Exception) -> DatasetError:
    return DatasetError(
        f"The archive {archive.name} cannot be unpacked.",
        meaning=meaning,
        remedy="Unpack it yourself and open the folder.",
        details=repr(error),
    )
