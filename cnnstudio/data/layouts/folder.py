"""What lies in a folder: subfolders, files, and what is left aside with a reason. One question to the disk each."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import Control, paths
from cnnstudio.data.dataset import FileProblem
from cnnstudio.data.reading import SUFFIXES, suffix_of, why_no_picture

SYSTEM_NAMES = frozenset({
    "thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db", "$recycle.bin", "system volume information", "lost+found",
    "icon\r", "@eadir", "#recycle", "#snapshot",
})  # fmt: skip
"""Also of storage in the network, which keeps its own small copies of pictures there."""
_DOCUMENT = re.compile(r"^([A-Z]{2,}|Makefile|Dockerfile|Gemfile|readme|license)$")
"""Files that have no ending because they never have one."""
_DEEPEST = 50
_MOST_TIMES = 3
"""A folder may be linked into several places, such as the classes of two datasets; more often is a tangle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder, without what is below it."""

    path: Path
    start: str
    """Its name relative to the dataset's folder, with a slash behind it; empty for that folder itself."""
    folders: tuple[str, ...]
    files: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    """Hidden, of the operating system, or no file at all."""

    def inner(self, name: str) -> "Folder":
        """One of its folders.

        Raises:
            OSError: it may not be opened.
        """
        return look_into(self.path / name, f"{self.start}{name}/")


def look_into(path: Path, start: str = "") -> Folder:
    """What lies in a folder, by name.

    Raises:
        OSError: it may not be opened.
    """
    folders, files, problems = list[str](), list[str](), list[FileProblem]()
    with os.scandir(path) as opened:
        entries = sorted(opened, key=lambda entry: entry.name)
    for entry in entries:
        name = entry.name
        if name.startswith("."):
            problems.append(FileProblem(path=path / name, kind="hidden", detail=f"{name} is hidden."))
        elif name.lower() in SYSTEM_NAMES:
            detail = f"{name} belongs to the operating system."
            problems.append(FileProblem(path=path / name, kind="system-file", detail=detail))
        elif _is(entry.is_dir):
            folders.append(name)
        elif _is(entry.is_file):
            files.append(name)
        else:
            link, other = f"{name} is a link to something that is not there.", f"{name} is not an ordinary file."
            detail = link if entry.is_symlink() else other
            problems.append(FileProblem(path=path / name, kind="unreadable", detail=detail))
    return Folder(path=path, start=start, folders=tuple(folders), files=tuple(files), problems=tuple(problems))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """A folder and everything below it, read once."""

    folder: Folder
    inner: tuple["Tree", ...]
    """Those of its folders that could be read."""
    pictures: tuple[str, ...]
    """Its own files that may be pictures, told by one of each ending."""
    closed: tuple[FileProblem, ...]
    """Those of its folders that could not."""
    count: int
    """Pictures in it and below, without files such as README that only have no ending."""

    @property
    def name(self) -> str:
        """Of the folder."""
        return paths.shown_name(self.folder.path)

    @property
    def own(self) -> int:
        """Pictures that lie directly in it."""
        return self.count - sum(tree.count for tree in self.inner)

    def names(self, problems: list[FileProblem]) -> Iterator[str]:
        """Relative names of what may be pictures, in it and below; everything else becomes a problem."""
        yield from self.own_names(problems)
        for tree in self.inner:
            yield from tree.names(problems)

    def own_names(self, problems: list[FileProblem]) -> Iterator[str]:
        """The same without what is below it."""
        problems.extend(self.folder.problems)
        problems.extend(self.closed)
        for name in self.folder.files:
            if suffix_of(name) in SUFFIXES or (problem := why_no_picture(self.folder.path / name)) is None:
                yield self.folder.start + name
            else:
                problems.append(problem)

    def below(self) -> Iterator["Tree"]:
        """It, and all folders in it."""
        yield self
        for tree in self.inner:
            yield from tree.below()


def pictures_in(folder: Folder, problems: list[FileProblem], control: Control, *, above: Path) -> Iterator[str]:
    """Relative names of the files in a folder and below that may be pictures; everything else becomes a problem.

    Args:
        folder: where to begin.
        problems: is added to.
        control: asked for a stop.
        above: a folder that links may not lead back to.

    Raises:
        StopRequested: a stop was asked for.
    """
    yield from read_tree(folder, control, above=above).names(problems)


def read_tree(folder: Folder, control: Control, *, above: Path | None = None) -> Tree:
    """Read everything below a folder: one question to the disk for each folder, and one for its identity.

    Args:
        folder: where to begin.
        control: asked for a stop at every folder.
        above: a folder that links may not lead back to.

    Raises:
        StopRequested: a stop was asked for.
    """
    ways = [_identity(folder.path)] if above is None else [_identity(above), _identity(folder.path)]
    return _read(folder, ways, Counter(ways), control)


def _read(folder: Folder, way: list[tuple[int, int]], seen: Counter[tuple[int, int]], control: Control) -> Tree:
    """``way`` are the folders that lead here, ``seen`` how often each one was read."""
    control.check()
    inner, closed = list[Tree](), list[FileProblem]()
    for name in folder.folders:
        try:
            identity, opened = _identity(folder.path / name), folder.inner(name)
        except OSError:
            detail = f"The folder {name} may not be opened."
            closed.append(FileProblem(path=folder.path / name, kind="unreadable", detail=detail))
            continue
        if identity in way or seen[identity] >= _MOST_TIMES:
            closed.append(_loop(folder.path / name))
        elif len(way) > _DEEPEST:
            detail = f"The folder {name} is nested too deeply."
            closed.append(FileProblem(path=folder.path / name, kind="outside-classes", detail=detail))
        else:
            seen[identity] += 1
            inner.append(_read(opened, [*way, identity], seen, control))
    pictures = tuple(_may_be_pictures(folder))
    count = sum(not _DOCUMENT.match(name) for name in pictures) + sum(tree.count for tree in inner)
    return Tree(folder=folder, inner=tuple(inner), pictures=pictures, closed=tuple(closed), count=count)


def _may_be_pictures(folder: Folder) -> Iterator[str]:
    known = dict.fromkeys(SUFFIXES, True)
    for name in folder.files:
        suffix = suffix_of(name)
        if suffix not in known:
            known[suffix] = why_no_picture(folder.path / name) is None
        if known[suffix]:
            yield name


def _loop(path: Path) -> FileProblem:
    detail = f"The link {path.name} leads back to a folder that was already read."
    return FileProblem(path=path, kind="loop", detail=detail)


def _is(ask: Callable[[], bool]) -> bool:
    """Links in a circle cannot be asked."""
    try:
        return ask()
    except OSError:
        return False


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino
