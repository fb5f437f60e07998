from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.data import SplitSpec
from cnnstudio.data.patterns import names_by_pattern
from cnnstudio.data.splits import (
    balanced_order,
    class_weights,
    groups_by_name,
    split_pictures,
)

SHARES = st.floats(0, 0.45)


def names_of(count):
    return [f"{number}.jpg" for number in range(count)]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200), SHARES, SHARES, st.integers(0, 5))
def test_it_is_complete_stratified_and_does_not_depend_on_the_order(labels, validation, test, seed):
    spec = SplitSpec(validation=validation, test=test, seed=seed)
    names = names_of(len(labels))
    splits = split_pictures(names, labels, spec)
    assert set(splits) <= {"train", "validation", "test"}
    for label, count in Counter(labels).items():
        own = Counter(split for split, of in zip(splits, labels, strict=True) if of == label)
        assert own["train"] >= 1
        assert abs(own["test"] - test * count) <= 1
        assert abs(own["validation"] - validation * count) <= 1
    backwards = split_pictures(names[::-1], labels[::-1], spec)
    assert dict(zip(names[::-1], backwards, strict=True)) == dict(zip(names, splits, strict=True))


@given(st.lists(st.integers(0, 3), min_size=2, max_size=120), st.data())
def test_groups_are_never_torn(labels, data):
    places = st.integers(0, len(labels) - 1)
    groups = data.draw(st.lists(st.lists(places, min_size=2, max_size=6), max_size=12))
    splits = split_pictures(names_of(len(labels)), labels, SplitSpec(), groups=groups)
    for group in groups:
        assert len({splits[index] for index in group}) == 1
    grouped = {index for group in groups for index in group}
    for label, count in Counter(labels).items():  # a split is too large only where a group had to go there
        for split in ("test", "validation"):
            own = [index for index, of in enumerate(labels) if of == label and splits[index] == split]
            assert len(own) <= 0.15 * count + 1 or any(index in grouped for index in own)
            assert len([index for index in own if index not in grouped]) <= 0.15 * count + 1


def test_few_large_groups_still_give_every_split_something():
    names = [f"patient{number // 20}_{number}.jpg" for number in range(100)]
    splits = Counter(split_pictures(names, [0] * 100, SplitSpec(group_pattern=r"(patient\d+)")))
    assert splits == {"train": 60, "validation": 20, "test": 20}
    two = Counter(split_pictures(names[:40], [0] * 40, SplitSpec(group_pattern=r"(patient\d+)")))
    assert two == {"train": 20, "validation": 20}, "without pictures to choose by, nothing can be learned well"


def test_small_groups_still_give_every_split_its_share():
    groups = [[2 * number, 2 * number + 1] for number in range(30)]
    splits = Counter(split_pictures(names_of(100), [0] * 100, SplitSpec(), groups=groups))
    assert (splits["test"], splits["validation"]) == (15, 15)


@given(st.integers(1, 60), st.integers(1, 60))
def test_added_files_move_nothing(before, added):
    spec, names = SplitSpec(), names_of(before + added)
    first = split_pictures(names[:before], [0] * before, spec)
    again = split_pictures(names, [0] * len(names), spec, fixed=[*first, *[None] * added])
    assert again[:before] == first


def test_a_new_copy_follows_the_old_one():
    splits = split_pictures(names_of(3), [0, 0, 0], SplitSpec(), groups=[[0, 2]], fixed=["test", "train", None])
    assert splits == ["test", "train", "test"]


def test_names_can_say_what_belongs_together():
    names = [f"red/patient{number // 4}_{number}.jpg" for number in range(80)]
    splits = split_pictures(names, [0] * 80, SplitSpec(group_pattern=r"(patient\d+)"))
    of = defaultdict(set)
    for name, split in zip(names, splits, strict=True):
        of[name.partition("_")[0]].add(split)
    assert all(len(found) == 1 for found in of.values())
    assert set(splits) == {"train", "validation", "test"}


