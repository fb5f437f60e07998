"""Which files a table of answers is about, in its order. No torch."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import Control, DatasetError
from cnnstudio.data import FileProblem
from cnnstudio.data.collect import UNSAID, names_below
from cnnstudio.data.reading import is_picture

Stamp = tuple[int, int]
"""Of a file, see ``data.stamp``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Files as text, since 100,000 paths would take five times the memory: pictures first, then what is none."""

    folders: tuple[Path, ...]
    """Those that were given."""
    paths: Sequence[str]
    reasons: Mapping[int, str]
    """By place: why a file is no picture; it is not opened."""
    hidden: int
    """Files that nobody put there, without a row."""

    def __len__(self) -> int:
        return len(self.paths)


def list_files(given: Iterable[Path], control: Control, own: Iterable[Path] = ()) -> Listing:
    """As ``data.collect.pictures_in``, with what is no picture at the end.

    Args:
        given: folders and files.
        control: asked for a stop.
        own: files that are being written, which may lie among them and do not count.

    Raises:
        DatasetError: there are no pictures, or a folder is not there: as one picture that cannot be read, it would
            leave a table of one row in the place of an earlier one.
        OSError: a folder may not be opened.
        StopRequested: a stop was asked for.
    """
    roots, folders, paths, skipped = tuple(given), list[Path](), list[str](), list[FileProblem]()
    for root in roots:
        if root.is_dir():
            folders.append(root)
            paths += [str(root / name) for name in names_below(root, control, skipped)]
        elif is_picture(root.name) or os.path.lexists(root):
            paths.append(str(root))
        else:
            raise DatasetError(
                f"{root} is not there.",
                meaning="It was moved, its name is spelt otherwise, or its drive is not connected. "
                "A table that was begun is as it was.",
                remedy="Bring it back, or give the folder's name.",
            )
    ours = {path.absolute() for path in own}
    named = [each for each in skipped if each.kind not in UNSAID and each.path.absolute() not in ours]
    if not paths:
        raise DatasetError(
            f"There are no pictures in {roots[0]}.",
            meaning=" ".join(problem.detail for problem in named[:3]),
            remedy="Give files, or a folder that holds some.",
        )
    reasons = {len(paths) + place: problem.detail for place, problem in enumerate(named)}
    paths += [str(problem.path) for problem in named]
    return Listing(
        folders=tuple(folders), paths=paths, reasons=reasons, hidden=sum(each.kind in UNSAID for each in skipped)
    )
