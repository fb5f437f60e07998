"""What more pictures would bring: a range from a power law, and silence where nothing can be said."""

from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.core import ALONE, Control, StopRequested, StorageError, codec
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import judging, run_inline
from cnnstudio.jobs.specs import ForecastGrowth
from cnnstudio.understanding import growth
from cnnstudio.understanding.growth import curve, forecast
from cnnstudio.understanding.kept_growth import GROWTH_FILE, load_growth
from cnnstudio.understanding.words import overall_sentence
from tests.ui.test_after_training import growth_of
from tests.ui.test_second_look import run_on
from tests.understanding.made import answered, clouds, result_of, seen_photographs


@pytest.fixture
def two_shuffles(monkeypatch):
    monkeypatch.setattr(growth, "SHUFFLES", 2)


def right_by(shares, count=400):
    """Parts×N, so many of N correct at each part."""
    found = np.zeros((len(shares), count))
    for row, share in enumerate(shares):
        found[row, : round(share * count)] = 1
    return found


def test_the_range_is_half_to_one_and_a_half_of_a_power_laws_gain_with_chance_beside_it():
    """Errors of 40, 32 and 25.6 % go on to 20.48 %."""
    many = 50_000
    found = curve("", right_by((0.5, 0.6, 0.68, 0.744), many), np.full(many, ALONE), there=many)
    gain = 0.256 - 0.2048
    low, high = found.forecast
    assert low == pytest.approx(0.744 + 0.5 * gain, abs=2e-3)
    assert high == pytest.approx(0.744 + 1.5 * gain, abs=2e-3)
    assert found.gain == pytest.approx(gain, abs=1e-3)
    few = curve("", right_by((0.5, 0.6, 0.68, 0.744)), np.full(400, ALONE), there=400)
    assert few.forecast[0] < low
    assert few.forecast[1] > high
    of_class = curve("red", right_by((0.5, 0.6, 0.68, 0.744)), np.full(400, ALONE), there=400)
    assert of_class.forecast[0] < few.forecast[0], "more is chance in a class"
    assert of_class.forecast[1] > few.forecast[1]


@pytest.mark.parametrize(
    ("shares", "there", "why"),
    [
        ((0.5, 0.6, 0.7, 0.8), 39, "few"),
        ((0.5, 0.6, 0.8, 0.7), 400, "rises"),
        ((0.5, 0.8, 0.8, 0.8), 400, "rises"),
        ((0.5, 0.6, 0.8, 1.0), 400, "perfect"),
    ],
)
def test_nothing_is_forecast_where_nothing_can_be_said(shares, there, why):
    found = curve("red", right_by(shares), np.full(400, ALONE), there=there)
    assert (found.forecast, found.why, found.gain) == (None, why, 0.0)


def test_the_class_that_is_hard_to_tell_is_to_be_collected(two_shuffles):
    labels = np.array([0] * 120 + [1] * 120 + [2] * 120)
    seen = clouds(labels, apart=8)
    blurred = seen.features.copy()
    blurred[labels == 2] = (blurred[labels == 2] + blurred[labels == 1]) / 2
    found = result_of(forecast(type(seen)(
        network="made", root=seen.root, classes=seen.classes, samples=seen.samples, features=blurred
    ), Control()))  # fmt: skip
    assert [each.pictures for each in found.classes] == [120, 120, 120]
    assert len(found.overall.shares) == 4
    assert "of 360 pictures are correct" in overall_sentence(found)
    gains = [each.gain for each in found.by_gain]
    assert gains == sorted(gains, reverse=True)
    if found.next_class is not None:
        assert found.next_class.name in found.sentence


def test_few_pictures_get_a_sentence_and_no_figures(two_shuffles):
    found = result_of(forecast(clouds(np.arange(40) % 2), Control()))
    assert all(each.why == "few" for each in found.classes)
    assert found.next_class is None
    assert "Collect more of every class" in found.sentence


