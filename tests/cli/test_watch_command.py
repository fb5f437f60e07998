"""``watch``: answers as they come, in text, JSON and a table that knows what it has."""

import csv
import json
import shutil

import pytest

from cnnstudio.cli.main import main
from cnnstudio.inference.folder import watching
from tests.conftest import draw_folder
from tests.tiny_bundle import tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(tiny_bundle(tmp_path_factory.mktemp("bundle") / "model"))


@pytest.fixture
def folder(tmp_path):
    return draw_folder(tmp_path / "inbox", per_class=1)


@pytest.fixture
def watch(bundle, folder, capsys, monkeypatch):
    """Run the command for so many looks, of which the second answers; gives what it printed."""
    monkeypatch.setattr(watching, "EVERY_S", 0.01)
    controls, look = [], getattr(watching, "_look")  # noqa: B009 - it stands in for the disk
    monkeypatch.setattr(
        "cnnstudio.cli.main.stop_on_interrupt", lambda control: controls.append(control) or (lambda: None)
    )

    def run(*words, looks=4):
        left = [looks]

        def looked(place):
            left[0] -= 1
            if left[0] <= 0:
                controls[-1].request_stop()
            return look(place)

        monkeypatch.setattr(watching, "_look", looked)
        assert main(["watch", bundle, str(folder), *words]) == 130
        return capsys.readouterr()

    return run


def test_people_see_each_answer(watch, folder):
    out, err = watch()
    assert out.count(" %  ") == 15
    assert all(str(path) in out for path in folder.rglob("*.png"))
    assert "3 pictures answered." in err


@pytest.mark.parametrize("flip", [[], ["--flip"]])
def test_the_mirror_image_counts_as_in_predict(watch, bundle, folder, capsys, flip):
    lines = [json.loads(line) for line in watch("--json", *flip).out.splitlines()]
    found = {line["path"]: line["top"] for line in lines if line["event"] == "answer"}
    assert main(["predict", bundle, str(folder), "--json", *flip]) == 0
    expected = {line["path"]: line["top"] for line in json.loads(capsys.readouterr().out)}
    assert found == expected


def test_programs_get_a_line_for_each(watch):
    lines = [json.loads(line) for line in watch("--json", "--top", "1").out.splitlines()]
    answers = [line for line in lines if line["event"] == "answer"]
    assert [len(line["top"]) for line in answers] == [1, 1, 1]
    assert lines[0] == {"event": "folder", "there": True, "waiting": 3, "answered": 0, "unreadable": 0}


def test_a_table_is_added_to_and_what_it_has_is_not_asked_again(watch, folder, tmp_path):
    file = tmp_path / "a.csv"
    watch("--csv", str(file), "--wide")
    content = file.read_text()
    file.write_text(content + "half a ro")
    shutil.copy(next(folder.rglob("*.png")), folder / "new.png")
    out, _ = watch("--csv", str(file), "--wide")
    assert "new.png" in out
    assert file.read_text().startswith(content)
    rows = list(csv.reader(file.read_text().splitlines()))
    assert [row[0] for row in rows[4:]] == [str(folder / "new.png")]
    out, _ = watch("--csv", str(file), "--wide")
    assert out == ""


@pytest.mark.parametrize("content", [b"name,price\npear,3\n", b"name,price\npear,3", b"one line", bytes(range(256))])
def test_another_table_is_left_alone(bundle, folder, tmp_path, capsys, content):
    """To its last byte, also where it ends without a new line, as a row does that a power cut left."""
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    assert main(["watch", bundle, str(folder), "--csv", str(file)]) == 1
    assert "another table" in capsys.readouterr().err
    assert file.read_bytes() == content


def test_a_table_of_which_a_power_cut_left_half_the_header_is_begun_again(watch, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("path,lab")
    watch("--csv", str(file), "--wide")
    assert file.read_text().startswith("path,label,probability")
    assert len(file.read_text().splitlines()) == 4


def test_what_is_there_may_be_passed_over(watch):
    assert watch("--new-only").out == ""


def test_a_file_is_no_folder_to_be_waited_for(bundle, folder, capsys):
    assert main(["watch", bundle, str(next(folder.rglob("*.png")))]) == 1
    assert "is not a folder" in capsys.readouterr().err
