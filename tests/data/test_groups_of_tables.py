"""Pictures that a table's column puts together, such as those of one lesion, in the split and in what is said of it."""

from collections import defaultdict
from dataclasses import replace
from itertools import product

import pytest

from cnnstudio.core import ALONE
from cnnstudio.data import SplitSpec
from cnnstudio.data.checks.finding_words import sentence
from cnnstudio.data.project import open_dataset
from cnnstudio.data.splits import split_pictures


@pytest.fixture
def lesions(own_folder):
    """Three pictures of each lesion, under names that say nothing."""
    rows = ["lesion_id,image,dx"]
    for number, path in enumerate(sorted(own_folder.rglob("*.png"))):
        (own_folder / "images").mkdir(exist_ok=True)
        path.rename(own_folder / "images" / f"{number}.png")
        rows.append(f"L{number // 3},{number},{path.parent.name}")
    for folder in own_folder.iterdir():
        if folder.name != "images":
            folder.rmdir()
    (own_folder / "metadata.csv").write_text("\n".join(rows))
    return own_folder


def torn(dataset):
    sides = defaultdict(set)
    for sample in dataset.samples:
        sides[int(sample.path.stem) // 3].add(sample.split)
    return [lesion for lesion, splits in sides.items() if len(splits) > 1]


def said(dataset, kind):
    return [sentence(finding) for finding in dataset.findings if finding.kind == kind]


def test_pictures_of_one_lesion_stay_together_until_a_person_wants_otherwise(lesions):
    dataset = open_dataset(lesions)
    assert (dataset.group_column, torn(dataset)) == ("lesion_id", [])
    assert {sample.split for sample in dataset.samples} == {"train", "validation", "test"}
    assert said(dataset, "kept-together") == [
        "What belongs together stays on one side of the split (lesion_id): 36 pictures in 12 groups."
    ]
    assert open_dataset(lesions).samples == dataset.samples
    apart = open_dataset(lesions, replace(dataset.spec, groups_together=False, copies_together=False), redraw=True)
    assert torn(apart)
    assert "(lesion_id)" in said(apart, "torn-group")[0]
    assert open_dataset(lesions).samples == apart.samples, "what a person wants is remembered"
    assert torn(open_dataset(lesions, SplitSpec(folds=3), redraw=True)) == []


def test_pictures_know_their_group_whether_or_not_the_split_keeps_it_together(lesions):
    """What is not independent does not count as if it were, also where a person lets it be torn."""
    for options in ({}, {"groups_together": False, "copies_together": False}):
        dataset = open_dataset(lesions, SplitSpec(**options), redraw=True)
        of_lesion = defaultdict(set)
        for sample in dataset.samples:
            of_lesion[int(sample.path.stem) // 3].add(sample.group)
        numbers = [number for groups in of_lesion.values() for number in groups]
        assert len(numbers) == len(set(numbers)) == 12
        assert ALONE not in numbers


def test_a_table_whose_own_splits_tear_groups_is_believed_and_it_is_said(lesions):
    rows = (lesions / "metadata.csv").read_text().splitlines()
    splits = [f"{row},{('train', 'test')[number % 2]}" for number, row in enumerate(rows[1:])]
    (lesions / "metadata.csv").write_text("\n".join([f"{rows[0]},split", *splits]))
    dataset = open_dataset(lesions)
    assert len(torn(dataset)) == 12
    assert len(said(dataset, "torn-group")) == 1
    assert said(dataset, "kept-together") == []


@pytest.mark.parametrize(("seed", "each"), [*product(range(3), (2, 3, 5))])
def test_groups_of_several_classes_are_never_torn(seed, each):
    names = [f"{number}.png" for number in range(90)]
    groups = [list(range(start, min(start + each, 90))) for start in range(0, 90, each)]
    splits = split_pictures(names, [number % 3 for number in range(90)], SplitSpec(seed=seed), groups=groups)
    assert all(len({splits[index] for index in group}) == 1 for group in groups)
    assert set(splits) == {"train", "validation", "test"}
