"""Unpack an archive of pictures: only inside the target, only what there is room for, no programs, no links.

What is a picture, a table or nothing of use, the scan finds out, as in a folder; so it can say it.
"""

import errno
import hashlib
import re
import secrets
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path, PurePosixPath

from cnnstudio.core import (
    TEMP_PREFIX,
    DatasetError,
    Problem,
    StudioError,
    Warned,
    Watch,
    alike_key,
    counted,
    paths,
    storage_error,
    sweep_stale_folders,
)  # fmt: skip
from cnnstudio.data.archives.budget import Budget
from cnnstudio.data.archives.kinds import DAMAGE, kind_of, only_archives, opened_zip, unpacked_name
from cnnstudio.data.archives.members import Member, opened_archive
from cnnstudio.data.archives.names import REFUSED, Names, inside
from cnnstudio.data.dataset import stamp
from cnnstudio.data.reading import suffix_of

_NO_PICTURES = frozenset({
    ".txt", ".md", ".pdf", ".htm", ".html", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".csv", ".tsv", ".doc", ".docx",
    ".xls", ".xlsx", ".log", ".ini", ".cfg", ".toml", ".npy", ".mat", ".pkl", ".pth", ".pt", ".safetensors", ".onnx",
})  # fmt: skip
_PART = re.compile(r"\.(z?\d{2,3}|part\d+(\.\w+)?)$", re.IGNORECASE)
_UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".!ut")
_DEEPEST = 3
"""Archives in archives."""


def unpacked_folder(archive: Path) -> Path:
    """Where an archive is unpacked to: the same for the same content, wherever it lies and however old it is.

    Raises:
        OSError, or one of DAMAGE: it cannot be read.
    """
    return paths.unpacked_folder() / f"{paths.safe_file_name(unpacked_name(archive.name))}-{digest_of(archive)}"


def digest_of(archive: Path) -> str:
    """16 digits that say what is in an archive."""
    return _digest(archive, stamp(archive))


@lru_cache(maxsize=64)
def _digest(archive: Path, _stamp: tuple[int, int]) -> str:
    if kind_of(archive) in ("zip", None):
        with opened_zip(archive) as opened:
            listed = repr([(member.filename, member.file_size, member.CRC) for member in opened.infolist()])
        return hashlib.blake2b(listed.encode(errors="surrogateescape"), digest_size=8).hexdigest()
    with archive.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()


def unpack(archive: Path, watch: Watch) -> Path:
    """Unpack once; a second time gives the same folder at once. The archive itself stays as it is.

    Raises:
        DatasetError: it is damaged, protected, holds no pictures, or there is no room for it.
        StopRequested: a stop was asked for; nothing half is left behind.
    """
    with said(archive):
        target = unpacked_folder(archive)
    return made_once(target, [(archive, PurePosixPath())], (), watch)


def made_once(
    target: Path,
    archives: Sequence[tuple[Path, PurePosixPath]],
    beside: Sequence[tuple[Path, PurePosixPath]],
    watch: Watch,
) -> Path:
    """A folder of what is in archives, and copies of what lies beside them; made aside, so that it is never half.

    Args:
        target: the folder, which may be there already.
        archives: each with its place in that folder.
        beside: files that are copied, each with its place.
        watch: asked for a stop, and told how far it is.

    Raises:
        DatasetError, StorageError, StopRequested: as ``unpack``.
    """
    if target.is_dir():  # it gets its name only when it is complete
        return target
    first = archives[0][0]
    with said(first):
        sweep_stale_folders(target.parent)
    aside = target.parent / f"{TEMP_PREFIX}{secrets.token_hex(8)}"
    try:
        packed = sum(stamp(archive)[0] for archive, _ in archives)
        budget = Budget(first, packed, paths.free_bytes(aside) / 2)
        names = defaultdict[PurePosixPath, Names](Names)
        for archive, place in archives:
            with said(archive):
                _fill(aside / place, archive, budget, names[place], watch)
        for place in names:
            _flatten(aside / place, aside)
        with said(first):
            for file, place in beside:
                watch.check()
                (aside / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, aside / place)
            _open_inner(aside, budget, watch)
            try:
                aside.replace(target)
            except OSError:
                if not target.is_dir():  # somebody else was as quick, and has done the same
                    raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


@contextmanager
def said(archive: Path) -> Iterator[None]:
    """What goes wrong with an archive, as a DatasetError that names it."""
    try:
        yield
    except StudioError:
        raise
    except DAMAGE as error:
        raise _damaged(archive, error) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise storage_error(paths.data_folder(), error) from error
        what = f"The system says: {error.strerror}." if error.errno else "It is damaged or incomplete."
        raise _unusable(archive, what, error, "Unpack it yourself and open the folder.") from error


