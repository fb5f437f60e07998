"""Jobs of the Lab: filters of a network give what the network has there; the newest settings win."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from cnnstudio.compute.engines import to_input
from cnnstudio.core import ImageError, JobFinished, JobStopped, Watch
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import open_ref
from cnnstudio.jobs.runner import ThreadRunner
from cnnstudio.lab import each, kernel_of
from cnnstudio.lab.drawing import planes_of
from cnnstudio.lab.pictures import drawn_picture
from cnnstudio.networks import ModelRef
from cnnstudio.understanding.inside.training_effect import first_convolution


def test_a_taken_filter_gives_what_the_network_has_there(tmp_path):
    """But for the padding, which is black here and the mean there."""
    model = ModelRef(source="efficientnet_lite0")
    taken = specs.TakeFilters(model=model).handle(Watch())
    session = open_ref(model, Watch())
    pixels = drawn_picture(session.preprocess.crop)
    name, module = first_convolution(session.network)
    assert taken.layer == name
    assert taken.channels == 3
    assert taken.pictures.shape == (len(taken.filters), *module.kernel_size, 3)
    with torch.no_grad():
        there = torch.nn.functional.conv2d(
            to_input(pixels[None], session.preprocess).contiguous(), module.weight, module.bias, module.stride
        )[0]
    for number in (0, 7):
        (step,) = specs.TryOperations(pixels=pixels, operations=(taken.filters[number],)).handle(Watch()).steps
        border = taken.filters[number].padding
        assert border == 0
        np.testing.assert_allclose(step.planes[0, 0], there[number], atol=2e-5)


def test_pictures_are_read_small_and_a_batch_as_squares(tmp_path):
    path = tmp_path / "wide.png"
    Image.fromarray(np.tile(drawn_picture(40), (1, 3, 1))).save(path)
    assert specs.OpenForLab(pictures=(path,), side=60).handle(Watch()).shape == (20, 60, 3)
    assert specs.OpenForLab(pictures=(path, path), side=16).handle(Watch()).shape == (2, 16, 16, 3)
    with pytest.raises(ImageError):
        specs.OpenForLab(pictures=(tmp_path / "none.png",)).handle(Watch())


def test_newer_settings_replace_waiting_ones(monkeypatch):
    """While one is computed, of many that come only the newest is."""
    begun, may_end = threading.Semaphore(0), threading.Event()
    real = specs.TryOperations.handle

    def slow(job, watch):
        begun.release()
        assert may_end.wait(30)
        return real(job, watch)

    monkeypatch.setattr(specs.TryOperations, "handle", slow)
    runner = ThreadRunner()
    pixels = drawn_picture(16)

    def ask(bias):
        operation = each(kernel_of("identity"), bias=(bias,))
        return runner.submit(specs.TryOperations(pixels=pixels, operations=(operation,)))

    first = ask(0.0)
    assert begun.acquire(timeout=30)
    later = [ask(bias) for bias in (0.1, 0.2, 0.3)]
    may_end.set()
    assert begun.acquire(timeout=30)  # the newest has begun, so that the first has ended
    runner.close(30)
    endings = [next(event for event in handle.events.drain() if isinstance(event, JobFinished | JobStopped))
               for handle in (first, *later[:-1])]  # fmt: skip
    assert [type(ending) for ending in endings] == [JobFinished, JobStopped, JobStopped]
    expected = planes_of(pixels)[:, 1:-1, 1:-1]
    assert np.array_equal(endings[0].result.steps[0].planes[0], expected)
