"""A predictor folder: its script reads, answers and judges as the app, with three packages and nothing else."""

import csv
import io
import os
import runpy
import shutil
import subprocess
import sys
from importlib.metadata import version

import pytest

from cnnstudio.core import Watch
from cnnstudio.export import script_check
from cnnstudio.export.formats import ExportOptions
from cnnstudio.export.onnx import writing
from cnnstudio.export.onnx.writing import MODEL_FILE
from cnnstudio.export.package import export_model
from cnnstudio.export.predictor.companions import PACKAGES, REQUIREMENTS_FILE
from cnnstudio.export.proving import Picture
from cnnstudio.export.script_check import check_script
from cnnstudio.inference.session import predict
from tests.export.test_script_check import _run_here, forgotten


@pytest.fixture(scope="module")
def folder(onnx_export, tmp_path_factory):
    """Exported through the table, from what torch has written already."""

    def write(_network, _card, folder, _watch, *, crops=False, half=False):
        assert (crops, half) == (False, False)
        shutil.copyfile(onnx_export.folder / MODEL_FILE, folder / MODEL_FILE)
        return [MODEL_FILE]

    out = tmp_path_factory.mktemp("predictor") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "write_onnx", write)
        patch.setattr(script_check, "check_script", lambda *_, **__: 0)
        patch.setattr("cnnstudio.export.proving.Answering", _Here)
        return export_model(onnx_export.session, "predictor", out, list(map(Picture, onnx_export.pictures)), Watch())


class _Here:
    """As the fixture of every test has it, which a fixture of the module does not see."""

    def __new__(cls, *asked):
        from tests.conftest import _AnsweringHere

        return _AnsweringHere(*asked)


@pytest.fixture
def script(folder, monkeypatch):
    monkeypatch.syspath_prepend(str(folder.path))
    with forgotten(folder.path):
        yield runpy.run_path(str(folder.path / "predict.py"), run_name="tried")


def test_it_needs_three_packages_in_the_versions_it_was_checked_with(folder):
    assert (folder.path / REQUIREMENTS_FILE).read_text().splitlines() == [
        f"{name}=={version(name)}" for name in PACKAGES
    ]
    assert folder.certificate.checked.engine == "onnxruntime"
    assert folder.certificate.checked.max_dp < 1e-6
    readme = (folder.path / "README.txt").read_text(encoding="utf-8")
    assert f"pip install -r {REQUIREMENTS_FILE}" in readme
    assert "What was checked" in readme


def test_its_script_reads_answers_and_judges_as_the_app_does(onnx_export, folder, monkeypatch):
    monkeypatch.setattr(script_check, "run_script", _run_here)
    checked = check_script(folder.path, onnx_export.session, onnx_export.pictures, Watch(), whole=True)
    assert checked >= len(onnx_export.pictures) + 12


def test_its_code_to_copy_runs(onnx_export, folder, monkeypatch, capsys):
    picture = str(onnx_export.pictures[0])
    code = folder.snippet.replace('"FOLDER"', repr(str(folder.path))).replace('"PICTURE.jpg"', repr(picture))
    before = list(sys.path)
    with forgotten(folder.path):
        exec(compile(code, "snippet", "exec"), {})
    sys.path[:] = before
    shown = predict(onnx_export.session, onnx_export.pictures[0]).top[0]
    assert capsys.readouterr().out.splitlines()[0] == f"{shown.probability:.4f}  {shown.label}"


