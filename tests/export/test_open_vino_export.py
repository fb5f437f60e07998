"""OpenVINO's own files as an export: what they hold, their script, and weights of 16 bits where answers allow it."""

import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.compute.engines import quiet_openvino
from cnnstudio.core import ExportMismatch, Watch
from cnnstudio.export import script_check
from cnnstudio.export.certificate import Limit
from cnnstudio.export.formats import FORMATS, ExportOptions
from cnnstudio.export.formats.open_vino import OpenVino
from cnnstudio.export.onnx import writing
from cnnstudio.export.open_vino.companions import write_companions
from cnnstudio.export.open_vino.converting import IR_CROPS, IR_FILE, converted, is_half, said_of
from cnnstudio.export.open_vino.quantising import SECTION
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.export.script_check import check_script
from cnnstudio.inference.session import predict_probabilities, read_pixels
from tests.export.test_script_check import _run_here


@pytest.fixture(scope="module")
def folders(onnx_export, tmp_path_factory):
    """With weights of 16 bits, and as they are."""
    made = []
    for half in (True, False):
        made.append(tmp_path_factory.mktemp("ir"))
        for name in onnx_export.files:
            shutil.copyfile(onnx_export.folder / name, made[-1] / name)
        converted(made[-1], half=half)
        write_companions(made[-1], onnx_export.session.card, onnx_export.session.refusal)
    return made


@pytest.fixture
def written(folders, monkeypatch):
    """The child has written it already."""

    def write(asked, _card, _watch):
        here = folders[0 if asked.half else 1]
        for name in [IR_FILE, "model.bin", *((IR_CROPS, "model-crops.bin") if asked.crops else ())]:
            shutil.copyfile(here / name, Path(asked.out) / name)

    monkeypatch.setattr(writing, "write_by_child", write)


def test_weights_take_half_the_room_and_nothing_else_is_left(folders):
    names = {"model.xml", "model.bin", "model-crops.xml", "model-crops.bin"}
    assert all(names <= {file.name for file in folder.iterdir()} for folder in folders)
    assert not any(file.suffix == ".onnx" for folder in folders for file in folder.iterdir())
    assert [is_half(folder) for folder in folders] == [True, False]
    half, full = ((folder / "model-crops.bin").stat().st_size for folder in folders)
    assert half < 0.55 * full


def test_the_file_says_what_it_is(folders, onnx_export):
    model = quiet_openvino().Core().read_model(folders[0] / IR_FILE)
    assert model.get_rt_info([SECTION, "network"]).astype(str) == "LeNet-5"
    assert said_of(folders[0], "network") == "LeNet-5"
    assert "grün" in model.get_rt_info([SECTION, "labels"]).astype(str)
    assert [each.any_name for each in model.inputs] == ["pictures"]
    assert {each.any_name for each in model.outputs} == {"probabilities", "features"}


@pytest.mark.slow
def test_its_script_reads_answers_and_judges_as_the_app_does(folders, onnx_export, monkeypatch):
    monkeypatch.setattr(script_check, "run_script", _run_here)
    checked = check_script(folders[0], onnx_export.session, onnx_export.pictures, Watch(), whole=True, within=5e-3)
    assert checked >= len(onnx_export.pictures) + 12


@pytest.mark.slow
def test_it_computes_in_full_precision_whatever_the_processor_offers(folders, onnx_export, monkeypatch):
    monkeypatch.syspath_prepend(folders[1])
    script, session = runpy.run_path(str(folders[1] / "predict.py")), onnx_export.session
    assert script["options"]["INFERENCE_PRECISION_HINT"] == "f32"
    for path in onnx_export.pictures:
        ours = predict_probabilities(session, read_pixels(session, path)[None])[0]
        np.testing.assert_allclose(script["answer"](str(path))[0], ours, atol=5e-3)


@pytest.mark.slow
@pytest.mark.parametrize("half", [True, False])
def test_weights_stay_as_they_are_where_answers_would_differ(onnx_export, written, tmp_path, monkeypatch, half):
    write, asked_for = writing.write_by_child, []

    def differing(asked, card, watch):
        asked_for.append(asked.half)
        write(asked, card, watch)
        if asked.half and not half:  # as of a network that needs all of its digits
            (Path(asked.out) / IR_FILE).write_text("<net/>", encoding="utf-8")

    monkeypatch.setattr(writing, "write_by_child", differing)
    pictures, out = list(map(Picture, onnx_export.pictures)), tmp_path / "out"
    report = export_model(onnx_export.session, "openvino", out, pictures, Watch(), ExportOptions(crops=half))
    assert asked_for == ([True] if half else [True, False])
    assert is_half(out) is half
    assert (out / IR_CROPS).is_file() is half
    assert any("32 bits" in note for note in report.certificate.notes) is not half
    assert report.certificate.checked.engine == "openvino"
    assert "INFERENCE_PRECISION_HINT" in (out / "README.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_differs_all_the_same_is_refused(onnx_export, written, tmp_path, monkeypatch):
    monkeypatch.setattr(OpenVino, "limit", lambda *_: Limit(max_dp=0.0))
    with pytest.raises(ExportMismatch):
        export_model(
            onnx_export.session, "openvino", tmp_path / "out", list(map(Picture, onnx_export.pictures)), Watch()
        )
    assert not list(tmp_path.iterdir())


def test_what_is_missing_is_named(monkeypatch):
    assert not FORMATS["openvino"].missing()
    monkeypatch.setattr("cnnstudio.export.formats.open_vino.find_spec", lambda name: None if name == "openvino" else 1)
    assert FORMATS["openvino"].missing().endswith("not installed: openvino.")


@pytest.mark.slow
@pytest.mark.child
def test_a_child_writes_it(onnx_export, tmp_path):
    report = export_model(
        onnx_export.session, "openvino", tmp_path / "out", list(map(Picture, onnx_export.pictures)), Watch()
    )
    assert report.certificate.verdict == "pass"
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {"model.xml", "model.bin", "predict.py"}
