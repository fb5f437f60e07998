"""Which pictures a network learns from, and which ones judge it: drawn by class.

The same pictures and seed always give the same split. Groups stay together.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from cnnstudio.data.dataset import Split, SplitSpec
from cnnstudio.data.patterns import names_by_pattern


def connected(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """For each of 0 … count - 1 the smallest number that pairs lead to, its own where there is none.

    Args:
        count: how many there are.
        first: one end of each pair.
        second: the other ends.
    """
    leader = np.arange(count)
    while True:
        low = np.minimum(leader[first], leader[second])
        before = leader.copy()
        np.minimum.at(leader, leader[first], low)
        np.minimum.at(leader, leader[second], low)
        leader = leader[leader]
        if np.array_equal(before, leader):
            return leader


def joined(count: int, groups: Iterable[Sequence[int]]) -> np.ndarray:
    """As ``connected``, for groups of positions instead of pairs."""
    pairs = [(group[0], index) for group in groups for index in group[1:]]
    first, second = np.array(pairs, np.intp).reshape(-1, 2).T
    return connected(count, first, second)


def members(leader: np.ndarray) -> list[list[int]]:
    """The parts with more than one member, from what ``connected`` gives; all in ascending order."""
    order = np.argsort(leader, kind="stable")
    return runs(order, leader[order][1:] == leader[order][:-1])


def runs(order: np.ndarray, joined: np.ndarray) -> list[list[int]]:
    """Cut a row into pieces of at least two.

    Args:
        order: N numbers.
        joined: N - 1 truths, whether each belongs with the next.
    """
    starts = np.flatnonzero(joined & ~np.append(False, joined[:-1]))
    ends = np.flatnonzero(joined & ~np.append(joined[1:], False)) + 2
    return [order[start:end].tolist() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


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
    at least one, and from three pictures or groups on validation and test get at least one each where their share is
    not zero. Fixed test pictures beyond that share, such as a folder's own, are not shared out: a large test folder
    takes nothing away from a small training folder.

    Args:
        names: paths relative to the dataset's folder, with forward slashes.
        labels: class of each picture.
        spec: shares, seed, groups by name, folds.
        groups: positions that must stay on one side, such as pictures that look the same.
        fixed: splits that are given, such as those of an earlier look; None where there is none. A group with a fixed
            picture follows it.
    """
    if spec.repeat:
        once = split_pictures(names, labels, replace(spec, repeat=0, folds=0), groups=groups, fixed=fixed)
        known = list(fixed) or [None] * len(names)
        fixed = ["test" if split == "test" else own for own, split in zip(known, once, strict=True)]
        spec = replace(spec, test=0, validation=spec.validation / (1 - spec.test))
    together = _together(names, spec, groups)
    splits: list[Split | None] = list(fixed) or [None] * len(names)
    for group in together:  # a group follows its fixed picture
        given = next((splits[index] for index in group if splits[index] is not None), None)
        if given is not None:
            for index in group:
                splits[index] = splits[index] or given
    grouped = {index for unit in together for index in unit}
    alone = ((index,) for index, split in enumerate(splits) if split is None and index not in grouped)
    units = [*alone, *(tuple(unit) for unit in together if splits[unit[0]] is None)]
    row = f"{spec.seed}.{spec.repeat}" if spec.repeat else str(spec.seed)
    places = {unit: min([_place(names[index], row) for index in unit]) for unit in units}
    units.sort(key=places.__getitem__)
    shares = _shares(labels, splits, spec)
    room = _room(labels, splits, shares)
    for unit in units:
        own = [labels[index] for index in unit]
        chosen: Split = "test" if _fits(room["test"], own) else "train"
        if chosen == "train" and _fits(room["validation"], own):
            chosen = "validation"
        for index, label in zip(unit, own, strict=True):
            room[chosen][label] -= 1
            splits[index] = chosen
    result = _none_empty([split or "train" for split in splits], units, labels, shares)
    return _folded(result, units, labels, spec) if spec.folds else result


def groups_by_name(names: Sequence[str], pattern: str) -> list[list[int]]:
    """Positions in whose names a pattern finds the same; none without a pattern.

    Args:
        names: of pictures.
        pattern: a regular expression.

    Raises:
        DatasetError: the pattern takes too long.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names_by_pattern(names, pattern) if pattern else ()):
        if name is not None:
            found[name].append(index)
    return list(found.values())


def class_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Weight per class, float32, so that every class counts alike; their mean over the pictures is 1.

    Args:
        labels: class index of each training picture, N.
        classes: number of classes; those without pictures weigh 0.
    """
    counts = np.bincount(labels, minlength=classes)
    present = np.count_nonzero(counts)
    weights = np.divide(len(labels), present * counts, out=np.zeros(classes), where=counts > 0)
    return weights.astype(np.float32)


