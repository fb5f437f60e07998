import json
import py_compile
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from cnnstudio.cli.main import build_parser
from cnnstudio.core import Control, ExportMismatch, NetworkError, StopRequested, StorageError, Watch, sha256_of
from cnnstudio.data import Levels, PreprocessSpec
from cnnstudio.data.reading import read_image
from cnnstudio.export import package
from cnnstudio.export.certificate import Limit
from cnnstudio.export.companions import write_companions
from cnnstudio.export.formats import FORMATS, ExportOptions
from cnnstudio.export.formats.torch_files import Bundle
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import open_model, predict
from cnnstudio.networks import BundleCard, ModelRef, bundle
from cnnstudio.networks.blocks.groups import step
from cnnstudio.networks.blocks.network_file import to_toml
from cnnstudio.networks.blocks.saved import remember
from cnnstudio.networks.blocks.table import LAST, made
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.builder import build_network, with_channels
from cnnstudio.networks.bundle import save_bundle
from cnnstudio.networks.classics import CLASSICS
from tests.picture_files import all_kinds

CLASSES = ("red thing", "grün", "blue")
TORCH = ("bundle", "state-dict")
"""Formats that torch writes in no time; the others have tests of their own."""
WITH_SCRIPT = (*TORCH, "onnx", "predictor")


