"""The map: the same every time, faithful to what is near, also of pictures that were only placed."""

import time

import numpy as np
import pytest

from cnnstudio.core import cache_folder
from cnnstudio.understanding import layout
from cnnstudio.understanding.layout import STEPS, keep_layout, kept_layout, nearest, unfold
from tests.understanding.made import clouds, seen_photographs


def trustworthiness(features, places, near=12):
    """Venna & Kaski 2001: 1 where nothing is near in the plane that was not near before."""
    count = len(features)
    points = features / np.linalg.norm(features, axis=1, keepdims=True)
    far = -(points @ points.T)
    np.fill_diagonal(far, np.inf)
    rank = np.empty((count, count), np.int64)
    rank[np.arange(count)[:, None], far.argsort(1)] = np.arange(1, count + 1)
    apart = ((places[:, None] - places[None]) ** 2).sum(2)
    np.fill_diagonal(apart, np.inf)
    ranks = np.take_along_axis(rank, apart.argpartition(near, 1)[:, :near], 1)
    return 1 - 2 / (count * near * (2 * count - 3 * near - 1)) * np.maximum(ranks - near, 0).sum()


def test_the_same_twice_to_the_bit_and_another_seed_is_another_one():
    features = clouds(np.arange(150) % 3).features
    *before, first = unfold(features, 1)
    *_, second = unfold(features, 1)
    *_, third = unfold(features, 2)
    assert len(before) + 1 == STEPS
    assert (first == second).all()
    assert (first != third).any()


def test_islands_are_classes():
    labels = np.arange(150) % 3
    *_, place = unfold(clouds(labels, apart=12).features)
    near, _ = nearest(place, place, 6)
    assert (labels[near] == labels[:, None]).mean() > 0.98


def test_neighbours_are_those_of_brute_force():
    points = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    near, far = nearest(points, points, 4)
    exact = np.sqrt(((points[:, None] - points[None]) ** 2).sum(2))
    assert (near == exact.argsort(1)[:, :4]).all()
    assert np.allclose(far[:, 1:], np.sort(exact, 1)[:, 1:4], atol=1e-3)


def test_of_many_pictures_a_sample_is_laid_out_and_the_others_are_placed(monkeypatch):
    monkeypatch.setattr(layout, "MOST_LAID_OUT", 100)
    labels = np.arange(300) % 3
    *_, place = unfold(clouds(labels, apart=12).features)
    assert place.shape == (300, 2)
    near, _ = nearest(place, place, 6)
    assert (labels[near] == labels[:, None]).mean() > 0.98


@pytest.mark.parametrize("count", [1, 2, 16, 17])
def test_a_few_pictures_have_a_place_too(count):
    *_, place = unfold(np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32))
    assert place.shape == (count, 2)
    assert np.isfinite(place).all()


def test_copies_lie_on_each_other_and_equal_pictures_do_no_harm():
    features = clouds(np.arange(60) % 2).features
    *_, place = unfold(np.concatenate([features, features[:10]]))
    span = np.ptp(place, axis=0).max()
    assert np.median(np.linalg.norm(place[:10] - place[60:], axis=1)) < 0.03 * span
    *_, place = unfold(np.ones((40, 8), np.float32))
    assert np.isfinite(place).all()


def test_a_layout_is_remembered_and_a_damaged_one_is_not_used():
    features = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float16)
    place = np.zeros((30, 2), np.float32)
    assert kept_layout(features) is None
    keep_layout(features, place)
    assert (kept_layout(features) == place).all()
    (file,) = cache_folder().glob("map-*.npy")
    file.write_bytes(file.read_bytes()[:-5])
    assert kept_layout(features) is None


@pytest.mark.slow
@pytest.mark.parametrize("network", ["efficientnet_lite0", "squeezenet1_0"])
def test_a_map_of_photographs_is_faithful_and_takes_seconds(shared_data, network):
    seen = seen_photographs(shared_data, network)
    begun = time.process_time()
    *_, place = unfold(seen.features)
    taken = time.process_time() - begun
    assert taken < 4 * 2  # measured 2.9 with one thread; others compute beside it
    assert trustworthiness(seen.features, place) >= 0.92
    random = np.random.default_rng(0)
    planted = random.permutation(len(place))[:100]
    *_, place = unfold(np.concatenate([seen.features, seen.features[planted]]))
    apart = np.linalg.norm(place[planted] - place[-100:], axis=1)
    assert np.median(apart) < 0.01 * np.ptp(place, axis=0).max()
