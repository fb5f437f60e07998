"""Where each picture of a folder goes by its answer, under which name, and what that takes. No torch.

A plan is computed once to be shown and once more to be carried out, from the same table; that both are the same, its
digest says.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import StorageError, Watch, free_bytes, numbered_name, printable
from cnnstudio.data.collect import names_of_folders
from cnnstudio.data.dataset import stamp
from cnnstudio.inference.folder.listing import Listing, list_files
from cnnstudio.inference.folder.rows import read_rows
from cnnstudio.inference.results import VERDICT
from cnnstudio.inference.sorting.journal import made_earlier
from cnnstudio.inference.sorting.results import UNLIKE, UNSURE, PlannedFolder, SortPlan, SortSpec

_TEXT = "Planning"
_STEP = 500
_JOURNAL_LINE = 600
"""Bytes that a link takes at most, journal and folder entry together."""


@dataclass(frozen=True, slots=True)
class Move:
    """One picture, and where it goes."""

    source: str
    size: int
    time: int
    target: str
    """``folder/name``, relative to ``out``."""


def check_places(spec: SortSpec, classes: Sequence[str]) -> None:
    """Refuse what would mix pictures and copies; before anything is predicted.

    Raises:
        StorageError: a folder that would be sorted into lies among the pictures, or cannot be linked from there.
    """
    folder, out = Path(os.path.realpath(spec.folder)), Path(os.path.realpath(spec.out))
    if out.exists() and not out.is_dir():
        raise StorageError(f"{spec.out} is a file, not a folder.", remedy="Choose a folder that is new or empty.")
    places = [out / name for name in folder_names(classes)]
    if taken := [place for place in places if place.is_symlink() or (place.exists() and not place.is_dir())]:
        raise StorageError(
            f"{taken[0].name} in {spec.out} is a {'link' if taken[0].is_symlink() else 'file'}, not a folder.",
            meaning="What was put there could not be taken back.",
            remedy="Choose a folder that is new or empty.",
        )
    for place in (out, *places):
        if place.is_relative_to(folder):
            raise StorageError(
                f"{place} lies in the folder of the pictures.",
                meaning="The sorted pictures would be among those to be sorted, the next time twice as many.",
                remedy="Choose a folder beside it.",
            )
    if spec.way != "copy" and _disk_of(folder) != _disk_of(out):
        raise StorageError(
            "The pictures and the folder for the sorted ones are on different disks.",
            meaning="Links work within a disk; across disks they would break when one of them is not connected.",
            remedy="Copy the pictures, or choose a folder on the same disk.",
        )


def folder_names(classes: Sequence[str]) -> list[str]:
    """The folder of each class, then ``UNSURE`` and ``UNLIKE``; all different, also where case does not count."""
    return [*names_of_folders(classes, (UNSURE, UNLIKE)), UNSURE, UNLIKE]


def plan_moves(spec: SortSpec, classes: tuple[str, ...], table: Path, watch: Watch) -> tuple[SortPlan, list[Move]]:
    """What is to be done.

    Args:
        spec: which pictures go where.
        classes: the network's.
        table: wide, with the answers to all files of ``spec.folder`` by its absolute path.
        watch: told how far it is, asked for a stop.

    Raises:
        StorageError: the folder is not what the table was written about any more; or see ``check_places``.
        OSError: something cannot be read.
        StopRequested: a stop was asked for.
    """
    check_places(spec, classes)
    names = folder_names(classes)
    listing = list_files([spec.folder.absolute()], watch.control)
    before = _made_before(spec.out)
    free = _FreeNames(spec.out)
    moves, counts, sizes = list[Move](), [0] * len(names), [0] * len(names)
    unreadable = already = numbered = 0
    for place, chosen in enumerate(_chosen(spec, classes, listing, table)):
        if place % _STEP == 0:
            watch.check()
            watch.progress(place, len(listing), _TEXT)
        if chosen is None:
            unreadable += place not in listing.reasons
            continue
        source = listing.paths[place]
        size, time = stamp(source)
        if names[chosen] in before.get((source, size, time), ()):
            already += 1
            continue
        name = free.name_for(names[chosen], Path(source))
        numbered += name != Path(source).name
        moves.append(Move(source, size, time, f"{names[chosen]}/{name}"))
        counts[chosen] += 1
        sizes[chosen] += size
    labels = (*classes, "", "")
    folders = tuple(
        PlannedFolder(name=names[place], label=labels[place], pictures=counts[place], bytes=sizes[place])
        for place in range(len(names))
        if counts[place]
    )
    needed = _JOURNAL_LINE * len(moves) + (sum(sizes) if spec.way == "copy" else 0)
    plan = SortPlan(
        spec=spec,
        classes=classes,
        folders=folders,
        unreadable=unreadable,
        already=already,
        numbered=numbered,
        bytes_needed=needed,
        bytes_free=free_bytes(spec.out.absolute()),
        table=table,
        digest=_digest(spec, moves),
    )
    return plan, moves


def _chosen(spec: SortSpec, classes: Sequence[str], listing: Listing, table: Path) -> Iterator[int | None]:
    """For each file the number of its folder; None where it has no answer."""
    places = {printable(name): place for place, name in enumerate(classes)}
    unsure, unlike = len(classes), len(classes) + 1
    rows = read_rows(table)
    for path in listing.paths:
        row = next(rows, {})
        if row.get("path") != printable(path):
            raise _other_pictures()
        if not row["label"]:
            yield None
        elif row.get(VERDICT) == "unlike":
            yield unlike
        elif row.get(VERDICT) == "between" or float(row["probability"]) < spec.threshold:
            yield unsure
        else:
            yield places[row["label"]]
    if next(rows, None) is not None:
        raise _other_pictures()


def _other_pictures() -> StorageError:
    return StorageError(
        "The folder of pictures has changed since they were predicted.", remedy="Plan the sorting once more."
    )


class _FreeNames:
    """Names in the target folders that nothing has yet."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._taken = dict[str, set[str]]()
        self._next = dict[tuple[str, str], int]()

    def name_for(self, folder: str, source: Path) -> str:
        """Of a picture in a folder: its own, or with a number."""
        if folder not in self._taken:
            there = set[str]()
            with suppress(OSError):
                there = {name.casefold() for name in os.listdir(self._out / folder)}  # noqa: PTH208 - names alone
            self._taken[folder] = there
        taken, name = self._taken[folder], source.name
        key = (folder, name.casefold())
        number = self._next.get(key, 2)
        while name.casefold() in taken:
            name, number = numbered_name(source.name, number), number + 1
        self._next[key] = number
        taken.add(name.casefold())
        return name


def _made_before(out: Path) -> dict[tuple[str, int, int], set[str]]:
    """Into which folders a source was put earlier, and is there still."""
    found = dict[tuple[str, int, int], set[str]]()
    for line in made_earlier(out):
        if os.path.lexists(out / line.target):
            key = (line.source, line.source_size, line.source_time)
            found.setdefault(key, set()).add(line.target.partition("/")[0])
    return found


def _digest(spec: SortSpec, moves: Sequence[Move]) -> str:
    found = hashlib.blake2b(repr(spec).encode("utf-8", "surrogateescape"), digest_size=16)
    for move in moves:
        text = f"{move.source}\0{move.size}\0{move.time}\0{move.target}\0"
        found.update(text.encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _disk_of(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.stat().st_dev