@given(st.lists(st.integers(0, 2), min_size=6, max_size=100), st.integers(2, 6))
def test_every_picture_is_validation_in_exactly_one_fold(labels, folds):
    names = names_of(len(labels))
    parts = [split_pictures(names, labels, SplitSpec(folds=folds, fold=fold)) for fold in range(folds)]
    for splits in zip(*parts, strict=True):
        assert set(splits) in ({"test"}, {"train"}) or Counter(splits) == {"validation": 1, "train": folds - 1}
    for label in set(labels):
        for part in parts:
            assert "train" in {split for split, of in zip(part, labels, strict=True) if of == label}
        sizes = [sum(s == "validation" and of == label for s, of in zip(part, labels, strict=True)) for part in parts]
        assert max(sizes) - min(sizes) <= 1


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 200)), min_size=1, max_size=4),
    st.floats(0, 0.45),
    st.integers(0, 3),
    st.booleans(),
)
def test_a_drawn_validation_takes_its_share_of_the_training_pictures_however_many_are_for_testing(
    counts, share, seed, grouped
):
    labels = [label for label, (train, test) in enumerate(counts) for _ in range(train + test)]
    fixed = [split for train, test in counts for split in [None] * train + ["test"] * test]
    draws = [index for index, split in enumerate(fixed) if split is None]
    groups = [draws[start : start + 2] for start in range(0, len(draws) - 1, 2)] if grouped else []
    spec = SplitSpec(validation=share, test=0, seed=seed)
    splits = split_pictures(names_of(len(labels)), labels, spec, groups=groups, fixed=fixed)
    assert [split for split, given in zip(splits, fixed, strict=True) if given] == ["test"] * fixed.count("test")
    for label, (train, _) in enumerate(counts):
        own = Counter(split for split, of in zip(splits, labels, strict=True) if of == label)
        assert own["validation"] + own["train"] == train
        assert own["validation"] <= max(1, round(share * train)) + grouped
        assert own["train"] > own["validation"] or not train or share > 0.4 or (grouped and train < 5)
        assert own["train"] >= min(1, train)
        if share and train >= 3 and not grouped:
            assert own["validation"] >= 1


@pytest.mark.parametrize("wrong", [{"folds": 1}, {"folds": 5, "fold": 5}, {"group_pattern": "("}, {"test": 1.0}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"fold|pattern|fractions"):
        SplitSpec(**wrong)


GROUPS = st.lists(st.lists(st.integers(0, 39), min_size=2, max_size=5), max_size=8)


@given(GROUPS, st.lists(st.integers(0, 2), min_size=40, max_size=40), st.integers(1, 39), st.integers(0, 3))
def test_added_files_move_nothing_however_pictures_belong_together(groups, labels, before, seed):
    """Only groups of old pictures are known at first; new ones may join old groups, and follow them."""
    names, spec = names_of(40), SplitSpec(seed=seed)
    known = [own for group in groups if len(own := [index for index in group if index < before]) > 1]
    first = split_pictures(names[:before], labels[:before], spec, groups=known)
    again = split_pictures(names, labels, spec, groups=groups, fixed=[*first, *[None] * (40 - before)])
    assert again[:before] == first
    for group in groups:
        old = {first[index] for index in group if index < before}
        if len(old) == 1:
            joined = [other for other in groups if set(other) & set(group)]
            if all({first[index] for index in other if index < before} <= old for other in joined) and len(joined) == 1:
                assert {again[index] for index in group} == old


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), SHARES, SHARES, st.integers(0, 9), st.data())
def test_the_same_pictures_always_go_the_same_way_whoever_lists_them(labels, validation, test, seed, data):
    spec = SplitSpec(validation=validation, test=test, seed=seed)
    names = names_of(len(labels))
    order = data.draw(st.permutations(range(len(labels))))
    groups = data.draw(st.lists(st.lists(st.integers(0, len(labels) - 1), min_size=2, max_size=4), max_size=4))
    there = split_pictures(names, labels, spec, groups=groups)
    place = {index: position for position, index in enumerate(order)}
    moved = [[place[index] for index in group] for group in groups]
    here = split_pictures([names[i] for i in order], [labels[i] for i in order], spec, groups=moved)
    sizes = Counter(zip(labels, there, strict=True))
    assert Counter(zip((labels[i] for i in order), here, strict=True)) == sizes
    if not groups:
        assert [there[index] for index in order] == here