def test_smaller_parts_lie_in_larger_ones_with_every_class_and_whole_groups():
    groups = [number // 2 if number < 60 else ALONE for number in range(100)]
    seen = clouds(np.array([0, 0, 1, 1] * 25), groups=groups)
    eighth, half = growth._part(seen, 1 / 8, 3), growth._part(seen, 1 / 2, 3)  # noqa: SLF001 - its own part
    assert set(eighth) < set(half)
    assert len(half) == 50
    assert set(seen.labels[eighth]) == {0, 1}
    torn = sum((number in set(half)) != (number + 1 in set(half)) for number in range(0, 60, 2))
    assert torn <= 2  # one at the border of each class


def test_it_stops_when_asked():
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        result_of(forecast(clouds(np.arange(80) % 2), control))


@pytest.fixture
def forecast_once(own_folder, tmp_path, monkeypatch):
    """A run on pictures, and how often a forecast was computed for it."""
    started, run, dataset = [], replace(run_on(own_folder), folder=tmp_path / "run"), open_dataset(own_folder)
    run = replace(run, record=replace(run.record, recipe={"dataset": str(own_folder), "network": "efficientnet_lite0"}))
    codec.save_json(run.folder / "run.json", run.record)

    def computed(_seen, _control):
        started.append(1)
        yield from ()
        of_three = zip(growth_of(own_folder).classes, dataset.classes, strict=True)
        return replace(growth_of(own_folder), classes=tuple(replace(each, name=name) for each, name in of_three))

    monkeypatch.setattr(judging, "see", lambda *_: None)
    monkeypatch.setattr(growth, "forecast", computed)
    return run, dataset, started


def test_a_forecast_is_kept_with_the_run_as_long_as_the_pictures_are_the_same(forecast_once):
    run, dataset, started = forecast_once
    found = run_inline(ForecastGrowth(run=run.folder, dataset=dataset))
    assert run_inline(ForecastGrowth(run=run.folder, dataset=dataset)) == found
    assert load_growth(run, dataset) == found
    assert len(started) == 1
    first = dataset.split("train")[0]
    others = tuple(replace(each, label=(each.label + 1) % 2) if each is first else each for each in dataset.samples)
    others = replace(dataset, samples=others)
    assert load_growth(run, others) is None
    run_inline(ForecastGrowth(run=run.folder, dataset=others))
    assert len(started) == 2
    tests = replace(dataset, samples=tuple(each for each in others.samples if each.split != "test"))
    assert load_growth(run, tests) is not None, "test pictures take no part"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("0.81", "8.1"),
        lambda text: text.replace("0.4", "NaN"),
        lambda text: text.replace("0.4,", "0.1, 0.4,"),
        lambda text: text.replace('"format_version": 1', '"format_version": 99'),
    ],
)
def test_a_damaged_forecast_is_computed_again(forecast_once, damage):
    run, dataset, started = forecast_once
    run_inline(ForecastGrowth(run=run.folder, dataset=dataset))
    file = run.folder / GROWTH_FILE
    before = file.read_text("utf-8")
    file.write_text(damage(before), "utf-8")
    assert file.read_text("utf-8") != before
    assert load_growth(run, dataset) is None
    run_inline(ForecastGrowth(run=run.folder, dataset=dataset))
    assert len(started) == 2


def test_a_disk_that_refuses_still_gets_its_answer(forecast_once, monkeypatch):
    run, dataset, _ = forecast_once

    def refuse(*_):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(judging, "save_growth", refuse)
    assert run_inline(ForecastGrowth(run=run.folder, dataset=dataset)).overall.pictures == 360


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_forecasts_from_a_half_of_the_photographs_come_true(shared_data):
    """Of ten halves; ``benchmarks/more_pictures.py`` draws twenty, and other folders."""
    from benchmarks.more_pictures import drawn

    seen = seen_photographs(shared_data, "efficientnet_lite0", ("train", "validation"))
    found = answered(seen)
    right, inside, widths, of_classes = found.answers == seen.labels, [], [], []
    for seed in range(10):
        told = result_of(forecast(drawn(seen, len(seen.samples) // 2, np.random.default_rng(seed)), Control()))
        low, high = told.overall.forecast
        inside.append(low <= right.mean() <= high)
        widths.append(high - low)
        for label, each in enumerate(told.classes):
            if each.forecast is not None:
                of_classes.append(each.forecast[0] <= right[seen.labels == label].mean() <= each.forecast[1])
    assert np.mean(inside) >= 0.85
    assert np.median(widths) <= 0.05
    assert np.mean(of_classes) >= 0.9
