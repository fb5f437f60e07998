from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.data.checks.facts import ROW
from cnnstudio.data.checks.findings import find_copies
from cnnstudio.data.checks.near_duplicates import MOST_BITS, MOST_DIFFERENCE, near_groups
from cnnstudio.data.splits import connected, members, runs


@given(st.integers(1, 60), st.data())
def test_parts_are_what_pairs_reach(count, data):
    number = st.integers(0, count - 1)
    pairs = data.draw(st.lists(st.tuples(number, number), max_size=80))
    first, second = np.array(pairs, np.intp).reshape(-1, 2).T
    reached = [{each} for each in range(count)]
    for one, other in pairs:
        both = reached[one] | reached[other]
        for each in both:
            reached[each] = both
    parts = members(connected(count, first, second))
    assert sorted(map(sorted, {frozenset(part) for part in reached if len(part) > 1})) == sorted(parts)


@given(st.lists(st.integers(0, 3), max_size=40))
def test_runs_are_neighbours_that_are_equal(values):
    row = np.array(values, np.intp)
    pieces = runs(row, row[1:] == row[:-1])
    assert all(len(set(piece)) == 1 and len(piece) > 1 for piece in pieces)
    alone = [v for i, v in enumerate(values) if (i == 0 or values[i - 1] != v) and values[i + 1 : i + 2] != [v]]
    assert len(values) == sum(map(len, pieces)) + len(alone)


@given(st.integers(0, 2**32), st.integers(0, 2 * MOST_BITS))
def test_pictures_are_alike_up_to_five_bits_wherever_these_are(seed, bits):
    rng = np.random.default_rng(seed)
    table = np.zeros(50, ROW)
    table["good"], table["spread"] = True, 50
    table["look"] = rng.integers(0, 2**64, 50, dtype=np.uint64)
    table["tiny"] = rng.integers(0, 256, table["tiny"].shape)
    flipped = sum(1 << int(bit) for bit in rng.choice(64, bits, replace=False))
    table[33] = table[7]
    table["look"][33] ^= np.uint64(flipped)
    assert near_groups(table) == ([[7, 33]] if bits <= MOST_BITS else [])


def test_a_thousand_frames_of_one_scene_are_one_group():
    rng = np.random.default_rng(0)
    table = np.zeros(2000, ROW)
    table["good"], table["spread"] = True, 50
    table["look"] = 0x123456789ABCDEF0 ^ (np.uint64(1) << rng.integers(0, 64, 2000, dtype=np.uint64))
    assert near_groups(table) == [list(range(2000))]


# Against comparing every picture with every other --------------------------------------------------------------


def alike(table, one, other):
    bits = int(table["look"][one] ^ table["look"][other]).bit_count()
    near = np.abs(table["tiny"][one].astype(int) - table["tiny"][other]).mean() <= MOST_DIFFERENCE
    both = all(table["good"][row] and table["spread"][row] >= 4 for row in (one, other))
    return bool(bits <= MOST_BITS and near and both)


def brute_force(table):
    """Every pair, and what pairs lead to."""
    groups = [{row} for row in range(len(table))]
    for one, other in combinations(range(len(table)), 2):
        if alike(table, one, other):
            both = groups[one] | groups[other]
            for row in both:
                groups[row] = both
    return sorted({tuple(sorted(group)) for group in groups if len(group) > 1})


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(2, 30), st.sampled_from([0.0, 0.2]))
def test_groups_are_those_of_comparing_all_with_all(seed, count, spoilt):
    """Copies of few scenes: some bits, some light and some pixels different, so that all limits are met often."""
    rng = np.random.default_rng(seed)
    table = np.zeros(count, ROW)
    table["good"], table["spread"] = rng.random(count) >= spoilt, np.where(rng.random(count) >= spoilt, 50, 3)
    scenes = rng.integers(0, 2**64, 3, dtype=np.uint64)
    scene = rng.integers(0, 3, count)
    for row in range(count):
        flipped = sum(1 << int(bit) for bit in rng.choice(64, rng.integers(0, 6), replace=False))
        table["look"][row] = scenes[scene[row]] ^ np.uint64(flipped)
        table["tiny"][row] = 100 + 40 * scene[row] + rng.integers(0, 9)
    assert sorted(map(tuple, near_groups(table))) == brute_force(table)


@given(st.integers(0, 2**32), st.permutations(range(12)))
@settings(max_examples=30)
def test_the_order_of_pictures_does_not_matter(seed, order):
    rng = np.random.default_rng(seed)
    table = np.zeros(12, ROW)
    table["good"], table["spread"] = True, 50
    table["look"] = rng.integers(0, 2**64, 12, dtype=np.uint64)
    for row in range(0, 12, 3):
        table["look"][row + 1] = table["look"][row] ^ np.uint64(0b10101)
    there = {frozenset(order[row] for row in group) for group in near_groups(table[list(order)])}
    assert there == {frozenset(group) for group in near_groups(table)}


@pytest.mark.parametrize(("difference", "together"), [(6, True), (7, False)])
def test_the_same_hash_alone_is_not_enough(difference, together):
    table = np.zeros(2, ROW)
    table["good"], table["spread"], table["look"] = True, 50, 0x0F0F
    table["tiny"][1] = difference
    assert near_groups(table) == ([[0, 1]] if together else [])


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pictures_to_be_alike(count):
    table = np.zeros(count, ROW)
    table["good"], table["spread"] = True, 50
    assert near_groups(table) == []
    assert find_copies(table).exact == []


@given(st.lists(st.integers(0, 4), max_size=30), st.data())
def test_exact_copies_are_rows_with_the_same_content(contents, data):
    table = np.zeros(len(contents), ROW)
    table["good"] = good = data.draw(st.lists(st.booleans(), min_size=len(contents), max_size=len(contents)))
    table["content"][:, 0], table["content"][:, 1] = contents, 7
    expected = [
        rows
        for value in set(contents)
        if len(rows := [row for row, content in enumerate(contents) if content == value and good[row]]) > 1
    ]
    assert find_copies(table).exact == sorted(expected)
