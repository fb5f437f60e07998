"""The export's own script is run on hard pictures, and what it reads otherwise is found."""

import runpy
import subprocess
import sys
from contextlib import contextmanager

import pytest
import torch

from cnnstudio.core import Control, ExportMismatch, StopRequested, Watch
from cnnstudio.data import Levels, PreprocessSpec
from cnnstudio.export import companions, script_check
from cnnstudio.export.formats import AS_IT_IS, FORMATS, Source
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import open_model
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network, with_channels
from cnnstudio.networks.bundle import save_bundle

CLASSES = ("red thing", "grün", "blue")
WITH_SCRIPT = ("bundle", "state-dict", "onnx", "predictor")
REAL = script_check.check_script


def session_of(folder, channels=3, levels=Levels()):  # noqa: B008 - a plain value
    spec = with_channels(PreprocessSpec(resize=36, crop=32, levels=levels), channels)
    torch.manual_seed(0)
    network = build_network("lenet5", 3, channels=channels, image_size=32)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)  # so that what it sees matters
    save_bundle(folder, network, BundleCard(network="lenet5", classes=CLASSES, preprocess=spec))
    return open_model(ModelRef(source=str(folder)))


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch):
    """Another one would import torch every time."""
    if "child" not in request.keywords:
        monkeypatch.setattr(script_check, "run_script", _run_here)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return script_check.draw_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(autouse=True)
def drawn_once(request, monkeypatch, drawn):
    if "child" not in request.keywords:
        monkeypatch.setattr(script_check, "draw_kinds", lambda _: drawn)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return session_of(tmp_path_factory.mktemp("model"))


def _run_here(folder, out, pictures, _control):
    try:
        with forgotten(folder):
            script_check.write_answers(str(folder), str(out), [str(path) for path in pictures])
    except Exception as error:  # noqa: BLE001 - what the child would end with
        return repr(error)
    return ""


@contextmanager
def forgotten(folder):
    """Other exports bring modules of the same names."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]


def exported(folder, session):
    folder.mkdir(exist_ok=True)
    FORMATS["state-dict"].write(Source(session=session, options=AS_IT_IS), folder, Watch())
    return folder


def test_the_script_answers_every_picture_it_is_given(tmp_path, tiny_folder, session, monkeypatch, capsys):
    out = exported(tmp_path / "out", session)
    script = str(out / "predict.py")
    monkeypatch.syspath_prepend(str(out))
    pictures = [str(tiny_folder / name) for name in ("red/01.png", "blue/02.png", "green/00.png")]
    alone = []
    for words in ([pictures[0]], [pictures[1]], [pictures[2]], ["--flip", *pictures], [*pictures]):
        monkeypatch.setattr(sys, "argv", [script, *words])
        with forgotten(out):
            runpy.run_path(script, run_name="__main__")
        alone.append(capsys.readouterr().out)
    *alone, flipped, together = alone
    assert together == "".join(f"{path}\n{answer}" for path, answer in zip(pictures, alone, strict=True))
    assert [line for line in flipped.splitlines() if line in pictures] == pictures
    assert flipped != together


def check(folder, session, images=()):
    return REAL(folder, session, images, Watch())


@pytest.mark.parametrize(("channels", "levels"), [(3, Levels()), (1, Levels(whole=(0.0, 4095.0), real=(0.0, 3.0)))])
def test_the_script_sees_and_answers_what_the_app_does(tmp_path, tiny_folder, channels, levels):
    session = session_of(tmp_path / "run", channels, levels)
    images = [tiny_folder / "red" / "01.png", tmp_path / "gone.png"]
    assert check(exported(tmp_path / "out", session), session, images) == 16


def test_nothing_that_python_compiles_stays_in_an_export(tmp_path, tiny_folder, session, monkeypatch):
    """Its files are listed and compared: a folder among them was an error wherever Python may write such."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    out = exported(tmp_path / "out", session)
    (out / "beside.py").write_text("")
    script = out / "predict.py"
    script.write_text(script.read_text().replace("import torch\n", "import beside\nimport torch\n", 1))
    monkeypatch.syspath_prepend(str(out))
    with forgotten(out):
        script_check.write_answers(str(out), str(tmp_path / "out.npz"), [str(next(tiny_folder.rglob("*.png")))])
    assert not list(out.rglob("__pycache__"))
    assert not sys.dont_write_bytecode


def test_every_kind_that_can_be_written_here_is_looked_at(drawn):
    assert len(drawn) == 15


