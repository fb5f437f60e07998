"""``predict`` answers or names every file, as it comes, and keeps what came when it is stopped."""

import json
from pathlib import Path

import pytest

from cnnstudio.cli.main import main
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs


@pytest.fixture
def answering(monkeypatch):
    """A network that answers at once, and what happens after so many answers."""

    def install(after=lambda _number: None):
        def handle(job, watch):
            for number, path in enumerate(job.images):
                after(number)
                watch.check()
                error = f"{path.name} could not be read: HEIC." if path.suffix == ".HEIC" else None
                top = () if error else (ClassScore("red", 0.75), ClassScore("=blue", 0.25))
                watch.partial(Prediction(path=path, top=top, error=error))
            return ()

        monkeypatch.setattr(specs.Predict, "handle", handle)

    return install


def names(paths):
    return [Path(path).name for path in paths]


IN_ORDER = ["img2.png", "img10.png", "IMG_1.HEIC", "scan0001", "notes.txt"]


def test_every_file_is_in_the_json(folder, answering, capsys):
    answering()
    assert main(["predict", "x", str(folder), "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert names(row["path"] for row in rows) == IN_ORDER
    assert [bool(row["error"]) for row in rows] == [False, False, True, False, True]
    assert "2 hidden files or files of the system" in err


def test_every_file_is_on_the_screen(folder, answering, capsys):
    answering()
    assert main(["predict", "x", str(folder)]) == 0
    out, _ = capsys.readouterr()
    assert names(line for line in out.splitlines() if not line.startswith(" ")) == IN_ORDER


def stop_after(monkeypatch, count):
    """Ctrl-C after so many answers."""
    controls = []
    monkeypatch.setattr(
        "cnnstudio.cli.main.stop_on_interrupt", lambda control: controls.append(control) or (lambda: None)
    )
    return lambda number: controls[0].request_stop() if number == count else None


@pytest.mark.parametrize("way", ["json", "text"])
def test_a_stop_keeps_what_came(folder, answering, monkeypatch, capsys, way):
    answering(stop_after(monkeypatch, 2))
    assert main(["predict", "x", str(folder), *(["--json"] if way == "json" else [])]) == 130
    out, _ = capsys.readouterr()
    if way == "json":
        found = names(row["path"] for row in json.loads(out))
    else:
        found = names(line for line in out.splitlines() if not line.startswith(" "))
    assert found == IN_ORDER[:2]


def test_a_folder_without_pictures_says_what_is_in_it(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("x")
    assert main(["predict", "x", str(tmp_path)]) == 1
    assert "notes.txt is not a picture" in capsys.readouterr().err
