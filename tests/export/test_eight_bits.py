"""Networks of 8 bits: tried twice, and refused with both numbers. NNCF itself is in the slow tests."""

from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core import ExportMismatch, NetworkError, Watch
from cnnstudio.export.certificate import Limit
from cnnstudio.export.formats import FORMATS
from cnnstudio.export.formats.eight_bits import EightBits
from cnnstudio.export.onnx import writing
from cnnstudio.export.open_vino import quantising
from cnnstudio.export.open_vino.converting import IR_FILE, said_of
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import open_model
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune
from cnnstudio.networks import ModelRef
from cnnstudio.training.recipe import Recipe

EXPORT = FORMATS["int8"]


@pytest.fixture
def nncf_there(monkeypatch):
    monkeypatch.setattr("cnnstudio.export.formats.eight_bits.find_spec", lambda _: True)


def labelled(pictures):
    return [Picture(path, "validation", number % 3) for number, path in enumerate(pictures)]


def test_what_is_missing_is_named(monkeypatch, onnx_export, tmp_path):
    monkeypatch.setattr("cnnstudio.export.formats.eight_bits.find_spec", lambda _: None)
    assert EXPORT.missing() == "Networks of 8 bits need a package that is not installed: nncf."
    with pytest.raises(NetworkError) as caught:
        export_model(onnx_export.session, "int8", tmp_path / "out", [], Watch())
    assert 'pip install "cnnstudio[int8]"' in caught.value.problem.remedy


def test_without_the_pictures_that_it_learned_from_there_is_none(onnx_export, nncf_there, tmp_path):
    with pytest.raises(NetworkError, match="needs 16 of the pictures that it was trained with"):
        export_model(onnx_export.session, "int8", tmp_path / "out", labelled(onnx_export.pictures), Watch())
    assert not (tmp_path / "out").exists()


def test_one_that_loses_is_tried_more_carefully_and_then_refused_with_both_numbers(
    onnx_export, nncf_there, tmp_path, monkeypatch
):
    asked_for = []

    def write(asked, _card, _watch):
        asked_for.append((asked.small, asked.careful, len(asked.pictures)))
        raise ExportMismatch(
            "The exported file does not give the same answers as the run.",
            details="it is correct for 250 of 341 validation pictures and the app for 279: 8.5 points were lost",
        )

    monkeypatch.setattr(writing, "write_by_child", write)
    monkeypatch.setattr(quantising, "training_pictures", lambda *_: ("picture.png",) * 20)
    with pytest.raises(ExportMismatch, match=r"8 bits cost this network too much: .*250 of 341.*279: 8\.5 points"):
        export_model(onnx_export.session, "int8", tmp_path / "out", labelled(onnx_export.pictures), Watch())
    assert asked_for == [(True, False, 20), (True, True, 20)]
    assert not list(tmp_path.iterdir())


def test_what_it_has_to_keep():
    limit = EXPORT.limit(None)
    assert (limit.max_dp, limit.same, limit.points) == (None, 0.95, 1.0)


@pytest.fixture(scope="module")
def run(tiny_folder, tmp_path_factory):
    """A small network, trained on pictures that colour tells apart."""
    recipe = Recipe(dataset=str(tiny_folder), network="gap_cnn", mode="scratch", epochs=6, input_size=32)
    return run_inline(FineTune(recipe=recipe, out=tmp_path_factory.mktemp("runs") / "run")).folder


@pytest.mark.slow
@pytest.mark.child
@pytest.mark.parametrize("lossy", [False, True])
def test_one_that_keeps_its_answers_is_written_with_all_figures_and_one_that_loses_is_not(
    run, tmp_path, monkeypatch, lossy
):
    pytest.importorskip("nncf")
    session = open_model(ModelRef(source=str(run / "bundle")))
    paths = quantising.training_pictures(session, 300)
    assert len(paths) >= quantising.FEWEST_PICTURES
    pictures, out = [Picture(Path(path)) for path in paths], tmp_path / "out"
    if lossy:
        monkeypatch.setattr(EightBits, "limit", lambda *_: Limit(max_dp=None, same=1.01))
        with pytest.raises(ExportMismatch, match="8 bits cost this network too much"):
            export_model(session, "int8", out, pictures, Watch())
        assert not out.exists()
        return
    report = export_model(session, "int8", out, pictures, Watch())
    assert report.certificate.checked.top1_same >= 0.95 * len(pictures)
    assert "8 bits" in said_of(out, "speeds")
    assert any("32 bits" in note for note in report.certificate.notes)
    assert (out / IR_FILE).is_file()
    assert np.isfinite(report.certificate.checked.max_dp)