def model(folder, name, crop=64):
    channels = 1 if name == "lenet5" else 3
    spec = with_channels(PreprocessSpec(resize=crop + 6, crop=crop), channels)
    small = {"image_size": crop, "channels": channels} if name in CLASSICS else {}
    save_bundle(folder, build_network(name, 3, **small), BundleCard(network=name, classes=CLASSES, preprocess=spec))
    return open_model(ModelRef(source=str(folder)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lenet5", "state-dict"), pytest.param("lenet5", "bundle", marks=pytest.mark.slow),
        *(
            pytest.param(name, kind, marks=pytest.mark.slow)
            for name in (
                "squeezenet1_1", "resnet18_small_se_sa", "googlenet", "vgg11_bn_small", "mnasnet0_5", "resnet18",
                "inception_v3", "maxvit_t", "vit_b_32",
            )
            for kind in TORCH
        ),
    ],
)  # fmt: skip
def test_the_exported_script_gives_what_the_app_showed(tmp_path, tiny_folder, name, kind):
    crop = {"maxvit_t": 224, "vit_b_32": 224, "inception_v3": 96}.get(name, 64)
    session = model(tmp_path / "run", name, crop)
    picture = tiny_folder / "red" / "01.png"
    report = export_model(session, kind, tmp_path / "out", [Picture(picture)], Watch())
    assert report.images_checked == 1
    assert (report.path / "predict.py").read_text() == report.snippet
    done = subprocess.run(
        [sys.executable, str(report.path / "predict.py"), str(picture)], capture_output=True, text=True, timeout=120,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    theirs = [line.split("  ", 1) for line in done.stdout.splitlines()]
    ours = predict(session, picture).top
    assert [label for _, label in theirs] == [score.label for score in ours]
    assert [float(p) for p, _ in theirs] == pytest.approx([score.probability for score in ours], abs=1e-5)


LEVELS = Levels(whole=(0.0, 1023.0))
READ = """
import json, sys
from pathlib import Path
import numpy as np
from decoding import Levels, as_rgb, open_picture
levels = Levels(*map(tuple, json.loads(sys.argv[1])))
for path in sorted(Path(sys.argv[2]).iterdir()):
    with open_picture(path) as picture:
        np.save(Path(sys.argv[3]) / f"{path.name}.npy", np.asarray(as_rgb(picture, levels)))
assert not [name for name in sys.modules if name.startswith(("cnnstudio", "torch"))]
"""


def run(*words, cwd):
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", *map(str, words)], capture_output=True, text=True,
        timeout=300, encoding="utf-8", cwd=cwd,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("levels", [LEVELS, pytest.param(Levels(), marks=pytest.mark.slow)])
def test_an_export_reads_every_kind_of_picture_as_the_app(tmp_path, levels):
    """Its files alone, without this package and without torch; nothing is printed."""
    card = BundleCard(network="lenet5", classes=CLASSES, preprocess=PreprocessSpec(resize=8, crop=8, levels=levels))
    (tmp_path / "out").mkdir()
    (tmp_path / "seen").mkdir()
    (tmp_path / "pictures").mkdir()
    write_companions(tmp_path / "out", card, "x.pth")
    (tmp_path / "out" / "read.py").write_text(READ)
    for name, content in all_kinds().items():
        (tmp_path / "pictures" / name).write_bytes(content)
    plain = json.dumps([levels.whole, levels.real])
    run("read.py", plain, tmp_path / "pictures", tmp_path / "seen", cwd=tmp_path / "out")
    for name in all_kinds():
        ours = np.asarray(read_image(tmp_path / "pictures" / name, levels=levels))
        assert (np.load(tmp_path / "seen" / f"{name}.npy") == ours).all(), name


HARD = ("clear.png", "print.jpg", "turned.jpg", "ten of sixteen.tif", "four deep bands.tif", "ten of deep.png")


@pytest.mark.slow
@pytest.mark.parametrize("kind", WITH_SCRIPT)
def test_the_exported_script_answers_as_the_app_for_every_kind(tmp_path, kind):
    spec = PreprocessSpec(resize=70, crop=64, levels=LEVELS)
    card = BundleCard(network="squeezenet1_1", classes=CLASSES, preprocess=spec)
    save_bundle(tmp_path / "run", build_network("squeezenet1_1", 3), card)
    session = open_model(ModelRef(source=str(tmp_path / "run")))
    report = export_model(session, kind, tmp_path / "out", [], Watch())
    kinds = all_kinds()
    for name in HARD:
        picture = tmp_path / name
        picture.write_bytes(kinds[name])
        lines = [line.split("  ", 1) for line in run("predict.py", picture, cwd=report.path).splitlines()]
        top = predict(session, picture).top
        assert [label for _, label in lines] == [score.label for score in top], name
        assert [float(p) for p, _ in lines] == pytest.approx([score.probability for score in top], abs=2e-5), name


@pytest.mark.parametrize("kind", TORCH)
def test_an_export_again_replaces_the_earlier_one(tmp_path, tiny_folder, kind):
    session = model(tmp_path / "run", "lenet5", 32)
    given = [Picture(tiny_folder / "red" / "01.png"), Picture(tmp_path / "gone.png")]
    for pictures, drawn in (([], True), (given, False)):
        report = export_model(session, kind, tmp_path / "out", pictures, Watch())
        noted = json.loads((tmp_path / "out" / "certificate.json").read_text())
        assert noted["pictures_from"] == ({"drawn": 16} if drawn else {"given": 1})
        assert (noted["pictures"], drawn) == (report.images_checked, report.drawn) == (16 if drawn else 1, drawn)
        assert ("drawn" in report.checked_on) is drawn
        assert set(noted["sha256"]) | {"certificate.json"} == {file.name for file in report.files}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]


def test_an_export_whose_script_has_run_is_replaced(tmp_path):
    session = model(tmp_path / "run", "lenet5", 32)
    for _ in range(2):
        out = export_model(session, "bundle", tmp_path / "out", [], Watch()).path
        py_compile.compile(str(out / "decoding.py"))
    assert [path.name for path in out.glob("*/decoding.*.pyc")]


def _compiled_of_others(out):
    (out / "mine.py").write_text("x = 1")
    py_compile.compile(str(out / "mine.py"))
    (out / "mine.py").unlink()
    return "mine.cpython"


