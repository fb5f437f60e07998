"""What the commands about pictures, labels and networks print; the engine has tests of its own."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.cli.main import main
from cnnstudio.jobs import specs
from cnnstudio.understanding.auditions import Auditions
from tests.ui.test_after_training import growth_of
from tests.ui.test_picture_map import map_of
from tests.ui.test_second_look import doubts_of
from tests.understanding.test_auditions import tried

ROOT = Path("/pictures")


@pytest.fixture
def answers(monkeypatch):
    """Results in place of the engine."""
    places = np.arange(6).reshape(3, 2)
    for kind, result in (
        (specs.FindDoubts, doubts_of(ROOT, 40)),
        (specs.ForecastGrowth, growth_of(ROOT)),
        (specs.LayOutPictures, map_of(ROOT, places, [0, 1, 2], [0, 1, 0])),
        (specs.AuditionNetworks, Auditions(results=(tried("quick", 350, 0.01), tried("slow", 354, 0.1)))),
    ):
        monkeypatch.setattr(kind, "handle", lambda _self, _watch, result=result: result)


def printed(capsys, *words):
    assert main([*words]) == 0
    return capsys.readouterr().out


def test_doubts(answers, capsys):
    found = json.loads(printed(capsys, "doubts", "run", "--json"))
    assert len(found) == 40
    assert found[0] == {"path": str(ROOT / "red/00.png"), "label": "red", "answer": "blue", "p_label": 0.0}
    assert len(json.loads(printed(capsys, "doubts", "run", "--json", "--top", "3"))) == 3
    told = printed(capsys, "doubts", "run")
    assert told.startswith("40 of 36 pictures are worth a second look: another class")
    assert "and 10 less doubtful ones, see: --top 40" in told


def test_grow(answers, capsys):
    found = json.loads(printed(capsys, "grow", "run", "--json"))
    assert found["next"] == "red"
    assert [each["name"] for each in found["classes"]] == ["red", "green", "blue"]
    assert found["classes"][0]["forecast"] == [0.62, 0.70]
    assert found["classes"][2] | {"forecast": None, "why": "rises"} == found["classes"][2]
    assert "red         120        60 %  62 to 70 %" in printed(capsys, "grow", "run")


def test_map(answers, capsys, tmp_path):
    found = json.loads(printed(capsys, "map", "run", "--json", "--csv", str(tmp_path / "map.csv")))
    assert found[2] == {
        "path": str(ROOT / "red/02.png"), "x": 4.0, "y": 5.0, "label": "red", "answer": "blue", "split": "test",
    }  # fmt: skip
    with (tmp_path / "map.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["path", "x", "y", "label", "answer", "split"]
    assert len(rows) == 4
    assert "3 pictures laid out, 1 mistake among them." in printed(capsys, "map", "run")


def test_audition(answers, capsys):
    found = json.loads(printed(capsys, "audition", "photos", "--json"))
    assert [each["standing"] for each in found["networks"]] == ["close", "best"]
    assert (found["best"], found["choice"]) == ("slow", "quick")
    told = printed(capsys, "audition", "photos")
    assert "too close to call" in told
    assert "Nothing was downloaded." in told
