from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.data.spec import SplitSpec
from cnnstudio.data.splits.stratified import split_pictures

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
        assert set(splits) == {"test"} or Counter(splits) == {"validation": 1, "train": folds - 1}
    for label in set(labels):
        sizes = [sum(s == "validation" and of == label for s, of in zip(part, labels, strict=True)) for part in parts]
        assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("wrong", [{"folds": 1}, {"folds": 5, "fold": 5}, {"group_pattern": "("}, {"test": 1.0}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"fold|pattern|fractions"):
        SplitSpec(**wrong)
