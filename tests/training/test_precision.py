"""Precision is decided once, and a part of the run from then on."""

import json
from dataclasses import replace

import pytest

from cnnstudio.core import DeviceError, EpochDone, PhaseStarted, cache_folder
from cnnstudio.jobs import StoppedWith
from cnnstudio.jobs.specs import FineTune, ResumeRun
from cnnstudio.networks.builder import build_network
from cnnstudio.runs import open_run
from cnnstudio.runs.history import RunHistory
from cnnstudio.training.machine import precision, step_speed
from cnnstudio.training.machine.step_speed import StepKind
from cnnstudio.training.recipe import DEPTHWISE, load_recipe, recipe_from_plain


@pytest.fixture
def stopwatch(monkeypatch):
    """What it says; each look is counted."""
    said = {"step": StepKind(precision="bf16", images_per_second=9.0), "frozen": "bf16", "looks": 0}

    def look(name):
        said["looks"] += 1
        return said[name]

    monkeypatch.setattr(precision, "fastest_step", lambda *_, **__: look("step"))
    monkeypatch.setattr(precision, "faster_precision", lambda *_, **__: look("frozen"))
    return said


def stop_after_one(event, control):
    if isinstance(event, EpochDone):
        control.request_stop()


def losses(events):
    return [event.train_loss for event in events if isinstance(event, EpochDone)]


@pytest.mark.parametrize("mode", [pytest.param("scratch", marks=pytest.mark.slow), "head"])
def test_a_resume_asks_the_run_and_not_the_stopwatch(recipe, quick, train, stopwatch, mode):
    chosen = replace(quick if mode == "scratch" else recipe, epochs=2, precision="auto")
    _, whole = train(chosen)
    with pytest.raises(StoppedWith) as stopped:
        train(chosen, stop_after_one)
    run = stopped.value.result
    found = load_recipe(run.folder / "recipe.toml")
    assert found == recipe_from_plain(run.record.recipe)
    expected = ("bf16", "bf16") if mode == "scratch" else ("fp32", "bf16")
    assert (found.precision, found.frozen) == expected
    stopwatch.update(step=StepKind(precision="fp32", images_per_second=9.0), frozen="fp32", looks=0)
    run, rest = train(None, spec=ResumeRun(run=run.folder))
    assert stopwatch["looks"] == 0
    assert losses(rest) == losses(whole)[1:]
    again, repeated = train(load_recipe(run.folder / "recipe.toml"))
    assert stopwatch["looks"] == 0
    assert losses(repeated) == losses(whole)
    assert again.record.recipe == run.record.recipe


def test_another_stopwatch_gives_another_recipe_and_that_is_to_be_seen(quick, train, stopwatch):
    runs = []
    for said in ("fp32", "bf16"):
        stopwatch["step"] = StepKind(precision=said, images_per_second=9.0)
        runs.append(train(replace(quick, epochs=1, precision="auto")))
    assert [run.record.recipe["precision"] for run, _ in runs] == ["fp32", "bf16"]
    assert losses(runs[0][1]) != losses(runs[1][1])


def test_the_exception_for_depthwise_convolutions_is_a_precision_of_its_own(quick, train, stopwatch):
    stopwatch["step"] = StepKind(precision="bf16", depthwise_fp32=True, images_per_second=9.0)
    run, events = train(replace(quick, epochs=1, precision="auto"))
    assert run.record.recipe["precision"] == DEPTHWISE
    assert [event.precision for event in events if isinstance(event, PhaseStarted)] == ["bf16"]
    assert recipe_from_plain(run.record.recipe).frozen == "bf16"


def test_what_a_device_cannot_compute_is_said_before_anything_is_made(quick, train, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("not implemented for Half")

    monkeypatch.setattr(precision.torch, "autocast", refuse)
    with pytest.raises(DeviceError, match="cpu cannot compute in fp16") as caught:
        train(None, spec=FineTune(recipe=replace(quick, epochs=1, precision="fp16"), out=tmp_path / "run"))
    assert "precision automatic" in caught.value.problem.remedy
    assert open_run(tmp_path / "run").record.state == "failed"


@pytest.mark.parametrize(
    ("told", "network", "expected"),
    [
        ("fp32", "resnet18", "fp32"), ("bf16", "resnet18", "bf16"), ("bf16", "mobilenet_v2", "auto"),
        ("", "resnet18", "auto"), ("odd", "resnet18", "auto"),
    ],
)  # fmt: skip
def test_a_run_of_an_earlier_version_goes_on_as_its_log_says(recipe, told, network, expected):
    phase = PhaseStarted(name="all", trainable_parameters=1, precision=told)
    old = replace(recipe, mode="all", network=network, precision="auto")
    layers = build_network(network, 3, seed=0, image_size=None, channels=None)
    history = RunHistory((phase, replace(phase, name="features", precision="fp16")) if told else ())
    assert precision.as_begun(old, history, layers).precision == expected
    chosen = replace(old, precision="fp16")
    assert precision.as_begun(chosen, history, layers) == chosen


@pytest.mark.parametrize(
    "value",
    [
        {"precision": "fp12", "depthwise_fp32": False, "images_per_second": 1.0},
        {"precision": "auto", "depthwise_fp32": False, "images_per_second": 1.0},
        {"precision": "fp32", "depthwise_fp32": "yes", "images_per_second": 1.0},
        {"precision": "fp32", "depthwise_fp32": False, "images_per_second": -1.0},
        {"precision": "fp32", "depthwise_fp32": False, "images_per_second": float("nan")},
        {"precision": "fp32"}, {}, [], "fp32", None, 7, [[]],
    ],
)  # fmt: skip
def test_a_measurement_that_can_be_none_is_made_anew(value):
    assert not step_speed.is_kind(value)
    assert step_speed.is_kind({"precision": "bf16", "depthwise_fp32": True, "images_per_second": 3.5})


def test_a_file_of_measurements_that_somebody_changed_is_not_believed(quick, train):
    chosen = replace(quick, epochs=1, precision="auto")
    train(chosen)
    file = cache_folder() / "measured.json"
    said = json.loads(file.read_text())
    for value in said.values():
        value["precision"] = "fp13"
    file.write_text(json.dumps(said))
    run, _ = train(chosen)
    assert run.record.recipe["precision"] in ("fp32", "bf16")
