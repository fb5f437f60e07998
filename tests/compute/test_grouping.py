"""Pictures that are alike come beside each other."""

from itertools import pairwise

import pytest
import torch

from cnnstudio.compute.grouping import alike_groups


def kinds(count, each, seed=0):
    """``count`` kinds, ``each`` noisy rows of each in mixed order, and which row is of which kind."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.nn.functional.normalize(torch.randn(count, 64, generator=generator), dim=1)
    labels = torch.arange(count).repeat(each)[torch.randperm(count * each, generator=generator)]
    return centres[labels] + 0.03 * torch.randn(count * each, 64, generator=generator), labels


@pytest.mark.parametrize(("count", "each"), [(3, 20), (8, 8), (5, 200)])
def test_no_group_mixes_kinds_and_a_kinds_groups_follow_each_other(count, each):
    features, labels = kinds(count, each)
    groups = alike_groups(features)
    assert sorted(row for group in groups for row in group) == list(range(count * each))
    assert all(len(set(labels[group].tolist())) == 1 for group in groups)
    line = [int(labels[group[0]]) for group in groups]
    changes = sum(first != second for first, second in pairwise(line))
    assert changes == count - 1


def test_the_same_features_give_the_same_groups():
    features, _ = kinds(4, 10)
    assert alike_groups(features) == alike_groups(features.clone())


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_pictures(count):
    features, _ = kinds(1, count) if count else (torch.zeros(0, 64), None)
    assert sorted(row for group in alike_groups(features) for row in group) == list(range(count))


def test_pictures_that_are_all_the_same():
    assert sorted(row for group in alike_groups(torch.ones(30, 8)) for row in group) == list(range(30))
