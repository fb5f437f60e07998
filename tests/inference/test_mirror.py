"""Answers averaged over the mirror image: alone, in batches, evaluated, exported, and what it gains."""

import json
import runpy
import sys
from dataclasses import replace

import pytest
import torch
from PIL import Image, ImageOps

from cnnstudio.cli.main import main
from cnnstudio.core import RunError, Watch
from cnnstudio.export.companions import READING_FILES
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference import session as predicting
from cnnstudio.inference.mirror import averaged
from cnnstudio.inference.session import open_model, predict, predict_many
from cnnstudio.jobs import mirroring, run_inline
from cnnstudio.jobs.specs import Evaluate, MeasureMirror, Predict
from cnnstudio.networks import ModelRef
from tests.inference.test_predict_many import bundle  # noqa: F401 - a fixture


@pytest.fixture
def session(bundle):  # noqa: F811
    return replace(open_model(ModelRef(source=str(bundle))), engines={}, variants={})


@pytest.fixture
def mirrored(tiny_folder, tmp_path):
    """A picture, and its mirror image."""
    picture, other = tiny_folder / "red" / "01.png", tmp_path / "mirrored.png"
    ImageOps.mirror(Image.open(picture)).save(other)
    return picture, other


def chances(prediction):
    return {score.label: score.probability for score in prediction.top}


@pytest.mark.parametrize("few", [16, 0], ids=["one by one", "in batches"])
def test_the_mean_of_the_picture_and_its_mirror_image(session, mirrored, monkeypatch, few):
    monkeypatch.setattr(predicting, "FEW", few)
    one, other = (chances(predict(session, path, 7)) for path in mirrored)
    assert max(abs(one[label] - other[label]) for label in one) > 1e-3, "else there is nothing to average"
    for found in predict_many(averaged(session), mirrored, Watch(), top=7):
        assert chances(found) == pytest.approx({label: (one[label] + other[label]) / 2 for label in one}, abs=1e-5)
    assert averaged(session) is averaged(session), "compiled once"
    assert chances(predict(session, mirrored[0], 7)) == one, "the model itself is as it was"


def test_a_job_answers_as_it_is_asked_to(bundle, mirrored):  # noqa: F811
    plain, mean = (
        run_inline(Predict(model=ModelRef(source=str(bundle), mirror=mirror), images=mirrored, top=7))
        for mirror in (False, True)
    )
    assert chances(plain[0]) != pytest.approx(chances(plain[1]), abs=1e-3)
    assert chances(mean[0]) == pytest.approx(chances(mean[1]), abs=1e-5)


def test_the_exported_script_averages_when_asked_to(session, mirrored, tmp_path, monkeypatch, capsys):
    picture = mirrored[0]
    report = export_model(session, "state-dict", tmp_path / "out", [Picture(picture)], Watch())
    monkeypatch.syspath_prepend(report.path)
    for wanted, words in ((session, []), (averaged(session), ["--flip"])):
        monkeypatch.setattr(sys, "argv", ["predict.py", str(picture), *words])
        runpy.run_path(str(report.path / "predict.py"), run_name="__main__")
        for name in READING_FILES:
            sys.modules.pop(name.removesuffix(".py"), None)
        shown = capsys.readouterr().out.splitlines()
        theirs = {label: float(p) for p, label in (line.split("  ", 1) for line in shown)}
        assert theirs == pytest.approx(chances(predict(wanted, picture, 5)), abs=1e-5)


def test_the_gain_is_measured_on_validation_pictures_once_and_kept(trained, monkeypatch, capsys):
    gain = run_inline(MeasureMirror(run=trained.folder))
    assert gain.found.pictures == trained.record.scores["validation"].images
    assert gain.times > 0
    monkeypatch.setattr(mirroring, "score_pictures", None)
    assert run_inline(MeasureMirror(run=trained.folder)) == gain
    assert main(["flip-gain", str(trained.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == gain.found.pictures
    (trained.folder / "mirror.json").write_text("[]")
    with pytest.raises(TypeError):
        run_inline(MeasureMirror(run=trained.folder))


def test_a_run_without_validation_pictures_has_no_measured_gain(trained):
    samples = trained.folder / "samples.csv"
    samples.write_text(samples.read_text().replace(",validation,", ",train,"))
    with pytest.raises(RunError, match="has no validation pictures"):
        run_inline(MeasureMirror(run=trained.folder))


def test_a_score_averages_too(trained, tiny_folder):
    plain, mean = (
        run_inline(
            Evaluate(model=ModelRef(source=str(trained.folder), mirror=mirror), folder=tiny_folder, split="validation")
        )
        for mirror in (False, True)
    )
    assert plain.images == mean.images
    assert plain.loss != mean.loss


@pytest.fixture
def trained(tiny_folder, tmp_path):
    """A small network, trained from scratch for an epoch."""
    from cnnstudio.jobs.specs import FineTune
    from cnnstudio.training.recipe import Recipe

    torch.manual_seed(0)
    recipe = Recipe(
        dataset=str(tiny_folder), network="lenet5", mode="scratch", weights="none", input_size=32, epochs=1,
        batch_size=8, device="cpu", precision="fp32",
    )  # fmt: skip
    return run_inline(FineTune(recipe=recipe, out=tmp_path / "run"))
