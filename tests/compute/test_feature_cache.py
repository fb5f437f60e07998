"""From pictures to features: computed once, kept while the disk takes them, and the same wherever they come from."""

import numpy as np
import pytest
import torch

from cnnstudio.compute import feature_cache
from cnnstudio.compute.feature_cache import Views, compute_features, compute_maps, count_cached, look_keys, open_store
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import Control, DatasetError, Progressed, StopRequested, StorageError, Warned, cache_folder
from cnnstudio.data import AugmentSpec, PreprocessSpec, Sample
from cnnstudio.data.reading import Skips
from tests.conftest import draw

SPEC = PreprocessSpec(resize=16, crop=12)


class Means:
    """A frozen network whose features can be worked out by hand: the mean of each colour, and of all."""

    engine, precision = "by hand", "fp32"

    def __init__(self, batch_size=4, in_flight=3):
        self.batch_size, self.in_flight = batch_size, in_flight
        self.calls, self.open = [], 0

    def submit(self, pixels):
        assert len(pixels) <= self.batch_size
        assert pixels.dtype == np.uint8
        self.calls.append(len(pixels))
        self.open += 1
        assert self.open <= self.in_flight

        def result():
            self.open -= 1
            colours = torch.from_numpy(pixels).float().mean((1, 2))
            return torch.cat([colours, colours.mean(1, keepdim=True)], 1)

        return result


@pytest.fixture
def samples(tmp_path):
    rng = np.random.default_rng(0)
    paths = [draw(tmp_path / "pictures" / f"{n:02}.png", rng.uniform(0, 255, 3), rng) for n in range(22)]
    return tuple(Sample(path=path, label=n % 3, split="train") for n, path in enumerate(paths))


@pytest.fixture
def compute(samples, tmp_path):
    """Features of the samples and the events on the way."""

    def run(frozen, views=None, control=None, skips=None):
        views = views or Views(spec=SPEC)
        store = open_store(tmp_path, "net", "hash", views, frozen)
        events = []
        reading = Reading(control or Control(), skips or Skips(total=10**4))
        found = ended(compute_features(samples, frozen, views, store, reading, "Reading"), events)
        return found, events

    return run


def ended(steps, events):
    """What a generator of events returns."""
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return end.value


def by_hand(samples, views):
    looks = [[views.read(sample, view) for sample in samples] for view in range(views.count)]
    colours = torch.from_numpy(np.array(looks)).float().mean((2, 3))
    return torch.cat([colours, colours.mean(2, keepdim=True)], 2)


@pytest.mark.parametrize("views", [
    Views(spec=SPEC), Views(spec=SPEC, exact=True), Views(spec=SPEC, count=3, augment=AugmentSpec(), seed=4),
])  # fmt: skip
def test_features_are_the_networks_own_cold_and_warm(compute, samples, views):
    first, events = compute(Means(), views)
    assert torch.equal(first.values, by_hand(samples, views))
    assert first.samples == samples
    assert first.targets.tolist() == [n % 3 for n in range(22)]
    assert [event.done for event in events][-1] == 22 * views.count
    frozen = Means()
    second, events = compute(frozen, views)
    assert torch.equal(second.values, first.values)
    assert frozen.calls == events == []


def test_what_computes_otherwise_or_looks_otherwise_has_its_own_features(compute):
    compute(Means())
    others = [Means(), Means()]
    others[0].engine, others[1].precision = "torch", "bf16"
    for other in others:
        compute(other)
        assert sum(other.calls) == 22
    again = Means()
    compute(again, Views(spec=PreprocessSpec(resize=20, crop=12)))
    assert sum(again.calls) == 22


def test_a_changed_picture_is_computed_anew_and_no_other(compute, samples):
    compute(Means())
    draw(samples[5].path, (1, 2, 3), np.random.default_rng(9), size=(61, 53))
    frozen = Means()
    found, _ = compute(frozen)
    assert frozen.calls == [1]
    assert torch.equal(found.values, by_hand(samples, Views(spec=SPEC)))


def test_a_stop_keeps_what_was_computed(compute, samples, tmp_path):
    control, frozen = Control(), Means()
    steps = frozen.submit

    def submit(pixels):
        if len(frozen.calls) == 4:
            control.request_stop()
        return steps(pixels)

    frozen.submit = submit
    with pytest.raises(StopRequested):
        compute(frozen, control=control)
    assert frozen.open == 0, "nothing is left under way"
    views = Views(spec=SPEC)
    kept = count_cached(samples, views, open_store(tmp_path, "net", "hash", views, frozen))
    assert kept >= 8
    again = Means()
    compute(again)
    assert sum(again.calls) == 22 - kept


