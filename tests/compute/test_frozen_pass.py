"""Pictures in batches through a network: order, bounds, errors, stops."""

import threading

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.compute.frozen_pass import Reading, frozen_outputs, frozen_pass
from cnnstudio.core import Control, ImageError, Progressed, RunPaused, RunResumed, StopRequested, Warned, decode_threads
from cnnstudio.data import Sample
from cnnstudio.data.reading import Skips
from tests.compute.test_feature_cache import Means


def pixels(index):
    return np.full((2, 2, 3), index % 256, np.uint8)


@settings(max_examples=60)
@given(
    count=st.integers(0, 70),
    batch_size=st.sampled_from([1, 2, 4, 6, 12, 16, 128]),
    in_flight=st.integers(1, 5),
    broken=st.sets(st.integers(0, 69)),
)
def test_every_picture_comes_once_in_order_in_full_batches(count, batch_size, in_flight, broken):
    frozen = Means(batch_size, in_flight)
    batches = list(
        frozen_outputs(count, frozen, lambda i: ImageError(f"{i}", details="unreadable") if i in broken else pixels(i))
    )
    seen = [sorted([*part.indices, *(index for index, _ in part.errors)]) for part in batches]
    assert [index for part in seen for index in part] == list(range(count))
    assert all(len(part) == batch_size for part in seen[:-1])
    assert [part.done for part in batches] == [part[-1] + 1 for part in seen]
    assert {index for part in batches for index, _ in part.errors} == broken & set(range(count))
    for part in batches:
        if part.values is None:
            assert not part.indices
        else:
            assert part.values[:, 0].tolist() == list(part.indices)
    assert frozen.open == 0


@pytest.mark.parametrize("batch_size", [4, 128])
def test_no_more_than_some_batches_are_read_ahead(batch_size):
    read, lock = [], threading.Lock()

    def count(index):
        with lock:
            read.append(index)
        return pixels(index)

    frozen = Means(batch_size, 2)
    batches = frozen_outputs(5000, frozen, count)
    next(batches)
    held = max(4 * decode_threads() * min(batch_size, 8), 2 * batch_size) + (frozen.in_flight + 1) * batch_size
    assert len(read) <= held + 8
    batches.close()
    assert len(read) <= held + 8
    assert frozen.open == 0, "an engine that is used again has no calls under way"


def samples(count):
    return [Sample(path=f"{number}.png", label=0, split="test") for number in range(count)]


def test_outputs_are_taken_before_they_are_told(tmp_path):
    taken = []
    reading = Reading(Control(), Skips(total=1000))
    for event in frozen_pass(
        samples(30), Means(), pixels, lambda indices, _values: taken.extend(indices), reading, "Looking"
    ):
        assert event == Progressed(done=len(taken), total=30, text="Looking")
    assert taken == list(range(30))


def test_an_unreadable_picture_is_told_once():
    reading = Reading(Control(), Skips(total=1000))
    error = ImageError("3.png could not be read.", details="unreadable")
    twice = [samples(5)[3]] * 2
    events = list(
        frozen_pass(twice, Means(), lambda _: error, lambda *_: pytest.fail("there is nothing to take"), reading, "")
    )
    assert [type(event) for event in events] == [Warned, Progressed]


def test_a_pause_is_told_and_a_stop_ends_it():
    control, frozen, taken = Control(), Means(4, 2), []
    steps = frozen_pass(
        samples(400), frozen, pixels, lambda indices, _: taken.extend(indices), Reading(control, Skips(total=9)), ""
    )
    next(steps)
    control.request_pause()
    assert isinstance(next(steps), RunPaused)
    control.resume()
    assert isinstance(next(steps), RunResumed)
    next(steps)
    control.request_stop()
    with pytest.raises(StopRequested):
        next(steps)
    assert taken == list(range(8))
    assert frozen.open == 0


def test_features_are_those_of_one_picture_alone():
    found = torch.cat([part.values for part in frozen_outputs(50, Means(), pixels) if part.values is not None])
    alone = torch.cat([Means().submit(pixels(index)[None])() for index in range(50)])
    assert torch.equal(found, alone)
