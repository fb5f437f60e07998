"""An ONNX export: what the file says of itself, its script, and that it comes through the format's table."""

import json
import runpy
import shutil
import sys

import numpy as np
import pytest

from cnnstudio.cli.main import build_parser
from cnnstudio.core import Control, ExportMismatch, NetworkError, StopRequested, Watch
from cnnstudio.data.reading import read_image
from cnnstudio.export import script_check
from cnnstudio.export.formats import FORMATS, ExportOptions
from cnnstudio.export.onnx import writing
from cnnstudio.export.onnx.metadata import add_metadata
from cnnstudio.export.onnx.running import Running
from cnnstudio.export.onnx.writing import CROPS_FILE, MODEL_FILE, write_onnx
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.export.script_check import check_script
from cnnstudio.inference.session import predict_probabilities, read_pixels
from tests.export.conftest import CLASSES
from tests.export.test_script_check import _run_here


def whole(session, path):
    return np.asarray(read_image(path, session.preprocess.levels))[None]


def test_whole_pictures_give_what_the_app_answers(onnx_export):
    session, opened = onnx_export.session, Running(onnx_export.folder, threads=1)
    for path in onnx_export.pictures:
        ours = predict_probabilities(session, read_pixels(session, path)[None])
        np.testing.assert_allclose(opened.probabilities(whole(session, path)), ours, atol=1e-6)
    assert opened.features(whole(session, onnx_export.pictures[0])).shape == (1, 84)


def test_so_do_pictures_that_are_cropped_already(onnx_export):
    session, opened = onnx_export.session, Running(onnx_export.folder, threads=1, file=CROPS_FILE)
    pixels = np.stack([read_pixels(session, path) for path in onnx_export.pictures])
    np.testing.assert_allclose(opened.probabilities(pixels), predict_probabilities(session, pixels), atol=1e-6)


def test_the_file_says_what_it_is(onnx_export):
    said = Running(onnx_export.folder).metadata
    assert json.loads(said["labels"]) == list(CLASSES)
    assert json.loads(said["preprocessing"])["crop"] == 32
    assert json.loads(said["scores"])["validation"]["images"] == 20
    assert said["network"] == "LeNet-5"
    assert said["made_by"].startswith("CNN Studio ")
    assert "EXIF" in said["image_rules"]
    assert {"licence", "weights_origin", "created"} <= said.keys()


def test_what_is_known_later_is_added_behind_the_file(onnx_export, tmp_path):
    before = (onnx_export.folder / MODEL_FILE).read_bytes()
    (tmp_path / MODEL_FILE).write_bytes(before)
    add_metadata(tmp_path / MODEL_FILE, {"certificate": "{}"})
    assert (tmp_path / MODEL_FILE).read_bytes().startswith(before)
    assert Running(tmp_path).metadata["certificate"] == "{}"
    picture = whole(onnx_export.session, onnx_export.pictures[0])
    np.testing.assert_array_equal(
        Running(tmp_path, threads=1).probabilities(picture),
        Running(onnx_export.folder, threads=1).probabilities(picture),
    )


def test_its_script_reads_answers_and_judges_as_the_app_does(onnx_export, monkeypatch):
    monkeypatch.setattr(script_check, "run_script", _run_here)
    checked = check_script(onnx_export.folder, onnx_export.session, onnx_export.pictures, Watch(), whole=True)
    assert checked >= len(onnx_export.pictures) + 12


@pytest.mark.slow
def test_a_script_that_reads_otherwise_is_found(onnx_export, tmp_path, monkeypatch):
    monkeypatch.setattr(script_check, "run_script", _run_here)
    folder = tmp_path / "export"
    shutil.copytree(onnx_export.folder, folder)
    script = folder / "predict.py"
    script.write_text(script.read_text(encoding="utf-8").replace(")))[None]", ")))[None, ..., ::-1]"), encoding="utf-8")
    with pytest.raises(ExportMismatch, match="same answers"):
        check_script(folder, onnx_export.session, onnx_export.pictures, Watch(), whole=True)


@pytest.mark.slow
def test_the_mirror_image_is_averaged_over(onnx_export, monkeypatch):
    monkeypatch.syspath_prepend(onnx_export.folder)
    script = runpy.run_path(str(onnx_export.folder / "predict.py"))
    path = onnx_export.pictures[0]
    plain, flipped = (script["answer"](str(path), flip)[0] for flip in (False, True))
    assert np.abs(plain - flipped).max() > 1e-4
    opened, picture = Running(onnx_export.folder, threads=1), whole(onnx_export.session, path)
    both = opened.probabilities(picture), opened.probabilities(np.ascontiguousarray(picture[:, :, ::-1]))
    np.testing.assert_allclose(flipped, sum(both)[0] / 2, atol=1e-6)


