"""What lies in a folder: subfolders, files, and what is left aside with a reason. One question to the disk each.

Labels in file names, such as ``cat_001.jpg`` or ``dog (3).png``, are a guess that a person has to confirm.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import Control
from cnnstudio.data.dataset import FileProblem
from cnnstudio.data.reading import SUFFIXES, is_picture, suffix_of, why_no_picture

SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db", "$recycle.bin"})
_DEEPEST = 50


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
    identity = _identity(folder.path)
    if identity == _identity(above) and folder.path != above:
        problems.append(_loop(folder.path))
        return
    yield from _pictures_in(folder, {identity, _identity(above)}, 0, problems, control)


def _pictures_in(
    folder: Folder, seen: set[tuple[int, int]], depth: int, problems: list[FileProblem], control: Control
) -> Iterator[str]:
    control.check()
    problems.extend(folder.problems)
    for name in folder.files:
        if suffix_of(name) in SUFFIXES or (problem := why_no_picture(folder.path / name)) is None:
            yield folder.start + name
        else:
            problems.append(problem)
    for name in folder.folders:
        try:
            identity, inner = _identity(folder.path / name), folder.inner(name)
        except OSError:
            detail = f"The folder {name} may not be opened."
            problems.append(FileProblem(path=folder.path / name, kind="unreadable", detail=detail))
            continue
        if identity in seen:
            problems.append(_loop(folder.path / name))
        elif depth == _DEEPEST:
            detail = f"The folder {name} is nested too deeply."
            problems.append(FileProblem(path=folder.path / name, kind="outside-classes", detail=detail))
        else:
            seen.add(identity)
            yield from _pictures_in(inner, seen, depth + 1, problems, control)


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


_PATTERNS = (
    re.compile(r"^(?P<label>[^\W\d_][\w\- ]*?)[\s._\-]*[(\[]?\d[\w\-.)\] ]*$"),  # cat_001, cat (3), cat-12b
    re.compile(r"^[\w]*\d[\s._\-]+(?P<label>[^\W\d_][\w\- ]*)$"),  # 0001_cat
    re.compile(r"^(?P<label>[^\W\d_]+)[._\-]"),  # cat.whatever
)
_LEAST_SHARE, _LEAST_SHARE_AGREED = 0.9, 0.3
"""Of the names must fit a pattern."""
_LEAST_EACH = 2
"""Pictures on average per class: else every name is a class of its own."""


@dataclass(frozen=True, slots=True)
class NameLabels:
    """A way to read labels from names, and what it found where it was tried."""

    pattern: re.Pattern[str]
    counts: Counter[str]
    """Pictures by class."""

    def of(self, name: str) -> str | None:
        """The class that a file's name says; None where it is none of those that were found."""
        label = _label(self.pattern, name)
        return label if label in self.counts and is_picture(name) else None

    def in_words(self, most: int = 6) -> str:
        """Such as ``cat (12), dog (10) and 3 more``."""
        shown = ", ".join(f"{name} ({count})" for name, count in self.counts.most_common(most))
        return shown + (f" and {len(self.counts) - most} more" if len(self.counts) > most else "")


def guess_labels(names: Sequence[str], *, agreed: bool = False) -> NameLabels | None:
    """How labels can be read from these names of pictures; None where no way gives at least two sensible classes.

    Args:
        names: of files.
        agreed: a person said that they are labels, so that some may be others.
    """
    share = _LEAST_SHARE_AGREED if agreed else _LEAST_SHARE
    for pattern in _PATTERNS:
        counts = Counter(label for name in names if (label := _label(pattern, name)))
        found = counts.total()
        if found >= share * len(names) and 2 <= len(counts) <= found / _LEAST_EACH:
            return NameLabels(pattern, counts)
    return None


def _label(pattern: re.Pattern[str], name: str) -> str | None:
    match = pattern.match(name[: len(name) - len(suffix_of(name))])
    return match["label"].strip(" _-").lower() if match else None