@given(st.lists(st.sampled_from([None, "train", "validation", "test"]), min_size=1, max_size=60))
def test_what_is_given_stays(fixed):
    labels = [index % 2 for index in range(len(fixed))]
    splits = split_pictures(names_of(len(fixed)), labels, SplitSpec(), fixed=fixed)
    assert all(given in (None, split) for given, split in zip(fixed, splits, strict=True))


@given(st.integers(0, 40), st.integers(2, 5), st.integers(0, 4))
def test_groups_stay_together_in_every_fold(seed, folds, size):
    names = [f"p{number // (size + 1)}_{number}.jpg" for number in range(60)]
    for fold in range(folds):
        spec = SplitSpec(seed=seed, folds=folds, fold=fold, group_pattern=r"(p\d+)_")
        of = defaultdict(set)
        for name, split in zip(names, split_pictures(names, [0] * 60, spec), strict=True):
            of[name.partition("_")[0]].add(split)
        assert all(len(found) == 1 for found in of.values())


def test_other_seeds_draw_other_pictures():
    drawn = {tuple(split_pictures(names_of(100), [0] * 100, SplitSpec(seed=seed))) for seed in range(10)}
    assert len(drawn) == 10


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.45])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 10, 999])
def test_shares_are_kept_as_far_as_there_are_pictures(share, count):
    splits = Counter(split_pictures(names_of(count), [0] * count, SplitSpec(validation=share, test=share)))
    assert splits["train"] >= 1
    for split in ("validation", "test"):
        assert abs(splits[split] - share * count) <= 1
        assert share or not splits[split]
    if share and count >= 3:
        assert min(splits["validation"], splits["test"]) >= 1


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"(p\d+)_", ["p1", "p1", "p22", None]),
        (r"p\d", ["p1", "p1", "p2", None]),
        (r"^([^/]+)/", ["a", "b", "a", None]),
        (r"(x)?p", [None, None, None, None]),
        ("", ["", "", "", ""]),
    ],
)
def test_what_a_pattern_finds_in_names(pattern, found):
    assert names_by_pattern(["a/p1_1.png", "b/p1_2.png", "a/p22_3.png", "q.png"], pattern) == found


def test_groups_by_name_are_positions():
    names = ["a/p1_1.png", "b/p1_2.png", "a/p2_3.png", "q.png", "p1_9.png"]
    assert groups_by_name(names, r"(p\d)_") == [[0, 1, 4], [2]]
    assert groups_by_name(names, "") == []


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.integers(0, 9), st.integers(0, 9))
def test_epochs_of_a_balanced_order_differ_and_repeat(sizes, seed, epoch):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    order = balanced_order(labels, seed, epoch)
    assert np.array_equal(order, balanced_order(labels, seed, epoch))
    assert set(labels[order]) <= set(labels)
    drawn = np.bincount(labels[order], minlength=len(sizes))
    assert drawn.max() - drawn.min() <= 1
    if len(labels) > 40:
        assert not np.array_equal(order, balanced_order(labels, seed, epoch + 1))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6).filter(any))
def test_every_class_counts_alike(sizes):
    weights = class_weights(np.repeat(np.arange(len(sizes)), sizes), len(sizes))
    assert weights.dtype == np.float32
    shares = [weight * size for weight, size in zip(weights.tolist(), sizes, strict=True) if size]
    assert shares == pytest.approx([sum(sizes) / len(shares)] * len(shares), rel=1e-5)
    assert all(not weight for weight, size in zip(weights.tolist(), sizes, strict=True) if not size)
