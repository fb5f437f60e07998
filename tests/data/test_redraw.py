from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.data import SPLITS, Dataset, Sample, SplitSpec
from cnnstudio.data.redraw import drawn_anew, fold_of
from cnnstudio.data.splits import split_pictures

ROOT = Path("pictures")
NAMES = [f"{label}/{number}.png" for label in "ab" for number in range(40)]
LABELS = [0] * 40 + [1] * 40


SPEC = SplitSpec()


def opened(spec=SPEC, source="stratified", moved=()):
    splits = split_pictures(NAMES, LABELS, spec)
    for name in moved:
        splits[NAMES.index(name)] = "test"
    samples = tuple(Sample(ROOT / n, label, s) for n, label, s in zip(NAMES, LABELS, splits, strict=True))
    return Dataset(
        root=ROOT, classes=("a", "b"), samples=samples, problems=(), split_source=source, spec=spec
    )  # fmt: skip


def names(dataset, split):
    return {dataset.name_of(sample.path) for sample in dataset.split(split)}


def test_every_picture_that_is_not_test_is_validation_in_one_fold():
    dataset = opened(moved=("a/3.png", "b/7.png"))
    folds = [fold_of(dataset, 4, fold) for fold in range(4)]
    own = [name for fold in folds for name in names(fold, "validation")]
    assert sorted(own) == sorted(names(dataset, "train") | names(dataset, "validation"))
    assert all(names(fold, "test") == names(dataset, "test") for fold in folds), "also those a person moved there"
    assert [fold.spec for fold in folds] == [replace(dataset.spec, folds=4, fold=fold) for fold in range(4)]
    counts = [sum(sample.label for sample in fold.split("validation")) for fold in folds]
    assert max(counts) - min(counts) <= 1, "each class to within one picture"


def test_a_folders_own_validation_is_dealt_out_in_folds_and_kept_for_seeds():
    dataset = opened(source="folders")
    own = [names(fold_of(dataset, 5, fold), "validation") for fold in range(5)]
    assert set.union(*own) == names(dataset, "train") | names(dataset, "validation")
    assert drawn_anew(dataset, 3) == dataset


@pytest.mark.parametrize("source", ["stratified", "validation-drawn"])
def test_validation_is_drawn_anew_around_the_same_test_pictures(source):
    dataset = opened(source=source)
    others = [drawn_anew(dataset, repeat) for repeat in range(4)]
    assert others[0] == dataset
    drawn = [frozenset(names(other, "validation")) for other in others]
    assert len(set(drawn)) == 4
    assert all(names(other, "test") == names(dataset, "test") for other in others)
    if source == "stratified":
        assert {len(own) for own in drawn} == {len(drawn[0])}
    assert drawn_anew(dataset, 2) == others[2]


def test_a_split_that_was_drawn_anew_can_be_drawn_by_what_it_notes():
    dataset = opened()
    again = drawn_anew(dataset, 2)
    assert split_pictures(NAMES, LABELS, again.spec) == [sample.split for sample in again.samples]
    fold = fold_of(dataset, 5, 3)
    assert split_pictures(NAMES, LABELS, fold.spec) == [sample.split for sample in fold.samples]


def test_names_of_one_pattern_stay_together():
    dataset = opened(SplitSpec(group_pattern=r"\d(?=\.)"))  # the last digit: groups of eight
    for other in (fold_of(dataset, 3, 1), drawn_anew(dataset, 1)):
        of_group = {}
        for sample in other.samples:
            of_group.setdefault(sample.path.stem[-1], set()).add(sample.split)
        assert all(len(splits) == 1 for splits in of_group.values())
        assert {split for splits in of_group.values() for split in splits} == set(SPLITS)


def test_pictures_that_belong_together_stay_together():
    whole = opened()
    samples = tuple(replace(sample, group=number % 10) for number, sample in enumerate(whole.samples))
    dataset = replace(whole, samples=tuple(replace(each, split="train") for each in samples))
    for other in (fold_of(dataset, 3, 1), drawn_anew(dataset, 1)):
        of_group = {}
        for sample in other.samples:
            of_group.setdefault(sample.group, set()).add(sample.split)
        assert all(len(splits) == 1 for splits in of_group.values())
        assert {split for splits in of_group.values() for split in splits} == {"train", "validation"}