def balanced_order(labels: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Indices for one epoch, as many as pictures, in which every class is about equally frequent.

    Pictures of small classes come up several times, those of large ones not in every epoch.
    """
    rng = np.random.default_rng([seed, epoch, 3])
    order = np.empty(len(labels), dtype=np.int64)
    by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = rng.permutation(np.arange(len(labels)) % len(by_class))
    for number, own in enumerate(by_class):
        places = np.flatnonzero(drawn == number)
        rounds = -(-len(places) // len(own))
        order[places] = np.concatenate([rng.permutation(own) for _ in range(rounds)])[: len(places)]
    return order


def _room(
    labels: Sequence[int], splits: Sequence[Split | None], shares: Mapping[int, tuple[int, int]]
) -> dict[str, Counter[int]]:
    """How many pictures of each class a split can still take."""
    room: dict[str, Counter[int]] = {"test": Counter(), "validation": Counter(), "train": Counter()}
    for label, own in shares.items():
        room["test"][label], room["validation"][label] = own
    for label, split in zip(labels, splits, strict=True):
        if split is not None:
            room[split][label] -= 1
    return room


def _shares(labels: Sequence[int], fixed: Sequence[Split | None], spec: SplitSpec) -> dict[int, tuple[int, int]]:
    """How many pictures of each class are for test and for validation, of those that are shared out."""
    given = Counter([label for label, split in zip(labels, fixed, strict=True) if split == "test"])
    shares = {}
    for label, count in Counter(labels).items():
        test = _share(count, spec.test, reserve=2 if spec.validation else 1)
        count -= max(0, given[label] - test)
        shares[label] = test, _share(count, spec.validation, reserve=1 + (test or 1))
    return shares


def _fits(room: Counter[int], labels: list[int]) -> bool:
    if len(labels) == 1:
        return room[labels[0]] > 0
    return all(room[label] >= count for label, count in Counter(labels).items())


def _none_empty(
    splits: list[Split],
    units: Sequence[tuple[int, ...]],
    labels: Sequence[int],
    shares: Mapping[int, tuple[int, int]],
) -> list[Split]:
    """Groups larger than a share would leave a split without a class: then the smallest group goes there after all."""
    counts = Counter(zip(labels, splits, strict=True))
    learned = Counter(label for unit in units if splits[unit[0]] == "train" for label in {labels[i] for i in unit})
    for label, (test, validation) in shares.items():
        wanted: dict[Split, int] = {"validation": validation, "test": test}
        for split, share in wanted.items():
            if not share or counts[label, split]:
                continue
            movable = [
                unit
                for unit in units
                if splits[unit[0]] == "train" and label in (own := {labels[i] for i in unit})
                and all(learned[other] > 1 for other in own)
            ]  # fmt: skip
            for index in (chosen := min(movable, key=len, default=())):
                splits[index] = split
                counts[labels[index], split] += 1
            learned.subtract({labels[index] for index in chosen})
    return splits


def _folded(splits: list[Split], units: list[tuple[int, ...]], labels: Sequence[int], spec: SplitSpec) -> list[Split]:
    """Cross-validation: of the drawn units that are not test, every folds-th of each class is validation.

    A class with one unit is learned in every fold.
    """
    folded, seen = list(splits), Counter[int]()
    several = Counter(labels[unit[0]] for unit in units if splits[unit[0]] != "test")
    for unit in units:
        if splits[unit[0]] != "test" and several[labels[unit[0]]] > 1:
            label = labels[unit[0]]
            for index in unit:
                folded[index] = "validation" if seen[label] % spec.folds == spec.fold else "train"
            seen[label] += 1
    return folded


def _together(names: Sequence[str], spec: SplitSpec, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Groups that share a picture become one."""
    return members(joined(len(names), (*groups, *groups_by_name(names, spec.group_pattern))))


def _share(count: int, fraction: float, *, reserve: int) -> int:
    """A fraction of ``count``, at least one where others keep their ``reserve``."""
    if fraction == 0 or count <= reserve:
        return 0
    return min(max(1, round(count * fraction)), count - reserve)


def _place(name: str, row: str) -> bytes:
    text = f"{row}|{name}".encode(errors="surrogateescape")
    return hashlib.blake2b(text, digest_size=16).digest()
