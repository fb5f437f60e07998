"""What is suspicious in a folder of pictures, with the pictures and what it means. Nothing is ever deleted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from cnnstudio.core import alike_key
from cnnstudio.data.checks.levels import in_words, shown_spread
from cnnstudio.data.checks.near_duplicates import near_groups
from cnnstudio.data.dataset import Dataset, Finding, FindingKind, Sample
from cnnstudio.data.decoding import FORMATS, LEVELS
from cnnstudio.data.reading import suffix_of
from cnnstudio.data.splits import groups_by_name, runs

BLANK_SPREAD = 1.5
"""Standard deviation of the grey values, of 255, below which there is nothing to see."""
TINY_SIDE = 24
THIN_RATIO = 6
HUGE_PIXELS = 40_000_000
FEW = 20
UNEVEN = 10
_COPY = re.compile(r"(?<=\S)(\s*\(\d+\)|[\s_-]+(copy|kopie|copie|copia|kopia)([\s_-]*\d+|\s*\(\d+\))?)+$", re.I)
"""What systems put behind the name of a folder that was copied to where it was."""
_GREY_SHARE = 0.2
"""Grey pictures are odd where fewer than this share is grey."""
_SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), "PNG": (".png",), "BMP": (".bmp", ".dib"), "GIF": (".gif",),
    "WEBP": (".webp",), "TIFF": (".tif", ".tiff"), "PPM": (".ppm", ".pgm", ".pbm", ".pnm"), "AVIF": (".avif",),
    "HEIF": (".heic", ".heif", ".hif", ".heics", ".heifs"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copies:
    """Groups of rows of a table, each with at least two."""

    exact: list[list[int]]
    """With the same bytes."""
    near: list[list[int]]
    """That look the same, without being equal throughout."""


def find_copies(table: np.ndarray) -> Copies:
    """Which rows of a table of facts are copies of each other."""
    rows = np.flatnonzero(table["good"])
    content = table["content"][rows]
    order = np.lexsort(content.T)  # stable, so that the first of a group is the first in the table
    exact = runs(rows[order], (content[order][1:] == content[order][:-1]).all(1))
    return Copies(sorted(exact), [group for group in near_groups(table) if _differ(table, group)])


def find(
    dataset: Dataset,
    names: Sequence[str],
    rows: Sequence[int],
    table: np.ndarray,
    copies: Copies,
    groups: Sequence[Sequence[int]] = (),
) -> tuple[Finding, ...]:
    """Everything suspicious among the pictures that are used, the worst first.

    Args:
        dataset: with its splits.
        names: of its samples, relative.
        rows: of its samples in ``table``.
        table: facts of its pictures, and perhaps of others, dtype ROW.
        copies: among all of ``table``.
        groups: positions of samples that a table's column puts together.
    """
    used, own = dataset.samples, table[rows]
    place = {row: index for index, row in enumerate(rows)} if copies.exact or copies.near else {}
    exact, near = (
        [[place[row] for row in group if row in place] for group in kind] for kind in (copies.exact, copies.near)
    )
    exact = [group for group in exact if len(group) > 1]
    near = [group for group in near if _differ(own, group)]
    found = [
        *_copies(used, exact, near),
        *_torn(dataset, names, groups),
        *_single(dataset, names, own),
        *_classes(dataset),
    ]
    order = get_args(FindingKind)
    return tuple(sorted(found, key=lambda finding: order.index(finding.kind)))


def _differ(table: np.ndarray, rows: list[int]) -> bool:
    """Whether some of the rows are no exact copies of each other."""
    return len({table["content"][row].tobytes() for row in rows}) > 1


def _copies(samples: Sequence[Sample], exact: list[list[int]], near: list[list[int]]) -> Iterator[Finding]:
    """Copies, sorted by the harm they do: across splits, across classes, or only to the balance."""
    leaking, torn = [], []
    for rows in (*exact, *near):
        if len({samples[row].split for row in rows}) > 1:
            leaking.append(rows)
        if len({samples[row].label for row in rows}) > 1:
            torn.append(rows)
    kinds: dict[FindingKind, list[list[int]]] = {
        "leakage": leaking, "two-classes": torn, "duplicate": exact, "near-duplicate": near,
    }  # fmt: skip
    for kind, groups in kinds.items():
        if groups:
            paths = tuple(tuple(samples[row].path for row in rows) for rows in groups)
            spare = () if kind == "two-classes" else tuple(_spare(samples, groups))
            yield Finding(kind=kind, groups=paths, spare=spare)


def _torn(dataset: Dataset, names: Sequence[str], groups: Sequence[Sequence[int]]) -> Iterator[Finding]:
    """Groups by name or by a table: those that are on both sides, and that the others are kept together."""
    by_name = [] if dataset.split_source == "stratified" else groups_by_name(names, dataset.spec.group_pattern)
    torn = [group for group in (*groups, *by_name) if len({dataset.samples[index].split for index in group}) > 1]
    if torn:
        yield Finding(kind="torn-group", groups=_paths(dataset, torn), column=dataset.group_column)
    if groups and len(torn) < len(groups):
        kept = [group for group in groups if group not in torn]
        yield Finding(kind="kept-together", groups=_paths(dataset, kept), column=dataset.group_column)


def _paths(dataset: Dataset, groups: Sequence[Sequence[int]]) -> tuple[tuple[Path, ...], ...]:
    return tuple(tuple(dataset.samples[index].path for index in group) for group in groups)


def _spare(samples: Sequence[Sample], groups: Iterable[list[int]]) -> Iterator[Path]:
    """All but one of each group of one class; the one in training stays, since there it can be learned from."""
    order = {"train": 0, "validation": 1, "test": 2}
    given = set()
    for rows in groups:
        if len({samples[row].label for row in rows}) > 1:
            continue  # which of them is right, only a person knows
        for row in sorted(rows, key=lambda row: (order[samples[row].split], row))[1:]:
            if row not in given:
                given.add(row)
                yield samples[row].path


def _single(dataset: Dataset, names: Sequence[str], table: np.ndarray) -> Iterator[Finding]:
    """What a picture shows by itself."""
    samples, levels = dataset.samples, dataset.levels
    unusual = [levels.whole != LEVELS.whole, levels.real != LEVELS.real]
    shorter = np.minimum(table["width"], table["height"]).astype(np.int64)
    longer = np.maximum(table["width"], table["height"]).astype(np.int64)
    grey_share = table["grey"].mean() if len(table) else 0
    masks: dict[FindingKind, np.ndarray] = {
        "blank": shown_spread(table, levels) < BLANK_SPREAD,
        "tiny": (shorter < TINY_SIDE) & (np.median(shorter) >= 2 * TINY_SIDE if len(shorter) else False),
        "thin": longer > THIN_RATIO * np.maximum(shorter, 1),
        "huge": shorter * longer > HUGE_PIXELS,
        "wrong-extension": np.array(list(map(_misnamed, names, table["format"].tolist())), bool),
        "levels": np.array([False, *unusual])[table["deep"]],
        "bands": table["bands"] > 0,
        "frames": table["frames"],
        "rotated": table["rotated"],
        "grey": table["grey"] & (0 < grey_share < _GREY_SHARE),
    }
    for kind, mask in masks.items():
        chosen = tuple(samples[int(row)].path for row in np.flatnonzero(mask))
        if chosen:
            spare = chosen if kind in ("blank", "tiny", "thin") else ()
            note = in_words(levels) if kind == "levels" else ""
            groups = tuple((path,) for path in chosen)
            yield Finding(kind=kind, groups=groups, spare=spare, note=note)


def _classes(dataset: Dataset) -> Iterator[Finding]:
    """Classes that are too small, very uneven, or spelt nearly alike."""
    merges = tuple(_merges(dataset))
    if merges:
        yield Finding(kind="alike-classes", groups=(), classes=_named_in(merges), merges=merges)
    sizes = {name: counts["train"] for name, counts in dataset.counts().items()}
    small = tuple(name for name, size in sizes.items() if size < FEW)
    if small:
        yield Finding(kind="small-class", groups=(), classes=small)
    if sizes and max(sizes.values()) > UNEVEN * max(1, min(sizes.values())):
        ends = (max(sizes, key=lambda name: sizes[name]), min(sizes, key=lambda name: sizes[name]))
        yield Finding(kind="unbalanced", groups=(), classes=ends)


def _merges(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Classes whose names differ only in case, blanks or hyphens, each with the one of them that has most pictures.

    Also those called as copies of others that are there: Oak - Copy, Oak (2).
    """
    sizes = {name: sum(counts.values()) for name, counts in dataset.counts().items()}
    keys = set(map(alike_key, dataset.classes))
    alike = defaultdict[str, list[str]](list)
    for name in dataset.classes:
        copied = alike_key(_COPY.sub("", name))
        alike[copied if copied in keys else alike_key(name)].append(name)
    for group in alike.values():
        largest = max(group, key=sizes.__getitem__)
        yield from ((name, largest) for name in group if name != largest)


def _named_in(merges: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Every class of them, the largest before those that are like it."""
    together = defaultdict[str, list[str]](list)
    for name, largest in merges:
        together[largest].append(name)
    return tuple(name for largest, others in together.items() for name in (largest, *others))


def _misnamed(name: str, format_index: int) -> bool:
    suffix = suffix_of(name)
    return bool(suffix) and suffix not in _SUFFIXES[FORMATS[format_index]]