@pytest.fixture
def written(onnx_export, monkeypatch):
    """Torch has written it already."""

    def write(_network, _card, folder, _watch, *, crops=False, half=False):
        assert not half
        names = onnx_export.files if crops else [MODEL_FILE]
        for name in names:
            shutil.copyfile(onnx_export.folder / name, folder / name)
        return names

    monkeypatch.setattr(writing, "write_onnx", write)


def test_it_proves_itself_and_carries_its_certificate(onnx_export, written, tmp_path):
    out, pictures = tmp_path / "out", [Picture(path) for path in onnx_export.pictures]
    for crops in (True, False):  # the second one takes the first one's place
        report = export_model(onnx_export.session, "onnx", out, pictures, Watch(), ExportOptions(crops=crops))
        assert (out / CROPS_FILE).is_file() is crops
    assert report.certificate.verdict == "pass"
    assert report.certificate.checked.engine == "onnxruntime"
    assert report.certificate.checked.max_dp < 1e-6
    carried = json.loads(Running(out).metadata["certificate"])
    assert carried["verdict"] == "pass"
    assert carried["pictures"] == len(pictures)
    readme = (out / "README.txt").read_text(encoding="utf-8")
    assert MODEL_FILE in readme
    assert CROPS_FILE not in readme
    assert "80.0 %" in readme
    assert "InferenceSession" in report.snippet


def test_one_that_answers_otherwise_is_not_put_in_place(onnx_export, written, tmp_path, monkeypatch):
    import onnx

    model = onnx.load(onnx_export.folder / MODEL_FILE)
    weights = next(each for each in model.graph.initializer if list(each.dims) == [3, 84])
    weights.CopyFrom(onnx.numpy_helper.from_array(1.1 * onnx.numpy_helper.to_array(weights), weights.name))
    before = writing.write_onnx

    def write(*asked, **options):
        names = before(*asked, **options)
        onnx.save(model, asked[2] / MODEL_FILE)
        return names

    monkeypatch.setattr(writing, "write_onnx", write)
    with pytest.raises(ExportMismatch):
        export_model(onnx_export.session, "onnx", tmp_path / "out", list(map(Picture, onnx_export.pictures)), Watch())
    assert not (tmp_path / "out").exists()


def test_what_is_missing_is_named(monkeypatch):
    assert not FORMATS["onnx"].missing()
    monkeypatch.setattr("cnnstudio.export.formats.onnx_file.find_spec", lambda name: None if name == "onnx" else name)
    assert FORMATS["onnx"].missing() == "Writing ONNX files needs packages that are not installed: onnx."


def test_the_terminal_knows_it():
    asked = build_parser().parse_args(["export", "RUN", "--format", "onnx", "--crops", "--out", "there"])
    assert (asked.format, asked.crops) == ("onnx", True)


@pytest.mark.parametrize("word", ["pictures", "probabilities", "features", "labels.txt", "C#", "C++"])
def test_the_note_says_how_it_is_used(onnx_export, word):
    assert word in (onnx_export.folder / "README.txt").read_text(encoding="utf-8")


def test_a_child_that_fails_is_one_sentence(onnx_export, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "child_command", lambda *_: ["python3", "-c", "import sys; sys.exit('it broke')"])
    session = onnx_export.session
    with pytest.raises(NetworkError, match="LeNet-5 could not be written as an ONNX file") as caught:
        write_onnx(session.network, session.card, tmp_path, Watch())
    assert "it broke" in caught.value.problem.details
    assert not list(tmp_path.iterdir())


def test_a_stop_ends_the_child_and_leaves_nothing(onnx_export, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "child_command", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"])
    control, session = Control(), onnx_export.session
    control.request_stop()
    with pytest.raises(StopRequested):
        write_onnx(session.network, session.card, tmp_path, Watch(control))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.child
def test_it_is_written_in_a_child_process(onnx_export, tmp_path):
    session = onnx_export.session
    names = write_onnx(session.network, session.card, tmp_path, Watch(), crops=True)
    assert names == [MODEL_FILE, CROPS_FILE]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names)
    picture = whole(session, onnx_export.pictures[0])
    np.testing.assert_allclose(
        Running(tmp_path).probabilities(picture), Running(onnx_export.folder).probabilities(picture), atol=1e-6
    )