def test_damage_on_the_disk_costs_computing_and_nothing_else(compute, samples):
    first, _ = compute(Means())
    (rows,) = (cache_folder() / "features").glob("*.rows")
    content = bytearray(rows.read_bytes())
    content[16 * 3] ^= 1
    content[16 * 20 + 7] ^= 128
    rows.write_bytes(content)
    frozen = Means()
    second, _ = compute(frozen)
    assert sum(frozen.calls) == 2
    assert torch.equal(first.values, second.values)
    third = Means()
    assert torch.equal(compute(third)[0].values, first.values)
    assert third.calls == []


def test_a_disk_that_refuses_is_one_warning(compute, samples, monkeypatch):
    def refuse(*_):
        raise StorageError("The disk is full.")

    monkeypatch.setattr("cnnstudio.compute.feature_store.FeatureStore.append", refuse)
    monkeypatch.setattr(feature_cache, "_BATCH_BYTES", 64)
    found, events = compute(Means())
    assert [event.problem.title for event in events if isinstance(event, Warned)] == ["The disk is full."]
    assert torch.equal(found.values, by_hand(samples, Views(spec=SPEC)))


@pytest.mark.parametrize("views", [1, 3])
def test_unreadable_pictures_are_left_out_of_every_view(compute, samples, views):
    look = Views(spec=SPEC, count=views, augment=AugmentSpec(), seed=1)
    for broken in (0, 7, 21):
        samples[broken].path.write_bytes(b"broken")
    found, events = compute(Means(), look)
    good = tuple(sample for n, sample in enumerate(samples) if n not in (0, 7, 21))
    assert found.samples == good
    assert torch.equal(found.values, by_hand(good, look))
    warned = [event.problem.title for event in events if isinstance(event, Warned)]
    assert len(warned) == 3, "a picture is told once, not for each view"
    assert events[-1] == Progressed(done=22 * views, total=22 * views, text="Reading")


def test_too_many_unreadable_pictures_end_it_and_keep_the_rest(compute, samples, tmp_path):
    for sample in samples[10:]:
        sample.path.write_bytes(b"broken")
    with pytest.raises(DatasetError, match="can no longer be read"):
        compute(Means(), skips=Skips(total=22))
    views = Views(spec=SPEC)
    assert count_cached(samples, views, open_store(tmp_path, "net", "hash", views, Means())) == 10


def test_no_readable_picture_is_no_features(compute, samples):
    for sample in samples:
        sample.path.unlink()
    found, _ = compute(Means())
    assert found.samples == ()
    assert found.values.shape == (1, 0, 1)


@pytest.mark.parametrize("step", ["fallocate", "zeros", "refused"])
def test_features_larger_than_memory_are_mapped_from_a_file_that_goes_with_them(compute, samples, monkeypatch, step):
    monkeypatch.setattr(feature_cache, "available_memory", lambda: 100)
    monkeypatch.setattr(feature_cache, "_BATCH_BYTES", 100)
    if step != "fallocate":
        monkeypatch.delattr(feature_cache.os, "posix_fallocate", raising=False)
    if step == "refused":
        monkeypatch.setattr(feature_cache.tempfile, "TemporaryFile", lambda **_: open("/dev/full", "wb"))  # noqa: SIM115, PTH123
    samples[4].path.write_bytes(b"broken")
    views = Views(spec=SPEC, count=2, augment=AugmentSpec())
    good = samples[:4] + samples[5:]
    for _ in range(2):
        found, _ = compute(Means(), views)
        assert torch.equal(found.values, by_hand(good, views))
        assert found.samples == good
    found.values[0, 0] = 7.0  # may be written to like any other
    left = {path.suffix for path in cache_folder().rglob("*") if path.is_file()}
    assert left == {".index", ".rows", ".lock"}


def test_maps_have_their_place_in_memory_and_none_on_the_disk(samples):
    class Maps(Means):
        def submit(self, pixels):
            return lambda: torch.from_numpy(pixels).permute(0, 3, 1, 2).half()

    samples[2].path.write_bytes(b"broken")
    views = Views(spec=SPEC, count=2, augment=AugmentSpec(), seed=1)
    steps = compute_maps(samples, Maps(), views, Reading(Control(), Skips(total=10**4)), "Reading")
    found = ended(steps, [])
    assert found.values.shape == (2, 21, 3, 12, 12)
    assert found.values.dtype == torch.float16
    for view in (0, 1):
        expected = torch.tensor(views.read(samples[3], view)).permute(2, 0, 1).half()
        assert torch.equal(found.values[view, 2], expected)
    assert not cache_folder().exists()


def test_keys_are_by_view_then_picture(samples):
    keys = look_keys(samples, Views(spec=SPEC, count=300))
    assert keys.shape == (300 * 22, 18)
    assert len(np.unique(keys, axis=0)) == len(keys)
    assert np.array_equal(keys[:22], look_keys(samples, Views(spec=SPEC)))
    assert keys[22 * 258, -2:].tolist() == [1, 2]