READING = [
    ("no transparency", "decoding.py", "return _whole(image.size, ((box, _on", 'return image.convert("RGB"); ((('),
    ("transparency on black", "decoding.py", '"white")', '"black")'),
    ("no rotation", "decoding.py", "image = image.transpose(turn)", "pass"),
    ("bits thrown away", "decoding.py", "exact *= 255 / max(white - black, 1e-9)", "exact = exact // 256"),
    ("16 bits clipped", "decoding.py", "(is_deep(picture) and not upper_bits_do)", "False"),
    (
        "another frame", "decoding.py", "        picture.load()\n",
        "        picture.seek(getattr(picture, 'n_frames', 1) - 1)\n",
    ),
    ("no HEIC", "heif.py", "if not is_heif(_head_of(source)):", "if True:"),
    ("BGR", "predict.py", "preprocess(image)[None]", "preprocess(image).flip(0)[None]"),
    ("another crop", "predict.py", "transforms.CenterCrop(32)", "lambda image: image.crop((0, 0, 32, 32))"),
    ("squeezed", "predict.py", "transforms.Resize(36,", "transforms.Resize((36, 36),"),
    ("another filter", "predict.py", "InterpolationMode.BILINEAR", "InterpolationMode.NEAREST"),
    ("other levels", "predict.py", "whole=(0.0, 65535.0)", "whole=(0.0, 65280.0)"),
    ("not normalised", "predict.py", "    transforms.Normalize", "    #"),
    ("logits", "predict.py", ".softmax(1)[0]", "[0]"),
    ("labels sorted", "predict.py", ".splitlines()", ".splitlines()[::-1]"),
    ("of this package", "predict.py", "import argparse\n", "import argparse\nimport no_such_package_here\n"),
]  # fmt: skip


ALWAYS = ("no transparency", "bits thrown away", "no HEIC", "BGR", "another crop", "other levels", "labels sorted")
"""The rest takes a few seconds."""
ROWS = [pytest.param(*row, id=what, marks=() if what in ALWAYS else pytest.mark.slow) for what, *row in READING]


@pytest.mark.parametrize(("name", "line", "instead"), ROWS)
def test_a_script_that_reads_or_answers_otherwise_is_refused(tmp_path, session, name, line, instead):
    out = exported(tmp_path / "out", session)
    text = (out / name).read_text(encoding="utf-8")
    assert line in text
    (out / name).write_text(text.replace(line, instead), encoding="utf-8")
    with pytest.raises(ExportMismatch, match="script does not give the same answers"):
        check(out, session)


def test_an_export_whose_script_reads_otherwise_is_not_put_in_place(tmp_path, session, monkeypatch):
    reading = companions.reading_file
    monkeypatch.setattr(script_check, "check_script", REAL)
    monkeypatch.setattr(companions, "reading_file", lambda name: reading(name).replace('"white")', '"black")'))
    with pytest.raises(ExportMismatch) as refused:
        export_model(session, "state-dict", tmp_path / "out", [], Watch())
    assert "transparent" in refused.value.problem.details
    assert list(tmp_path.iterdir()) == []


@pytest.mark.child
@pytest.mark.slow
@pytest.mark.parametrize("kind", WITH_SCRIPT)
def test_the_script_runs_in_a_process_of_its_own_without_this_package(tmp_path, tiny_folder, monkeypatch, kind):
    session, reading = session_of(tmp_path / "run"), companions.reading_file
    report = export_model(session, kind, tmp_path / "out", [Picture(tiny_folder / "red" / "01.png")], Watch())
    done = subprocess.run(
        [sys.executable, str(report.path / "predict.py"), str(tiny_folder / "red" / "01.png")], capture_output=True,
        text=True, timeout=120, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    monkeypatch.setattr(companions, "reading_file", lambda name: "import cnnstudio\n" + reading(name))
    with pytest.raises(ExportMismatch) as refused:
        export_model(session, kind, tmp_path / "again", [], Watch())
    assert "cnnstudio" in refused.value.problem.details
    assert not (tmp_path / "again").exists()


@pytest.mark.child
@pytest.mark.slow
def test_a_stop_ends_the_script(tmp_path):
    session, control = session_of(tmp_path / "run"), Control()
    out = exported(tmp_path / "out", session)
    control.request_stop()
    with pytest.raises(StopRequested):
        script_check.run_script(out, tmp_path / "answers.npz", [], control)
