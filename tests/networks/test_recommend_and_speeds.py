import functools
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.compute import network_timing as speed_test
from cnnstudio.compute.network_timing import MEASURED, fitted_costs, parts_of
from cnnstudio.core import Control, DeviceError, StopRequested, Watch, counted, free_bytes, weights_folder
from cnnstudio.jobs import measuring, run_inline, specs
from cnnstudio.networks import Speeds, load_speeds, save_speeds, this_machine
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.catalogue import entries
from cnnstudio.networks.catalogue.recommend import (
    BEST_BY,
    LONG_SECONDS,
    MAX_FILE_MB,
    PATIENCE_SECONDS,
    Pictures,
    recommended,
)
from cnnstudio.networks.catalogue.registry import load_catalogue, read_registry, with_local

COSTS = (0.0007, 0.002, 0.0002, 0.00001)
KNOWN = functools.cache(dissect)


@pytest.fixture(scope="module")
def catalogue():
    return read_registry()


@pytest.fixture
def quick(catalogue):
    """A computer on which everything takes a millisecond per GFLOPS."""
    seconds = {network.name: network.gflops / 1000 for network in catalogue.networks if not network.classic}
    return Speeds(device="cpu", machine=this_machine(), seconds=seconds, measured=("resnet18",))


def entry_of(catalogue, advice):
    return catalogue.find(advice.network).default_weights


def test_without_a_folder_it_is_light_and_free(catalogue):
    advice = recommended(catalogue)
    assert entry_of(catalogue, advice).file_size_mb <= MAX_FILE_MB
    assert catalogue.find(advice.network).gflops <= 0.6
    assert "download" in advice.reason


@pytest.mark.parametrize("room_mb", [1.0, 12.0, 30.0, 80.0])
def test_a_download_takes_at_most_half_of_the_room(catalogue, room_mb):
    """Where nothing fits, something is named all the same."""
    fitting = [
        entry
        for network in catalogue.networks
        for entry in network.weights
        if not entry.restricted and not entry.package and entry.acc1 is not None and entry.file_size_mb < room_mb / 2
    ]
    advice = recommended(replace(catalogue, room_mb=room_mb))
    assert (entry_of(catalogue, advice).file_size_mb < room_mb / 2) == bool(fitting)


def test_the_room_is_that_of_the_disk(catalogue):
    assert catalogue.room_mb == 0
    assert with_local(catalogue).room_mb == pytest.approx(free_bytes(weights_folder()) / 1e6, rel=0.1)


@given(count=st.integers(1, 10**6), classes=st.integers(2, 1000), side=st.integers(0, 4000))
def test_the_advice_always_fits_time_disk_and_licence(catalogue_and_speeds, count, classes, side):
    catalogue, quick = catalogue_and_speeds
    advice = recommended(catalogue, Pictures(count=count, classes=classes, side=side), quick)
    network = catalogue.find(advice.network)
    assert not network.classic
    assert not network.restricted
    assert entry_of(catalogue, advice).file_size_mb <= MAX_FILE_MB
    fastest = min(quick.seconds.values())
    if count * fastest <= PATIENCE_SECONDS:
        assert count * quick.seconds[network.name] <= PATIENCE_SECONDS
    assert counted(count, "picture") in advice.reason


@pytest.fixture(scope="module")
def catalogue_and_speeds(catalogue):
    seconds = {network.name: network.gflops / 1000 for network in catalogue.networks if not network.classic}
    return catalogue, Speeds(device="cpu", machine="m", seconds=seconds)


def test_more_pictures_mean_a_lighter_network(catalogue, quick):
    few, many = (recommended(catalogue, Pictures(count=count, classes=3), quick) for count in (100, 100_000))
    assert catalogue.find(few.network).gflops > catalogue.find(many.network).gflops


def test_what_is_here_comes_first_and_something_better_is_named(tmp_path, quick):
    (tmp_path / "efficientnet_b1-mine.pth").write_bytes(b"x")
    here = load_catalogue([tmp_path])
    advice = recommended(here, Pictures(count=300, classes=3), quick)
    assert advice.network == "efficientnet_b1"
    assert "without internet" in advice.reason
    assert here.find(advice.better).default_weights.acc1 > 82
    assert "download" in advice.better_reason


def test_the_best_is_for_who_can_wait(catalogue, quick):
    advice = recommended(catalogue, Pictures(count=20_000, classes=3), quick)
    best, first = catalogue.find(advice.best), catalogue.find(advice.network)
    assert PATIENCE_SECONDS < 20_000 * quick.seconds[best.name] <= LONG_SECONDS
    assert best.default_weights.acc1 >= first.default_weights.acc1 + BEST_BY
    assert not best.restricted
    assert recommended(replace(catalogue, room_mb=1.0), Pictures(count=300, classes=3), quick).best == ""


