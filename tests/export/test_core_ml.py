"""A Core ML package: converted where coremltools is, asked on a Mac, and said to be unchecked elsewhere."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from cnnstudio.core import NetworkError, StorageError, Watch
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.export.certificate_words import certificate_text, rows
from cnnstudio.export.core_ml import writing
from cnnstudio.export.core_ml.labels import distinct
from cnnstudio.export.formats import FORMATS
from cnnstudio.export.formats.core_ml import CoreMl
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import open_model
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import save_bundle

CLASSES = ("crane", "grün", "crane")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder, spec = tmp_path_factory.mktemp("model"), PreprocessSpec(resize=36, crop=32)
    network = build_network("lenet5", 3, channels=3, image_size=32)
    save_bundle(folder, network, BundleCard(network="lenet5", classes=CLASSES, preprocess=spec))
    return open_model(ModelRef(source=str(folder)))


@pytest.fixture
def converted(monkeypatch):
    """Coremltools has been here."""

    def write(_network, _card, folder, _watch):
        inside = folder / "model.mlpackage" / "Data" / "com.apple.CoreML"
        (inside / "weights").mkdir(parents=True)
        for name in ("model.mlmodel", "weights/weight.bin", "../../Manifest.json"):
            (inside / name).write_bytes(b"x")

    monkeypatch.setattr(writing, "write_core_ml", write)
    monkeypatch.setattr(CoreMl, "missing", lambda _: "")


def on_a_mac(monkeypatch, answer):
    """Core ML answers what ``answer`` gives of the picture it gets."""
    model = SimpleNamespace(predict=lambda asked: {"classLabel_probs": answer(np.asarray(asked["picture"]))})
    made = SimpleNamespace(__version__="9.0", models=SimpleNamespace(MLModel=lambda _: model))
    monkeypatch.setitem(sys.modules, "coremltools", made)
    monkeypatch.setattr(CoreMl, "unverified", lambda _: "")


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac checks it")
def test_off_a_mac_it_says_that_nothing_was_checked(session, converted, tmp_path):
    report = export_model(session, "coreml", tmp_path / "out", [], Watch())
    made = report.certificate
    assert (made.verdict, made.checked, report.largest_difference) == ("unverified", None, None)
    assert [row.what for row in rows(made)] == ["Size", "Checked"]
    readme = (report.path / "README.txt").read_text(encoding="utf-8")
    assert "Converted, not checked here. Core ML runs on Apple's" in readme
    assert readme.endswith(certificate_text(made))
    assert "VNCoreMLModel" in report.snippet
    noted = json.loads((report.path / "certificate.json").read_text())["sha256"]
    assert "model.mlpackage/Data/com.apple.CoreML/weights/weight.bin" in noted


def test_a_package_is_replaced_with_all_that_is_in_it_and_nothing_else(session, converted, tmp_path):
    for _ in range(2):
        out = export_model(session, "coreml", tmp_path / "out", [], Watch()).path
    foreign = out / "model.mlpackage" / "Data" / "thesis.txt"
    foreign.write_text("x")
    with pytest.raises(StorageError, match=r"model\.mlpackage/Data/thesis\.txt"):
        export_model(session, "coreml", out, [], Watch())
    assert foreign.read_text() == "x"


def test_on_a_mac_it_is_asked(session, converted, tmp_path, tiny_folder, monkeypatch):
    from cnnstudio.inference.session import predict_probabilities

    path = tiny_folder / "red" / "01.png"
    expected = resize_and_crop(read_image(path), session.preprocess)

    def answer(pixels):
        assert (pixels == expected).all()
        return dict(zip(distinct(CLASSES), predict_probabilities(session, pixels[None])[0].tolist(), strict=True))

    on_a_mac(monkeypatch, answer)
    found = export_model(session, "coreml", tmp_path / "out", [Picture(path)], Watch()).certificate
    assert (found.verdict, found.checked.engine, found.checked.version) == ("pass", "coremltools", "9.0")
    assert found.checked.max_dp < 1e-6


def test_labels_that_occur_twice_are_told_apart():
    assert distinct(CLASSES) == ("crane (0)", "grün", "crane (2)")


def test_without_its_extra_it_says_what_to_install(session, tmp_path, monkeypatch):
    monkeypatch.setattr("cnnstudio.export.formats.core_ml.find_spec", lambda _: None)
    with pytest.raises(NetworkError, match=r"coremltools.*pip install .cnnstudio\[coreml\]"):
        export_model(session, "coreml", tmp_path / "out", [], Watch())
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.child
@pytest.mark.skipif(bool(FORMATS["coreml"].missing()), reason="needs the extra coreml")
def test_coremltools_converts_it(session, tmp_path):
    import coremltools

    report = export_model(session, "coreml", tmp_path / "out", [], Watch())
    said = coremltools.utils.load_spec(str(report.path / "model.mlpackage")).description
    assert [each.name for each in said.input] == ["picture"]
    assert {each.name for each in said.output} == {"classLabel_probs", "classLabel"}
    assert said.input[0].type.imageType.width == 32
