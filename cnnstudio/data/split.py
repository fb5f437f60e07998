"""Stratified, seeded splits that keep groups together: the same pictures and seed always give the same split."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from cnnstudio.data.groups import connected
from cnnstudio.data.spec import Split, SplitSpec


def split_pictures(
    names: Sequence[str],
    labels: Sequence[int],
    spec: SplitSpec,
    *,
    groups: Sequence[Sequence[int]] = (),
    fixed: Sequence[Split | None] = (),
) -> list[Split]:
    """Assign pictures to splits, class by class.

    Every picture gets a place in a row from a hash of seed and name, so that the order on disk does not matter. Each
    split gets its share of each class to within one picture, as far as groups and fixed pictures allow; training keeps
    at least one, and from three pictures on validation and test get at least one each where their share is not zero.

    Args:
        names: paths relative to the dataset's folder, with forward slashes.
        labels: class of each picture.
        spec: shares, seed, groups by name, folds.
        groups: positions that must stay on one side, such as pictures that look the same.
        fixed: splits that are given, such as those of an earlier look; None where there is none. A group with a fixed
            picture follows it.
    """
    units = _units(names, spec, groups)
    splits: list[Split | None] = list(fixed) or [None] * len(names)
    for unit in units:  # a group follows its fixed picture
        given = next((splits[index] for index in unit if splits[index] is not None), None)
        if given is not None:
            for index in unit:
                splits[index] = splits[index] or given
    room = _room(labels, splits, spec)
    free = sorted((unit for unit in units if splits[unit[0]] is None), key=lambda unit: _unit_place(names, unit, spec))
    for unit in free:
        needed = Counter(labels[index] for index in unit)
        chosen = next((split for split in ("test", "validation") if _fits(room[split], needed)), "train")
        room[chosen].subtract(needed)
        for index in unit:
            splits[index] = chosen  # type: ignore[call-overload]
    result = [split or "train" for split in splits]
    return _folded(result, units, names, labels, spec) if spec.folds else result


def names_by_pattern(names: Sequence[str], pattern: str) -> list[str | None]:
    """What a pattern finds in each name: its first group, or all of it; None where it finds nothing."""
    matches = [re.search(pattern, name) for name in names]
    return [(match[1] if match.groups() else match[0]) if match else None for match in matches]


def _room(labels: Sequence[int], splits: Sequence[Split | None], spec: SplitSpec) -> dict[str, Counter[int]]:
    """How many pictures of each class a split can still take."""
    room: dict[str, Counter[int]] = {"test": Counter(), "validation": Counter(), "train": Counter()}
    for label, count in Counter(labels).items():
        test = _share(count, spec.test, reserve=2 if spec.validation else 1)
        room["test"][label] = test
        room["validation"][label] = _share(count, spec.validation, reserve=1 + test)
    for label, split in zip(labels, splits, strict=True):
        if split is not None:
            room[split][label] -= 1
    return room


def _fits(room: Counter[int], needed: Counter[int]) -> bool:
    return all(room[label] >= count for label, count in needed.items())


def _folded(
    splits: list[Split], units: list[list[int]], names: Sequence[str], labels: Sequence[int], spec: SplitSpec
) -> list[Split]:
    """Cross-validation: of what is not test, every folds-th unit of each class is validation."""
    folded: list[Split] = list(splits)
    rest = [unit for unit in units if splits[unit[0]] != "test"]
    seen: Counter[int] = Counter()
    for unit in sorted(rest, key=lambda unit: _unit_place(names, unit, spec)):
        part = seen[labels[unit[0]]] % spec.folds
        seen[labels[unit[0]]] += 1
        for index in unit:
            folded[index] = "validation" if part == spec.fold else "train"
    return folded


def _units(names: Sequence[str], spec: SplitSpec, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Groups that share a picture become one; every other picture is a unit by itself."""
    together = [list(group) for group in groups]
    if spec.group_pattern:
        found: dict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(names_by_pattern(names, spec.group_pattern)):
            if name is not None:
                found[name].append(index)
        together += found.values()
    return connected(len(names), ((group[0], index) for group in together for index in group[1:]))


def _share(count: int, fraction: float, *, reserve: int) -> int:
    """A fraction of ``count``, at least one where others keep their ``reserve``."""
    if fraction == 0 or count <= reserve:
        return 0
    return min(max(1, round(count * fraction)), count - reserve)


def _unit_place(names: Sequence[str], unit: Sequence[int], spec: SplitSpec) -> bytes:
    return min(_place(names[index], spec.seed) for index in unit)


def _place(name: str, seed: int) -> bytes:
    text = f"{seed}|{name}".encode(errors="surrogateescape")
    return hashlib.blake2b(text, digest_size=16).digest()