def _named_as_ours(out):
    (out / "thesis.txt").write_text("x")
    note = json.loads((out / "certificate.json").read_text())
    note["sha256"] |= {"thesis.txt": sha256_of(out / "thesis.txt")}
    (out / "certificate.json").write_text(json.dumps(note))
    return "thesis.txt"


def _changed(out):
    (out / "predict.py").write_text("# better")
    return "predict.py"


def _other_weights(out):
    (out / "mine.pth").write_bytes(b"x")
    return "mine.pth"


def _folder(out):
    (out / "labels.txt").unlink()
    (out / "labels.txt").mkdir()
    return "labels.txt"


def _link(out):
    (out / "README.txt").unlink()
    (out / "README.txt").symlink_to(out.parent / "run" / "card.json")
    return "README.txt"


def _nested_note(out):
    (out / "certificate.json").write_text("[" * 100_000)
    return "README.txt"


def _note_of_a_list(out):
    (out / "certificate.json").write_text('{"sha256": ["README.txt"]}')
    return "README.txt"


@pytest.mark.parametrize(
    "change",
    [_compiled_of_others, _named_as_ours, _changed, _other_weights, _folder, _link, _nested_note, _note_of_a_list],
)
def test_what_is_not_as_an_export_wrote_it_is_never_deleted(tmp_path, change):
    session = model(tmp_path / "run", "lenet5", 32)
    out = export_model(session, "bundle", tmp_path / "out", [], Watch()).path
    named = change(out)
    before = {path: path.lstat().st_mtime_ns for path in out.rglob("*")}
    with pytest.raises(StorageError, match="not empty") as refused:
        export_model(session, "bundle", out, [], Watch())
    assert named in str(refused.value) or "no part of" in str(refused.value)
    assert {path: path.lstat().st_mtime_ns for path in out.rglob("*")} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]


def test_a_file_that_comes_while_it_exports_is_kept(tmp_path, monkeypatch):
    session = model(tmp_path / "run", "lenet5", 32)
    out = export_model(session, "bundle", tmp_path / "out", [], Watch()).path
    drawn = package.draw_example

    def meanwhile(number):
        (out / "thesis.txt").write_text("x")
        return drawn(number)

    monkeypatch.setattr(package, "draw_example", meanwhile)
    with pytest.raises(StorageError, match=r"thesis\.txt"):
        export_model(session, "bundle", out, [], Watch())
    assert (out / "thesis.txt").read_text() == "x"


def test_an_export_of_an_older_version_is_replaced(tmp_path):
    """Those noted the digest of the weights only."""
    session = model(tmp_path / "run", "lenet5", 32)
    out = export_model(session, "bundle", tmp_path / "out", [], Watch()).path
    (out / "certificate.json").unlink()
    note = {"images": 16, "sha256": {"weights.safetensors": sha256_of(out / "weights.safetensors")}}
    (out / "verification.json").write_text(json.dumps(note))
    export_model(session, "bundle", out, [], Watch())
    assert open_model(ModelRef(source=str(out))).classes == CLASSES
    assert not (out / "verification.json").exists()


def test_a_linked_folder_stays_a_link(tmp_path):
    session = model(tmp_path / "run", "lenet5", 32)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    export_model(session, "bundle", tmp_path / "link", [], Watch())
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "predict.py").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real", "run"]


@pytest.mark.parametrize("kind", TORCH)
def test_a_disk_that_is_full_is_a_sentence_about_the_disk(tmp_path, monkeypatch, kind):
    resource = pytest.importorskip("resource")
    session = model(tmp_path / "run", "squeezenet1_1")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(StorageError, match="could not be written"):
            export_model(session, kind, tmp_path / "out", [], Watch())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_export_that_differs_is_not_put_in_place(tmp_path, monkeypatch):
    session = model(tmp_path / "run", "lenet5", 32)
    real = bundle.load_bundle

    def damaged(folder):
        network, card = real(folder)
        with torch.no_grad():
            for module in network.modules():
                if isinstance(module, nn.Conv2d):
                    module.weight.mul_(1.01)
        return network, card

    monkeypatch.setattr(bundle, "load_bundle", damaged)
    with pytest.raises(ExportMismatch, match="weights are not those"):
        export_model(session, "bundle", tmp_path / "out", [], Watch())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


