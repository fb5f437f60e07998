import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.data.checks.facts import ROW
from cnnstudio.data.checks.near_duplicates import MOST_BITS, near_groups
from cnnstudio.data.splits.groups import connected, members, runs


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
