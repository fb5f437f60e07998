"""The map: the same every time, faithful to what is near, also of pictures that were only placed."""

import time
from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.core import ALONE, cache_folder, codec
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import LayOutPictures
from cnnstudio.runs import Answers, forget_answers, load_answers, write_answers
from cnnstudio.understanding import layout
from cnnstudio.understanding.layout import STEPS, carried_over, keep_layout, kept_layout, nearest, unfold
from cnnstudio.understanding.maps import map_of, seen_before
from tests.ui.test_second_look import run_on
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


# From one training to the next ----------------------------------------------------------------------------------


def moved(start, place, labels):
    """How far the middle of a class walked, in widths of the map."""
    ways = [(place[labels == label] - start[labels == label]).mean(0) for label in np.unique(labels)]
    return float(np.linalg.norm(ways, axis=1).mean() / np.ptp(start, axis=0).max())


def test_a_map_after_more_training_begins_where_the_one_before_ended():
    """Places stay comparable: other features move points a little from there; without it they lie anywhere."""
    labels = np.arange(160) % 4
    random, before = np.random.default_rng(3), clouds(labels, apart=4, seed=1).features
    turned = np.linalg.qr(random.normal(size=(16, 16)))[0]  # a network is free to name its directions otherwise
    after = (before @ turned + random.normal(0, 0.5, before.shape)).astype(np.float32)
    names = [str(number) for number in range(160)]
    *_, old = unfold(before)
    start = carried_over(names, old, after, names)
    assert (start == old).all()
    *_, warm = unfold(after, start=start)
    *_, cold = unfold(after)
    assert 3 * moved(start, warm, labels) < moved(start, cold, labels)


def test_new_pictures_begin_among_those_that_are_like_them():
    labels = np.arange(90) % 3
    features = clouds(labels, apart=12).features
    names = [str(number) for number in range(90)]
    *_, old = unfold(features[:70])
    start = carried_over(names[:70], old, features, names)
    assert (start[:70] == old).all()
    near, _ = nearest(start[70:], start[:70], 5)
    assert (labels[near] == labels[70:, None]).mean() > 0.95
    assert carried_over(names[:20], old[:20], features, names) is None, "of so few nothing can be taken over"


def test_a_layout_is_remembered_with_the_start_that_it_had():
    features = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float16)
    first, second = np.zeros((30, 2), np.float32), np.ones((30, 2), np.float32)
    keep_layout(features, first)
    keep_layout(features, second, first)
    assert (kept_layout(features) == first).all()
    assert (kept_layout(features, first) == second).all()
    assert kept_layout(features, second) is None


@pytest.fixture
def continued(tmp_path, monkeypatch):
    """Three runs that continue each other; the second changed the last layer alone."""
    labels = np.arange(60) % 3
    features = [clouds(labels, apart=6, seed=1).features.astype(np.float16)] * 2
    features.append(features[0] + np.random.default_rng(0).normal(0, 0.5, features[0].shape).astype(np.float16))
    runs = [tmp_path / name for name in ("first", "second", "third")]
    for number, folder in enumerate(runs):
        start = str(tmp_path / "elsewhere" / runs[number - 1].name) if number else ""
        record = replace(run_on(tmp_path).record, recipe={"dataset": str(tmp_path), "start_from": start})
        codec.save_json(folder / "run.json", record)
        logits = np.eye(3, dtype=np.float32)[(labels + (np.arange(60) % 10 == number)) % 3]
        names = tuple(f"{each:02}.png" for each in range(60))
        write_answers(folder, Answers(
            classes=record.classes, names=names, keys=np.zeros((60, 16), np.uint8), labels=labels,
            splits=np.full(60, "train"), groups=np.full(60, ALONE), held_out=np.ones(60, bool), logits=logits,
            features=features[number],
        ))  # fmt: skip
    return runs


def test_runs_that_continue_each_other_share_a_plane_wherever_they_were_moved(continued):
    first, second, third = (run_inline(LayOutPictures(run=folder)) for folder in continued)
    assert first.before is None
    assert (second.places == first.places).all(), "only the last layer is another one"
    assert second.before is not None
    assert (second.before.places == first.places).all()
    assert np.flatnonzero(second.before.mistakes).tolist() == list(range(0, 60, 10))
    assert np.flatnonzero(second.mistakes).tolist() == list(range(1, 60, 10))
    assert (third.before.places == first.places).all()
    assert 0 < moved(first.places, third.places, first.labels) < 0.15
    forget_answers(continued[1])
    alone = run_inline(LayOutPictures(run=continued[2]))
    assert alone.before is None


def test_pictures_that_the_earlier_run_did_not_have_are_told_apart(continued):
    first, third = (load_answers(continued[number]) for number in (0, 2))
    found = map_of(continued[0], third, np.zeros((60, 2), np.float32))
    fewer = replace(first, names=("gone.png", *first.names[1:]))
    before = seen_before(found, fewer, np.ones((60, 2), np.float32))
    assert np.isnan(before.places[0]).all()
    assert (before.places[1:] == 1).all()
    assert before.names == found.names
    assert not before.mistakes[0]
    assert seen_before(found, replace(first, classes=("a", "b", "c")), np.ones((60, 2), np.float32)) is None
