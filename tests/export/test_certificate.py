"""What a certificate says, and what it refuses."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnstudio.core import Control, ExportMismatch, StopRequested, Watch, compare_answers
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.heif import PackageMissing
from cnnstudio.export import package, proving
from cnnstudio.export.answering import Answering
from cnnstudio.export.bundle_file import export_bundle_file
from cnnstudio.export.certificate import EIGHT_BITS, HALF, Accuracy, Checked, Hits, Limit, beyond
from cnnstudio.export.certificate_words import certificate_text, details, pictures_in_words, sentence
from cnnstudio.export.formats import AS_IT_IS, FORMATS, Source
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import open_model
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import save_bundle
from tests.certificates import certificate
from tests.conftest import watch_of

CLASSES = ("blue", "green", "red")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder, spec = tmp_path_factory.mktemp("model"), PreprocessSpec(resize=36, crop=32)
    torch.manual_seed(0)
    network = build_network("lenet5", 3, channels=3, image_size=32)
    scores = {"validation": {"accuracy": 0.5, "images": 36, "chosen_among": 4}}
    save_bundle(folder, network, BundleCard(network="lenet5", classes=CLASSES, preprocess=spec, scores=scores))
    return open_model(ModelRef(source=str(folder)))


@pytest.fixture(scope="module")
def validation(tiny_folder):
    paths = sorted(tiny_folder.glob("*/*.png"))
    return [Picture(path, "validation", CLASSES.index(path.parent.name)) for path in paths]


def checked(**others):
    return replace(certificate().checked, **others)


RIGHT, WORSE = [True] * 300 + [False] * 41, [True] * 290 + [False] * 51


@pytest.mark.parametrize(
    ("limit", "found", "problem"),
    [
        (Limit(), {}, ""),
        (Limit(), {"max_dp": 2e-4}, "a probability differs by 0.0002 (red/12.jpg)"),
        (Limit(), {"max_dp": float("nan")}, "differs by nan"),
        (Limit(), {"top1_same": 340, "tied": 1}, ""),
        (Limit(), {"top1_same": 340, "changed": ("7.jpg",)}, "changed for 1 picture of 341 (7.jpg)"),
        (HALF, {"max_dp": 9e-3, "top1_same": 338}, ""),
        (HALF, {"max_dp": 9e-3, "top1_same": 337}, "changed for 4 pictures of 341"),
        (HALF, {"max_dp": 1.1e-2}, "at most 0.01 is allowed"),
        (Limit(max_dp=None, same=0.95, points=1.0), {"max_dp": 0.3, "top1_same": 330}, ""),
    ],
)
def test_what_is_beyond_its_limit_is_said(limit, found, problem):
    said = beyond(limit, checked(**found), 341)
    assert problem in said
    assert bool(said) is bool(problem)


@pytest.mark.parametrize(("theirs", "lost"), [(WORSE, "2.9 points were lost"), (RIGHT, "")])
def test_accuracy_that_is_lost_is_said(theirs, lost):
    hits = [Hits(sum(right), 341, 0.0, 1.0) for right in (RIGHT, theirs)]
    compared = compare_answers(theirs, RIGHT, [-1] * 341)
    found = checked(accuracy=Accuracy(split="validation", app=hits[0], export=hits[1], comparison=compared))
    said = beyond(Limit(max_dp=None, same=0.9, points=1.0), found, 341)
    assert lost in said
    assert bool(said) is bool(lost)
    told = " ".join(details(certificate(checked=found)))
    assert ("McNemar" in told) is bool(lost)


def test_a_certificate_in_words():
    made = certificate()
    text = certificate_text(made)
    assert "341 of 341 have the same first answer" in text
    assert "280 of 341 (82.1 %, 77.7 to 85.8)" in text
    assert "21.4 ms, 2 threads" in text
    assert "Drawn examples" not in text
    assert "Drawn examples" in sentence(certificate(pictures=16, pictures_from={"drawn": 16}))
    mixed = certificate(pictures=16, pictures_from={"validation": 9, "train": 7})
    assert pictures_in_words(mixed) == "9 validation and 7 training pictures"


@pytest.mark.parametrize(
    ("max_dp", "most", "shown"),
    [
        (0.0, "0.000001", "0"), (3e-7, "0.000001", "under 0.000001"), (2e-6, "0.000002", "0.000002"),
        (2.96e-3, "0.003", "0.003"), (0.0123, "0.012", "0.012"), (0.3, "0.3", "0.3"),
    ],
)  # fmt: skip
def test_differences_are_said_without_exponents(max_dp, most, shown):
    text = certificate_text(certificate(checked=checked(max_dp=max_dp, mean_dp=max_dp)))
    assert f"no probability differs by more than {most}." in text
    assert f"Largest difference  {shown} (" in re.sub("  +", "  ", text)
    assert "e-0" not in text


def test_what_an_export_had_to_keep_is_one_sentence():
    told = [" ".join(details(certificate(limit=limit))) for limit in (Limit(), HALF, EIGHT_BITS)]
    assert "differs by more than 0.0001 and every first answer is the same, but for ties within 0.0002." in told[0]
    assert "differs by more than 0.01 and 99 % of the first answers are the same." in told[1]
    assert "the accuracy is at most 1 point lower, and not clearly." in told[2]


def test_an_export_is_compared_with_the_app_on_every_picture(session, validation, tmp_path):
    report = export_model(session, "bundle", tmp_path / "out", validation, Watch())
    made, found = report.certificate, report.certificate.checked
    assert (made.pictures, made.pictures_from, made.drawn) == (36, {"validation": 36}, False)
    assert found.app_engine.startswith("openvino")
    assert found.app_engine_of_one.startswith("torch")
    assert (found.top1_same, found.engine) == (36, "torch")
    assert 0 <= found.mean_dp <= found.max_dp < 1e-5
    right = sum(
        proving.predict_probabilities(session, proving.read_pixels(session, each.path)[None]).argmax() == each.label
        for each in validation
    )
    assert found.accuracy.app == found.accuracy.export
    assert found.accuracy.app[:2] == (right, 36)
    assert found.accuracy.app.low < right / 36 < found.accuracy.app.high
    noted = json.loads((report.path / "certificate.json").read_text(encoding="utf-8"))
    assert noted["checked"]["top1_same"] == 36
    assert noted["bytes"] == sum(file.stat().st_size for file in report.files) - _added(report)
    assert certificate_text(made) in (report.path / "README.txt").read_text(encoding="utf-8")


class _OnlyPng:
    """As a browser that is shown scans."""

    def __init__(self, answerer):
        self._answerer = answerer

    def __getattr__(self, name):
        return getattr(self._answerer, name)

    def answer(self, picture):
        if not picture.read_bytes().startswith(b"\x89PNG"):
            raise PackageMissing("no PNG")
        return self._answerer.answer(picture)


def test_where_it_can_read_none_of_the_pictures_they_are_compared_as_png(session, validation, tmp_path, monkeypatch):
    kind, scans = type(FORMATS["bundle"]), []
    opens = kind.answers
    monkeypatch.setattr(kind, "answers", lambda self, folder: _OnlyPng(opens(self, folder)))
    for picture in validation[::6]:
        file = tmp_path / picture.path.parent.name / f"{picture.path.stem}.tif"
        file.parent.mkdir(exist_ok=True)
        Image.open(picture.path).save(file)
        scans.append(replace(picture, path=file))
    report = export_model(session, "bundle", tmp_path / "out", scans, Watch())
    made, found = report.certificate, report.certificate.checked
    assert (made.verdict, made.pictures, made.pictures_from) == ("pass", 6, {"validation": 6})
    assert (found.top1_same, found.unread, found.accuracy.app.pictures) == (6, 0, 6)
    assert found.worst.endswith(".tif")
    assert "so they were written as PNG and compared so" in (report.path / "README.txt").read_text(encoding="utf-8")
    scans.append(validation[0])
    assert export_model(session, "bundle", tmp_path / "out", scans, Watch()).certificate.checked.unread == 6


def test_a_bundle_in_one_file_is_used_as_that_file(session, validation, tmp_path):
    out = tmp_path / "my shirts.cnnbundle"
    report = export_bundle_file(session, out, validation[:4], Watch())
    assert report.snippet == 'cnnstudio predict "my shirts.cnnbundle" PICTURE'
    assert (report.path, list(tmp_path.iterdir())) == (out, [out])


def test_a_picture_is_named_with_its_folder_where_each_class_has_one_of_that_name(session, validation, tmp_path):
    found = export_model(session, "bundle", tmp_path / "out", validation, Watch()).certificate.checked
    named = [each for each in validation if "/".join(each.path.parts[-2:]) == found.worst]
    assert len(named) == 1
    assert sum(each.path.name == named[0].path.name for each in validation) == len(CLASSES)
    assert Picture(named[0].path).name == named[0].path.name, "given ones may lie in a folder of a person's name"


def _added(report):
    """What is written of the certificate itself."""
    return (report.path / "certificate.json").stat().st_size + len(f"\n{certificate_text(report.certificate)}".encode())


def test_a_picture_that_only_an_engine_answers_otherwise_is_asked_in_torch(session, validation, tmp_path, monkeypatch):
    """An engine's last bits are no fault of the export's."""
    by_engine = proving._by_engine  # noqa: SLF001

    def otherwise(*asked):
        for done, rows in by_engine(*asked):
            yield done, {index: np.roll(row, 1) if index == 3 else row for index, row in rows.items()}

    monkeypatch.setattr(proving, "_by_engine", otherwise)
    found = export_model(session, "bundle", tmp_path / "out", validation, Watch()).certificate.checked
    assert (found.top1_same, found.max_dp < 1e-5) == (36, True)


def test_a_picture_of_the_run_that_it_answers_otherwise_stops_it(session, validation, tmp_path, monkeypatch):
    """One of 36 is enough."""
    real = FORMATS["bundle"].answers

    class Once:
        engine, version, threads = "torch", "1", 1

        def __init__(self, folder):
            self.real = real(folder)

        def answer(self, picture):
            found = self.real.answer(picture)
            return found[::-1].copy() if picture == validation[20].path else found

    monkeypatch.setattr(type(FORMATS["bundle"]), "answers", lambda _, folder: Once(folder))
    with pytest.raises(ExportMismatch) as refused:
        export_model(session, "bundle", tmp_path / "out", validation, Watch())
    assert validation[20].path.name in refused.value.problem.details
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", ["Answering with the app", "Checking the export"])
def test_a_stop_at_any_time_leaves_nothing(session, validation, tmp_path, at):
    control, said = Control(), []

    def say(done, _total, text):
        said.append(text)
        if text == at and done >= 2:
            control.request_stop()

    with pytest.raises(StopRequested):
        export_model(session, "bundle", tmp_path / "out", validation[:12], watch_of(say, control))
    assert said[-1] == at
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.child
def test_the_child_answers_tells_what_it_is_and_ends_with_a_stop(session, validation, tmp_path):
    FORMATS["bundle"].write(Source(session=session, options=AS_IT_IS), tmp_path, Watch())
    control = Control()
    with Answering(FORMATS["bundle"], tmp_path, control) as export:
        assert (export.about.engine, export.about.version) == ("torch", torch.__version__.partition("+")[0])
        answered = export.answer(validation[0].path)
        assert answered.seconds > 0
        ours = proving.predict_probabilities(session, proving.read_pixels(session, validation[0].path)[None])
        np.testing.assert_allclose(answered.probabilities, ours[0], atol=1e-6)
        control.request_stop()
        with pytest.raises(StopRequested):
            export.answer(validation[0].path)


@pytest.mark.slow
@pytest.mark.child
def test_a_child_that_cannot_open_the_export_says_why(tmp_path):
    with pytest.raises(ExportMismatch) as refused, Answering(FORMATS["state-dict"], tmp_path, Control()):
        pass
    assert "FileNotFoundError" in refused.value.problem.details


def test_what_is_written_is_what_is_read():
    """Every number is there for programs."""
    from cnnstudio.core import codec
    from cnnstudio.export.certificate import Certificate

    plain = json.loads(json.dumps(codec.to_plain(certificate())))
    assert codec.from_plain(Certificate, plain) == certificate()
    assert plain["checked"]["accuracy"]["comparison"]["p_value"] == 1.0
    assert isinstance(checked(), Checked)
    assert package.CERTIFICATE_FILE == "certificate.json"


def test_names_that_are_no_text_are_written_as_such():
    """Old archives hold Latin-1; a certificate is UTF-8, and names the picture that differs most."""
    odd = os.fsdecode(b"caf\xe9")
    assert Picture(Path(odd) / "1.jpg", label=0).name == "café/1.jpg"
    assert Picture(Path(f"{odd}.jpg")).name == "café.jpg"
