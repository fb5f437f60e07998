"""Pictures that look the same: resized, compressed again, or a frame later."""

from itertools import pairwise

import numpy as np

from cnnstudio.data.facts import TINY
from cnnstudio.data.groups import connected

MOST_BITS = 5
"""Of the 64 of the perceptual hash that may differ."""
_BANDS = MOST_BITS + 1
"""With so many, two hashes that differ in at most MOST_BITS bits agree in at least one band."""
MOST_DIFFERENCE = 6.0
"""Mean difference of the small copies, of 255."""
_LEAST_SPREAD = 4.0
"""Of the grey values: nearly blank pictures have a hash of noise, and all look alike."""
_CROWD = 400
"""Rows that share a band and more than this are compared with their neighbours only."""
_SECOND, _FIRST = np.tril_indices(_CROWD, -1)
"""All pairs of a crowd; those of a smaller one come first."""


def near_groups(table: np.ndarray) -> list[list[int]]:
    """Groups of rows that look alike, each with at least two rows; a row is in one group at most.

    Two pictures are alike when at most 5 of 64 bits of their perceptual hashes differ (found through the pigeonhole
    principle: hashes that differ in 5 bits agree in one of 6 bands) and their 8×8 copies differ by at most 6 of 255.
    """
    rows = np.flatnonzero(table["good"] & (table["spread"] >= _LEAST_SPREAD))
    looks, tiny = table["look"][rows], table["tiny"][rows].reshape(len(rows), 3 * TINY * TINY)
    parts = connected(len(rows), _pairs(looks, tiny))
    return [[int(rows[index]) for index in part] for part in parts if len(part) > 1]


def _pairs(looks: np.ndarray, tiny: np.ndarray) -> set[tuple[int, int]]:
    """Pairs of alike rows."""
    found: set[tuple[int, int]] = set()
    edges = np.linspace(0, 64, _BANDS + 1).astype(np.uint64)
    for low, high in pairwise(edges):
        band = (looks >> low) & np.uint64((1 << int(high - low)) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order])) + 1
        for together in np.split(order, starts):
            if len(together) > 1:
                found |= _alike(together, looks, tiny)
    return found


def _alike(rows: np.ndarray, looks: np.ndarray, tiny: np.ndarray) -> set[tuple[int, int]]:
    """Among rows that share a band; of a crowd, only neighbours in the order of their hashes."""
    if len(rows) > _CROWD:
        rows = rows[np.argsort(looks[rows], kind="stable")]
        first, second = rows[:-1], rows[1:]
    else:
        pairs = len(rows) * (len(rows) - 1) // 2
        first, second = rows[_FIRST[:pairs]], rows[_SECOND[:pairs]]
    close = np.bitwise_count(looks[first] ^ looks[second]) <= MOST_BITS
    first, second = first[close], second[close]
    difference = np.abs(tiny[first].astype(np.int16) - tiny[second]).mean(1) if len(first) else np.zeros(0)
    near = difference <= MOST_DIFFERENCE
    return set(zip(first[near].tolist(), second[near].tolist(), strict=True))