def test_what_comes_along_is_taken_where_nothing_better_is_here(catalogue, quick, tmp_path):
    (tmp_path / "resnet18-mine.pth").write_bytes(b"x")
    here = load_catalogue([tmp_path])
    assert recommended(here).network == "efficientnet_lite0", "unmeasured, the light one"
    few, many = Pictures(count=300, classes=3), Pictures(count=90_000, classes=3)
    assert recommended(here, few, quick).network == "efficientnet_lite2", "more accurate, and quick enough"
    assert recommended(here, many, quick).network == "efficientnet_lite1"


def test_a_package_that_is_not_installed_is_no_download(catalogue, quick):
    assert not any(network.is_local for network in catalogue.networks)
    for pictures, speeds in ((None, None), (Pictures(count=300, classes=3), quick)):
        advice = recommended(catalogue, pictures, speeds)
        assert not any(n and "lite" in n for n in (advice.network, advice.better))
        light = replace(catalogue, room_mb=1.0)
        assert "lite" not in recommended(light, pictures, speeds).network


def test_many_tiny_pictures_can_also_be_learned_from_scratch(catalogue, quick):
    advice = recommended(catalogue, Pictures(count=60_000, classes=10, side=32), quick)
    assert advice.better == "resnet18_small"
    assert "32 px" in advice.better_reason
    assert recommended(catalogue, Pictures(count=60_000, classes=10, side=300), quick).better != "resnet18_small"


def test_the_job_looks_at_the_pictures(catalogue, tiny_folder):
    dataset = run_inline(specs.ScanFolder(folder=tiny_folder))
    advice = run_inline(specs.RecommendNetwork(catalogue=catalogue, dataset=dataset))
    assert catalogue.find(advice.network) is not None


# Speeds -------------------------------------------------------------------------------------------------------


@given(st.lists(st.just(0.0) | st.floats(1e-3, 1), min_size=4, max_size=4).filter(any))
def test_costs_are_found_again_and_never_negative(costs):
    rng = np.random.default_rng(0)
    parts = [tuple(row) for row in rng.uniform(0.1, 10, (9, 4))]
    seconds = [float(np.dot(row, costs)) for row in parts]
    found = fitted_costs(parts, seconds)
    assert (found >= 0).all()
    assert np.allclose(np.array(parts) @ found, seconds, rtol=0.05)


@pytest.fixture
def obedient(monkeypatch):
    """A computer that takes exactly as long as the model of it says."""
    names = [*MEASURED, "vgg16", "mobilenet_v2"]
    monkeypatch.setattr(speed_test, "dissect", KNOWN)
    monkeypatch.setattr("cnnstudio.networks.builder.network_names", lambda: names)
    monkeypatch.setattr(
        speed_test, "seconds_per_picture", lambda name, _device: float(np.dot(parts_of(KNOWN(name)), COSTS))
    )
    return names


def test_the_rest_is_estimated_from_what_was_measured_and_remembered(obedient):
    assert load_speeds() is None
    said = []
    made = speed_test.measure_speeds("cpu", control=Control(), progress=lambda *step: said.append(step))
    assert said[0] == (0, len(MEASURED) + 1)
    assert set(made.seconds) == set(obedient)
    assert [made.is_estimate(name) for name in ("resnet18", "vgg16")] == [False, True]
    expected = float(np.dot(parts_of(dissect("vgg16")), COSTS))
    assert made.seconds["vgg16"] == pytest.approx(expected, rel=0.02)
    assert load_speeds() == made


def test_another_machine_is_measured_anew(obedient, monkeypatch):
    save_speeds(Speeds(device="cpu", machine=this_machine()))
    assert load_speeds() is not None
    monkeypatch.setattr(entries, "this_machine", lambda: "another one")
    assert load_speeds() is None


def test_a_measurement_can_be_stopped_and_then_leaves_nothing(obedient):
    control = Control()
    with pytest.raises(StopRequested):
        speed_test.measure_speeds("cpu", control=control, progress=lambda *_: control.request_stop())
    assert load_speeds() is None


def test_the_child_tells_how_far_it_is_and_a_stop_ends_it(monkeypatch):
    code = "import time; print(0, 10, flush=True); print(3, 10, flush=True); time.sleep(60)"
    monkeypatch.setattr(measuring, "child_command", lambda *_: [sys.executable, "-c", code])
    control, seen = Control(), []

    def look(event):
        seen.append((event.done, event.total))
        if event.done == 3:
            control.request_stop()

    with pytest.raises(StopRequested):
        run_inline(specs.MeasureSpeeds(), Watch(control, look))
    assert seen == [(0, 10), (3, 10)]


def test_a_child_that_fails_is_one_sentence(monkeypatch):
    monkeypatch.setattr(measuring, "child_command", lambda *_: [sys.executable, "-c", "1/0"])
    with pytest.raises(DeviceError, match="could not be measured") as caught:
        run_inline(specs.MeasureSpeeds())
    assert "ZeroDivisionError" in caught.value.problem.details


@pytest.mark.slow
def test_a_real_measurement_orders_networks_by_their_work():
    found = run_inline(specs.MeasureSpeeds(anew=True)).seconds
    assert found["mobilenet_v3_small"] < found["resnet18"] < found["resnet50"] < found["resnet152"]
    assert all(seconds > 0 for seconds in found.values())
