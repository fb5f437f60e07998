"""What goes wrong in other people's exports, put into ours on purpose: it is noticed, and nothing is put in place.

Every test first makes the export as it is, which passes, so that it is the mutation that is noticed.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnstudio.core import ExportMismatch, Watch
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.export import companions
from cnnstudio.export.formats import ExportOptions
from cnnstudio.export.onnx import preprocessing, writing
from cnnstudio.export.onnx.half import halve
from cnnstudio.export.onnx.writing import CROPS_FILE, MODEL_FILE, put_before
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.export.web import browser
from cnnstudio.inference.session import open_model
from cnnstudio.networks import BundleCard, ModelRef, bundle
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import save_bundle

SPEC = PreprocessSpec(resize=56, crop=32)
MUTATIONS = ("wrong mean", "BGR", "crop shifted", "no antialias")


def some(always):
    """All of them, of which one is quick enough for every run of the tests."""
    return [pytest.param(what, marks=() if what == always else pytest.mark.slow) for what in MUTATIONS]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Wider than high and with the grain that photographs have, so that another crop and another resize show."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for number in range(3):
        smooth = np.asarray(draw_example(number).resize((290 + number, 190)), np.float32)
        grain = rng.normal(0, 60, smooth.shape)
        Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(folder / f"{number}.png")
    return [Picture(path) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    network = build_network("lenet5", 3, channels=3, image_size=32)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)
    save_bundle(folder, network, BundleCard(network="lenet5", classes=("a", "b", "c"), preprocess=SPEC))
    return open_model(ModelRef(source=str(folder)))


def refused(session, kind, out, pictures, options=ExportOptions()):  # noqa: B008 - a plain value
    with pytest.raises(ExportMismatch) as error:
        export_model(session, kind, out, pictures, Watch(), options)
    assert not out.exists()
    return error.value.problem


def accepted(session, kind, out, pictures, options=ExportOptions()):  # noqa: B008 - a plain value
    report = export_model(session, kind, out.with_name("fine"), pictures, Watch(), options)
    assert report.certificate.verdict == "pass"
    return report


IN_SCRIPT = {
    "wrong mean": ("[0.485, 0.456, 0.406]", "[0.5, 0.5, 0.5]"),
    "BGR": ("preprocess(image)[None]", "preprocess(image).flip(0)[None]"),
    "crop shifted": ("transforms.CenterCrop(32),", "lambda image: transforms.functional.crop(image, 12, 34, 32, 32),"),
    "no antialias": ("InterpolationMode.BILINEAR", "InterpolationMode.NEAREST"),
}


@pytest.mark.parametrize("what", some("BGR"))
def test_of_a_script(session, pictures, tmp_path, monkeypatch, what):
    accepted(session, "state-dict", tmp_path / "out", pictures)
    snippet, (line, instead) = companions.snippet, IN_SCRIPT[what]
    assert line in snippet(session.card, "x.pth")
    monkeypatch.setattr(companions, "snippet", lambda *words: snippet(*words).replace(line, instead))
    assert "differs by" in refused(session, "state-dict", tmp_path / "out", pictures).details


IN_CARD = {
    "wrong mean": {"mean": (0.5, 0.5, 0.5)},
    "BGR": {"mean": (0.406, 0.456, 0.485), "std": (0.225, 0.224, 0.229)},
    "crop shifted": {"resize": 48},
    "no antialias": {"interpolation": "nearest"},
}


@pytest.mark.parametrize("what", some("crop shifted"))
def test_of_a_bundle(session, pictures, tmp_path, monkeypatch, what):
    """It says no more than its card: channels in another order and another crop are other numbers there."""
    accepted(session, "bundle", tmp_path / "out", pictures)
    save = bundle.save_bundle

    def mutated(folder, network, card, used=None):
        save(folder, network, replace(card, preprocess=replace(card.preprocess, **IN_CARD[what])), used)

    monkeypatch.setattr(bundle, "save_bundle", mutated)
    assert "differs by" in refused(session, "bundle", tmp_path / "out", pictures).details


# ONNX, and what is made of it -------------------------------------------------------------------------------------


def _shifted(patch):
    crop = vars(preprocessing)["_crop"]

    def beside(g, size, short, spec):
        target, start = crop(g, size, short, spec)
        return target, g("Add", start, g.const(8))

    patch.setattr(preprocessing, "_crop", beside)


def _aliased(patch):
    axis = vars(preprocessing)["_axis"]

    def as_if_enlarged(g, size, short, spec):
        one = g.const(1, np.float64)  # as far as the triangle of a bilinear resize reaches
        return replace(axis(g, size, short, spec), reach=one, shrink=one)

    patch.setattr(preprocessing, "_axis", as_if_enlarged)


def _swapped(first):
    import onnx

    last = next(node for node in first.graph.node if list(node.output) == [preprocessing.PIXELS])
    last.output[0] = "rgb"
    order = onnx.numpy_helper.from_array(np.array([2, 1, 0]), "order")
    first.graph.initializer.append(order)
    first.graph.node.append(onnx.helper.make_node("Gather", ["rgb", "order"], [preprocessing.PIXELS], axis=3))


def _other_mean(model):
    import onnx

    shift = next(each for each in model.graph.initializer if each.name == "shift")
    shift.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(shift) + np.float32(0.1), "shift"))


class Writer:
    """Stands in for the child process: torch has written the network once, and what comes before it is made here."""

    def __init__(self, model):
        self.model, self.what = model, ""

    def __call__(self, _network, card, folder, _watch, *, crops=False, half=False):
        import onnx

        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        if half:
            assert halve(model)
        with pytest.MonkeyPatch.context() as patch:
            {"crop shifted": _shifted, "no antialias": _aliased}.get(self.what, lambda _: None)(patch)
            first = preprocessing.preprocessing(card.preprocess)
        if self.what == "BGR":
            _swapped(first)
        if self.what == "wrong mean":
            _other_mean(model)
        put_before(model, first)
        onnx.save(model, folder / MODEL_FILE)
        return [MODEL_FILE]

    def by_child(self, asked, card, watch):
        """For OpenVINO, whose files are made of it."""
        from cnnstudio.export.open_vino.converting import converted

        self(None, card, Path(asked.out), watch)
        converted(Path(asked.out), half=asked.half)


@pytest.fixture(scope="module")
def written(session, tmp_path_factory):
    import onnx

    folder = tmp_path_factory.mktemp("written")
    writing.write_files(session.network, session.card, folder, crops=True)
    return onnx.load(folder / CROPS_FILE)


@pytest.fixture
def writer(written, monkeypatch):
    made = Writer(written)
    monkeypatch.setattr(writing, "write_onnx", made)
    monkeypatch.setattr(writing, "write_by_child", made.by_child)
    monkeypatch.setattr(browser, "find_browser", lambda: "")  # what a browser sees of a page has tests of its own
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["onnx", "onnx half", "predictor", "predictor half", "openvino", "web"])
@pytest.mark.parametrize("what", MUTATIONS)
def test_of_an_onnx_file(session, pictures, writer, tmp_path, what, kind):
    kind, _, half = kind.partition(" ")
    options = ExportOptions(half=bool(half))
    found = accepted(session, kind, tmp_path / "out", pictures, options).certificate.checked
    assert found.max_dp < (1e-5 if kind in ("onnx", "predictor") and not half else 1e-2)
    writer.what = what
    assert "differs by" in refused(session, kind, tmp_path / "out", pictures, options).details