def test_a_folder_becomes_a_table(onnx_export, tmp_path, script, capsys):
    pictures = tmp_path / "pictures"
    (pictures / "b").mkdir(parents=True)
    (pictures / ".hidden").mkdir()
    for number, name in enumerate(("=1+1.png", "b/2.PNG", ".hidden/3.png")):
        shutil.copyfile(onnx_export.pictures[number], pictures / name)
    (pictures / "b" / "1 broken.jpg").write_bytes(b"no picture")
    (pictures / "notes.txt").write_text("x")
    assert script["command"]([str(pictures), "--csv", str(tmp_path / "answers.csv")]) == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "answers.csv").read_text(encoding="utf-8"))))
    assert tuple(rows[0]) == script["COLUMNS"]
    assert [row["path"] for row in rows] == [str(pictures / name) for name in ("=1+1.png", "b/1 broken.jpg", "b/2.PNG")]
    for row, path in ((rows[0], onnx_export.pictures[0]), (rows[2], onnx_export.pictures[1])):
        shown = predict(onnx_export.session, path)
        first, second = shown.top[:2]
        assert row["label"].removeprefix("'") == first.label, "a spreadsheet takes no name for a formula"
        assert row["label"].startswith("'") is first.label.startswith("=")
        assert float(row["probability"]) == pytest.approx(first.probability, abs=2e-6)
        assert float(row["margin"]) == pytest.approx(first.probability - second.probability, abs=2e-6)
        assert (row["verdict"], row["error"]) == (shown.verdict, "")
    assert rows[1]["label"] == ""
    assert rows[1]["error"]
    assert "3 done" in capsys.readouterr().err


def test_answers_below_a_threshold_are_not_sure(onnx_export, script, capsys):
    picture = str(onnx_export.pictures[0])
    assert script["command"]([picture, "--threshold", "1.01", "--top", "2"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [_second(onnx_export), "verdict: unsure"]


def _second(onnx_export):
    score = predict(onnx_export.session, onnx_export.pictures[0]).top[1]
    return f"{score.probability:.6f}  {score.label}"


def test_what_cannot_be_read_is_said_and_the_others_are_answered(onnx_export, script, tmp_path, capsys):
    (tmp_path / "broken.jpg").write_bytes(b"x")
    assert script["command"]([str(tmp_path / "broken.jpg"), str(onnx_export.pictures[0])]) == 1
    said = capsys.readouterr()
    assert "broken.jpg could not be read" in said.err
    assert "verdict: " in said.out
    assert script["command"]([str(tmp_path / "gone.jpg")]) == 1
    assert capsys.readouterr().err.endswith("gone.jpg could not be read: No such file or directory\n"), "no Errno"


def test_a_table_is_a_csv_and_no_picture(onnx_export, script, tmp_path):
    (tmp_path / "1.png").write_bytes(b"mine")
    with pytest.raises(SystemExit):
        script["command"]([str(onnx_export.pictures[0]), "--csv", str(tmp_path / "1.png")])
    assert (tmp_path / "1.png").read_bytes() == b"mine"


ALONE = """
import runpy, sys
for name in ("torch", "torchvision", "onnx", "openvino", "cnnstudio", "pillow_heif", "pi_heif"):
    sys.modules[name] = None
sys.argv = ["predict.py", *sys.argv[1:]]
runpy.run_path("predict.py", run_name="__main__")
"""


@pytest.mark.slow
def test_it_runs_where_nothing_else_is(onnx_export, folder):
    """In a process in which everything but its three packages is absent."""
    pictures = [str(path) for path in onnx_export.pictures]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *pictures], cwd=folder.path, env=plain, capture_output=True, text=True,
        timeout=120, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line in pictures] == pictures


@pytest.mark.slow
@pytest.mark.child
@pytest.mark.parametrize("half", [False, True])
def test_it_is_made_and_checked_in_child_processes(onnx_export, tmp_path, half):
    pictures = list(map(Picture, onnx_export.pictures))
    report = export_model(
        onnx_export.session, "predictor", tmp_path / "out", pictures, Watch(), ExportOptions(half=half)
    )
    assert report.certificate.options == ({"half": True} if half else {})
    assert (1e-7 if half else 0) <= report.certificate.checked.max_dp < (1e-2 if half else 1e-5)
    size, full = ((path / MODEL_FILE).stat().st_size for path in (report.path, onnx_export.folder))
    assert size < full * (0.75 if half else 1.05)