def _fill(folder: Path, archive: Path, budget: Budget, names: Names, watch: Watch) -> None:
    errors, done, perhaps, refused = list[Exception](), 0, False, Counter[str]()
    with opened_archive(archive) as members:
        total = len(members) if isinstance(members, list) else 0
        for member, wanted in _announced(members, budget, names, refused, watch):
            watch.check()
            name = names.free(wanted, done)
            perhaps = perhaps or suffix_of(name.name) not in _NO_PICTURES
            try:
                _extract(member, folder.joinpath(*name.parts))
            except DAMAGE as error:  # the scan will say that it is empty
                errors.append(error)
                folder.joinpath(*name.parts).write_bytes(b"")
            if done % 64 == 0:
                watch.progress(done, total, "Unpacking")
            done += 1
    if errors and len(errors) == done:
        raise errors[-1]
    kept_out = ", ".join(counted(refused[one], one, many) for one, many in REFUSED.items() if refused[one])
    if not perhaps:
        raise DatasetError(
            f"There are no pictures in {archive.name}.",
            meaning=f"Not unpacked: {kept_out}." if kept_out else "",
            remedy="If you trust it, unpack it yourself and open the folder."
            if kept_out
            else "Choose another archive.",
        )
    if kept_out:
        title = f"Not unpacked from {archive.name}, to be safe: {kept_out}."
        watch.emit(Warned(problem=Problem(kind="archive", title=title)))


def _announced(
    members: Iterable[Member], budget: Budget, names: Names, refused: Counter[str], watch: Watch
) -> Iterable[tuple[Member, PurePosixPath]]:
    """The members that are wanted and where they go, once there is room for them: for all, where there is a list."""
    if isinstance(members, list):
        listed = [(member, name) for member in members if (name := inside(member, refused))]
        budget.take(member.size for member, _ in listed)
        for _, name in listed:
            names.expect(name)
        return listed
    return _as_they_come(members, budget, refused, watch)


def _as_they_come(
    members: Iterable[Member], budget: Budget, refused: Counter[str], watch: Watch
) -> Iterator[tuple[Member, PurePosixPath]]:
    for member in members:
        watch.check()
        budget.take([member.size])  # to skip it is work, too
        if name := inside(member, refused):
            yield member, name


def _extract(member: Member, path: Path) -> None:
    """One file; no more of it is written than the archive announced, since its reader ends there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with member.open() as source, path.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _open_inner(folder: Path, budget: Budget, watch: Watch) -> None:
    """Where there are only archives again, these are opened in their place, down to a depth."""
    for _ in range(_DEEPEST):
        for archive in (found := only_archives(folder)):
            with said(archive):
                _fill(place := _place_of(archive), archive, budget, Names(), watch)
            _flatten(place, folder)
            archive.unlink()
        if not found:
            return
    if found := only_archives(folder):
        raise DatasetError(
            f"There are archives in archives in {budget.archive.name}, and still no pictures.",
            remedy="Unpack it yourself and open the folder.",
        )


def _place_of(archive: Path) -> Path:
    """A folder beside an archive, called like it."""
    name = unpacked_name(archive.name)
    return next(place for again in count() if not (place := archive.with_name(name + "-" * again)).exists())


def _flatten(place: Path, root: Path) -> None:
    """What is only a folder in a folder of its name, as ``cat/cat`` from ``cat.zip``, becomes one."""
    inner = list(place.iterdir()) if place != root else []
    if len(inner) == 1 and inner[0].is_dir() and alike_key(inner[0].name) == alike_key(place.name):
        aside = place.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
        inner[0].replace(aside)
        place.rmdir()
        aside.replace(place)


def _damaged(archive: Path, error: Exception) -> DatasetError:
    if "password" in str(error):
        remedy = "Unpack it with its password, and open the folder."
        return _unusable(archive, "It is protected with a password.", error, remedy)
    if archive.name.lower().endswith(_UNFINISHED):
        remedy = "Wait until it is complete, or download it again."
        return _unusable(archive, "It is a download that is not complete.", error, remedy)
    if _PART.search(archive.name):
        remedy = "Put all parts into one folder, unpack them, and open what comes out."
        return _unusable(archive, "It is one part of several.", error, remedy)
    remedy = "Download or copy it again; if another program can unpack it, open the folder that comes out."
    return _unusable(archive, "It is damaged or incomplete.", error, remedy)


def _unusable(archive: Path, meaning: str, error: Exception, remedy: str) -> DatasetError:
    return DatasetError(
        f"The archive {archive.name} cannot be unpacked.", meaning=meaning, remedy=remedy, details=repr(error)
    )
