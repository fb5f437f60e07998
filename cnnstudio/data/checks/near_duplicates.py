"""Pictures that look the same: resized, compressed again, or a frame later."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from cnnstudio.core import usable_cores
from cnnstudio.data.checks.facts import TINY
from cnnstudio.data.splits import connected, members

MOST_BITS = 5
"""Of the 64 of the perceptual hash that may differ."""
_BANDS = MOST_BITS + 1
"""With so many, two hashes that differ in at most MOST_BITS bits agree in at least one band."""
MOST_DIFFERENCE = 6.0
"""Mean difference of the small copies, of 255."""
_LEAST_SPREAD = 4.0
"""Of the grey values: nearly blank pictures have a hash of noise, and all look alike."""
_CROWD = 400
"""Each is compared with at most so many that share a band with it,"""
_ENOUGH = 8
"""and no longer than until so many are alike: these look further."""


def near_groups(table: np.ndarray) -> list[list[int]]:
    """Groups of rows that look alike, each with at least two rows; a row is in one group at most.

    Two pictures are alike when at most 5 of 64 bits of their perceptual hashes differ (found through the pigeonhole
    principle: hashes that differ in 5 bits agree in one of 6 bands) and their 8×8 copies differ by at most 6 of 255.
    """
    rows = np.flatnonzero(table["good"] & (table["spread"] >= _LEAST_SPREAD))
    looks, tiny = table["look"][rows], table["tiny"][rows].reshape(len(rows), 3 * TINY * TINY)
    with ThreadPoolExecutor(usable_cores()) as pool:  # NumPy lets others run while it computes
        found = pool.map(lambda band: list(_alike(band, looks, tiny)), _bands(looks))
        pairs = [alike for band in found for alike in band]
    if not pairs:
        return []
    first, second = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    return [rows[part].tolist() for part in members(connected(len(rows), first, second))]


def _bands(looks: np.ndarray) -> Iterator[np.ndarray]:
    """Each part of all hashes."""
    for low, high in pairwise(np.linspace(0, 64, _BANDS + 1).astype(np.uint64)):
        yield (looks >> low) & np.uint64((1 << int(high - low)) - 1)


def _alike(band: np.ndarray, looks: np.ndarray, tiny: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Among those that share a band, first the neighbours in the order of their hashes, then those further away."""
    order = np.lexsort((looks, band))
    band, looks, starts, found = band[order], looks[order], np.arange(len(order) - 1), np.zeros(len(order), np.uint8)
    for step in range(1, _CROWD):
        starts = starts[: np.searchsorted(starts, len(order) - step)]
        starts = starts[(band[starts] == band[starts + step]) & (found[starts] < _ENOUGH)]
        if not len(starts):
            break
        close = starts[np.bitwise_count(looks[starts] ^ looks[starts + step]) <= MOST_BITS]
        first, second = order[close], order[close + step]
        near = np.abs(tiny[first].astype(np.int16) - tiny[second]).mean(1) <= MOST_DIFFERENCE
        found[close[near]] += 1
        yield first[near], second[near]