class Doubtful:
    """Answers as a bundle does, or nearly."""

    engine, version, threads, off = "chalk", "1", 1, 0.0

    def __init__(self, folder):
        self._real = FORMATS["bundle"].answers(folder)

    def answer(self, picture):
        return self._real.answer(picture) * (1 - self.off)


class Chalk(Bundle):
    """A made-up format."""

    name = "chalk"
    title = "Chalk"
    text = "On a board."
    knows = frozenset({"half"})

    def limit(self, options):
        return Limit(max_dp=1e-2, same=0.9) if options.half else Limit()

    def answers(self, folder):
        return Doubtful(folder)


def test_a_format_is_one_entry_of_the_table(tmp_path, monkeypatch):
    """The command line, the request and the check know it from there; that it is shown is tested with the window."""
    monkeypatch.setitem(FORMATS, "chalk", Chalk())
    options = build_parser().parse_args(["export", "RUN", "--format", "chalk", "--out", "x"])
    assert options.format == "chalk"
    session, half = model(tmp_path / "run", "lenet5", 32), ExportOptions(half=True)
    assert export_model(session, "chalk", tmp_path / "out", [], Watch()).largest_difference < 1e-6
    monkeypatch.setattr(Doubtful, "off", 5e-3)
    with pytest.raises(ExportMismatch, match="same answers"):
        export_model(session, "chalk", tmp_path / "out2", [], Watch())
    report = export_model(session, "chalk", tmp_path / "out", [], Watch(), half)
    assert 1e-4 < report.largest_difference < 5e-3
    assert (report.certificate.verdict, report.certificate.options) == ("pass", {"half": True})
    with pytest.raises(NetworkError, match=r"no option called half.*Formats that have it: .*chalk"):
        export_model(session, "bundle", tmp_path / "out2", [], Watch(), half)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "run"]


def test_an_unknown_format_is_one_sentence_and_nothing_is_written(tmp_path):
    session = model(tmp_path / "run", "lenet5", 32)
    with pytest.raises(NetworkError, match=r"no export format called tflite.*Use: bundle, state-dict, onnx"):
        export_model(session, "tflite", tmp_path / "out", [], Watch())
    assert not (tmp_path / "out").exists()


def test_a_stop_leaves_nothing_behind(tmp_path):
    session, control = model(tmp_path / "run", "lenet5", 32), Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        export_model(session, "bundle", tmp_path / "out", [], Watch(control))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", WITH_SCRIPT)
def test_a_built_network_is_exported_with_its_own_source(tmp_path, tiny_folder, kind):
    blocks = (
        *step(8),
        made("stochastic_pooling"),
        made("residual", channels=12, squeeze_excitation=True),
        made("flatten"),
    )
    plan = Plan(name="Mein Netz", input_size=40, blocks=(*blocks, made("linear", outputs=9), made("activation"), LAST))
    key, spec = remember(plan), PreprocessSpec(resize=48, crop=44)
    card = BundleCard(network=key, plan=to_toml(plan), classes=CLASSES, preprocess=spec)
    save_bundle(tmp_path / "run", build_network(key, 3, image_size=44), card)
    session, picture = open_model(ModelRef(source=str(tmp_path / "run"))), tiny_folder / "red" / "01.png"
    report = export_model(session, kind, tmp_path / "out", [Picture(picture)], Watch())
    done = subprocess.run(
        [sys.executable, "predict.py", str(picture)], cwd=report.path, capture_output=True, text=True, timeout=120,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = predict(session, picture)
    assert done.stdout.splitlines()[0] == f"{shown.top[0].probability:.6f}  {shown.top[0].label}"
    assert "cnnstudio" not in done.stderr
