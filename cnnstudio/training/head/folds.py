"""Folds of a cross-validation: every class in each of them as far as it goes, and what belongs together in one."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from cnnstudio.core import ALONE

FOLDS = 5
ALWAYS_LEARNED = -1
"""In place of a fold: the only picture or group of its class, which no head could answer that did not learn from it."""
LEFT_OUT = -2
"""In place of a fold: there are enough pictures without it."""


def folds_of(
    names: Sequence[str], labels: Sequence[int], groups: Sequence[int], share: float = 1.0, folds: int = FOLDS
) -> np.ndarray:
    """The fold in which each picture is answered, N int64; or ``ALWAYS_LEARNED`` or ``LEFT_OUT``.

    The order on disk does not matter, and nothing is random: the same pictures always give the same folds.

    Args:
        names: paths relative to the dataset's folder.
        labels: class of each picture.
        groups: a number that pictures share which stay together, or ``ALONE``.
        share: of each class, as much as is wanted; at least one picture or group per fold.
        folds: how many.
    """
    units = _units(names, groups)
    inside = [Counter(labels[index] for index in unit) for unit in units]
    of_class = Counter(label for own in inside for label in own)
    sizes, seen = np.zeros(folds, np.int64), Counter[int]()
    held = defaultdict[int, np.ndarray](lambda: np.zeros(folds, np.int64))
    places = []
    for unit, own in zip(units, inside, strict=True):
        label = max(sorted(own), key=own.__getitem__)
        seen[label] += 1
        if seen[label] > max(folds, share * of_class[label]):
            places.append(LEFT_OUT)
            continue
        fold = min(range(folds), key=lambda each: (held[label][each], sizes[each], each))
        places.append(fold)
        sizes[fold] += len(unit)
        for each, count in own.items():
            held[each][fold] += count
    found = np.empty(len(names), np.int64)
    for unit, place in zip(units, _with_every_class(places, inside), strict=True):
        found[list(unit)] = place
    return found


def _units(names: Sequence[str], groups: Sequence[int]) -> list[list[int]]:
    """Pictures and groups, the largest first, else in an order that only their names decide."""
    together = defaultdict[int, list[int]](list)
    for index, group in enumerate(groups):
        if group != ALONE:
            together[group].append(index)
    units = [[index] for index, group in enumerate(groups) if group == ALONE] + list(together.values())
    places = [hashlib.blake2b(name.encode(errors="surrogateescape"), digest_size=16).digest() for name in names]
    return sorted(units, key=lambda unit: (-len(unit), min(places[index] for index in unit)))


def _with_every_class(places: list[int], inside: list[Counter[int]]) -> list[int]:
    """What no other fold has of a class is always learned: the head of its fold would not know the class."""
    while True:
        of_class = defaultdict[int, set[int]](set)
        for place, own in zip(places, inside, strict=True):
            for label in own:
                if place != LEFT_OUT:
                    of_class[label].add(place)
        alone = {label for label, own in of_class.items() if len(own) == 1 and own != {ALWAYS_LEARNED}}
        if not alone:
            return places
        places = [
            ALWAYS_LEARNED if place >= 0 and not alone.isdisjoint(own) else place
            for place, own in zip(places, inside, strict=True)
        ]
