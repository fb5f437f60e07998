"""A folder that holds archives and no pictures: all of them unpacked, once, into one folder of the same layout."""

import hashlib
import re
from pathlib import Path, PurePosixPath

from cnnstudio.core import Problem, Warned, Watch, counted, paths
from cnnstudio.core.paths import is_the_systems
from cnnstudio.data.archives.kinds import is_archive, only_archives, unpacked_name
from cnnstudio.data.archives.names import possible_name
from cnnstudio.data.archives.unpack import digest_of, made_once, said, unpack, unpacked_folder
from cnnstudio.data.dataset import stamp
from cnnstudio.data.layouts.tables.candidates import TABLES, TEXTS

_LARGEST_BESIDE, _MOST_BESIDE = 500_000_000, 1000
_NAMED = 4
_PART = re.compile(r"(-\d{8}T\d{6}Z)?-(\d{1,2}-)?\d{3}$")
"""What services add to the parts of one folder, such as ``photos-20260102T030405Z-001.zip``."""
_AGAIN = re.compile(r"( ?\(\d+\)| - copy.*)$", re.IGNORECASE)
_NOTE = re.compile(r"read.?me|licen[cs]e|change.?log|notice|citation", re.IGNORECASE)
_LABELS = TABLES | TEXTS | {".xml", ".xlsx", ".names", ".yaml", ".yml"}


def opened_root(root: Path, watch: Watch) -> Path:
    """The folder to scan: the one that a person chose, or what an archive, or a folder of archives, unpacks to.

    Raises:
        DatasetError: an archive is damaged, protected, of another kind, holds no pictures, or there is no room for it.
        StopRequested: a stop was asked for.
    """
    if is_the_systems(root):  # its files may never end; the scan refuses it
        return root
    if is_archive(root):
        return unpack(root, watch)
    archives, beside = _packed(root)
    if not archives:
        return root
    if len(archives) == 1 and not beside:
        opened = unpack(archives[0], watch)
    else:
        with said(archives[0]):
            target = _target(root, archives, beside)
        opened = made_once(target, _places(root, archives), [(file, _under(root, file)) for file in beside], watch)
    title = f"There are no pictures in {root.name} itself, so what is in {_in_words(root, archives)} is opened."
    watch.emit(Warned(problem=Problem(kind="archive", title=title)))
    return opened


def root_of(root: Path) -> Path:
    """As ``opened_root``, without unpacking anything: where that would be.

    Raises:
        OSError, or one of ``archives.DAMAGE``: an archive cannot be read.
    """
    if is_archive(root):
        return unpacked_folder(root)
    archives, beside = _packed(root)
    if not archives:
        return root
    if len(archives) == 1 and not beside:
        return unpacked_folder(archives[0])
    return _target(root, archives, beside)


def _packed(root: Path) -> tuple[list[Path], list[Path]]:
    """The archives of a folder that holds no pictures, each content once, and what may be tables beside them."""
    try:
        archives = only_archives(root)
        places = dict.fromkeys([root, *(archive.parent for archive in archives)] if archives else ())
        beside = [path for place in places for path in sorted(place.iterdir()) if _may_be_table(path)]
    except OSError:
        return [], []
    return archives, beside[:_MOST_BESIDE]


def _may_be_table(path: Path) -> bool:
    wanted = path.suffix.lower() in _LABELS and not _NOTE.match(path.name)
    return wanted and path.is_file() and path.stat().st_size < _LARGEST_BESIDE


def _target(root: Path, archives: list[Path], beside: list[Path]) -> Path:
    """Named after the folder and all that goes into it."""
    listed = [(_under(root, archive).as_posix(), digest_of(archive)) for archive in archives]
    listed += [(_under(root, file).as_posix(), repr(stamp(file))) for file in beside]
    digest = hashlib.blake2b(repr(listed).encode(errors="surrogateescape"), digest_size=8).hexdigest()
    return paths.unpacked_folder() / f"{paths.safe_file_name(root.resolve().name)}-{digest}"


def _places(root: Path, archives: list[Path]) -> list[tuple[Path, PurePosixPath]]:
    """Each archive with the folder called like it; parts of one folder, and one name in two kinds, share theirs."""
    taken: dict[str, PurePosixPath] = {}
    known, found = set[tuple[str, str]](), list[tuple[Path, PurePosixPath]]()
    for archive in sorted(archives, key=lambda path: (len(path.name), path)):
        under = _under(root, archive)
        name = possible_name(_PART.sub("", unpacked_name(under.name)) or "archive")
        content = (digest_of(archive), _AGAIN.sub("", f"{under.parent}/{name}"))
        if content not in known:  # else it was downloaded twice
            known.add(content)
            place = under.parent / name
            found.append((archive, taken.setdefault(place.as_posix().casefold(), place)))
    return found


def _in_words(root: Path, archives: list[Path]) -> str:
    names = [_under(root, archive).as_posix() for archive in archives]
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {counted(len(names) - _NAMED, 'other archive')}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _under(root: Path, path: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(root).as_posix())
