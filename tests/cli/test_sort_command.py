"""``sort``: a plan, a question, folders, and back."""

import io
import json
from collections import Counter

import pytest
from PIL import Image

from cnnstudio.cli.main import main
from cnnstudio.core import cache_folder
from cnnstudio.inference.folder import predicting
from cnnstudio.jobs.folders import ANSWERS
from tests.conftest import draw_folder
from tests.tiny_bundle import tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(tiny_bundle(tmp_path_factory.mktemp("bundle") / "model"))


@pytest.fixture
def folder(tmp_path):
    root = draw_folder(tmp_path / "photos", per_class=2)
    (root / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(30))
    return root


@pytest.fixture
def sort(bundle, folder, tmp_path, capsys):
    """Run the command; gives its code and what it printed."""

    def run(*words):
        code = main(["sort", bundle, str(folder), "--out", str(tmp_path / "sorted"), *words])
        return code, *capsys.readouterr()

    return run


class Terminal(io.StringIO):
    def isatty(self):
        return True


def made(tmp_path):
    return sorted(path.name for path in (tmp_path / "sorted").rglob("*.png"))


def test_a_plan_says_what_would_be_and_does_nothing(sort, tmp_path):
    code, _, err = sort("--plan")
    assert code == 0
    assert "6 copies" in err
    assert "1 picture cannot be read" in err
    assert "are free" in err
    assert not (tmp_path / "sorted").exists()


def test_the_mirror_image_counts_as_in_predict(sort, bundle, folder, capsys):
    (folder / "broken.png").unlink()
    plans = [json.loads(sort("--plan", "--json", *flip)[1]) for flip in ([], ["--flip"])]
    main(["predict", bundle, str(folder), "--json", "--flip"])
    top = [Counter(line["top"][0]["label"] for line in json.loads(capsys.readouterr().out))]
    assert [{part["name"]: part["pictures"] for part in plan["folders"]} for plan in plans[1:]] == top
    assert len(list((cache_folder() / ANSWERS).glob("*.csv"))) == 2, "answers of one way are not those of the other"


def test_a_script_has_to_say_yes(sort, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, _, err = sort()
    assert code == 0
    assert "add --yes" in err
    assert not (tmp_path / "sorted").exists()


@pytest.mark.parametrize(("answer", "files"), [("y\n", 6), ("\n", 0), ("no\n", 0), ("", 0)])
def test_a_person_is_asked(sort, tmp_path, monkeypatch, answer, files):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    code, _, err = sort()
    assert code == 0
    assert "Do it? [y/N]" in err
    assert len(made(tmp_path)) == files


def test_sorted_undone_and_sorted_another_way_without_predicting_again(sort, tmp_path, folder, monkeypatch):
    before = {path: path.read_bytes() for path in folder.rglob("*.png")}
    assert sort("--yes")[0] == 0
    assert len(made(tmp_path)) == 6
    assert any("-2.png" in name for name in made(tmp_path))
    assert "6 files removed" in sort("--undo")[1]
    assert not (tmp_path / "sorted").exists()

    def never(*_):
        raise AssertionError

    monkeypatch.setattr(predicting, "read_pixels", never)
    code, out, err = sort("--yes", "--link", "--threshold", "1")
    assert code == 0
    assert "6 of 6 pictures linked" in out
    assert "edits the picture" in err
    assert sorted(path.parent.name for path in (tmp_path / "sorted").rglob("*.png")) == ["unsure"] * 6
    assert sort("--undo")[0] == 0
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before


def test_a_picture_that_is_new_is_the_only_one_that_is_predicted(sort, tmp_path, folder):
    sort("--yes")
    Image.new("RGB", (60, 52), "red").save(folder / "zz.png")
    _, out, err = sort("--yes")
    assert "1 of 1 picture copied" in out
    assert "6 pictures were sorted there before" in err
    assert len(made(tmp_path)) == 7


def test_a_table_in_the_cache_that_somebody_changed_is_written_again(sort, tmp_path):
    sort("--plan")
    table = next((cache_folder() / "answers").glob("*.csv"))
    content = table.read_bytes()
    table.write_bytes(content.replace(b"0.", b"1."))
    assert sort("--yes")[0] == 0
    assert table.read_bytes() == content


def test_json_is_one_document(sort, tmp_path):
    plan = json.loads(sort("--json")[1])
    assert (plan["unreadable"], sum(each["pictures"] for each in plan["folders"])) == (1, 6)
    assert not (tmp_path / "sorted").exists()
    done = json.loads(sort("--json", "--yes")[1])
    assert (done["made"], done["total"], done["plan"]["digest"]) == (6, 6, plan["digest"])
    undone = json.loads(sort("--json", "--undo")[1])
    assert (undone["removed"], undone["changed"]) == (6, [])


def test_a_folder_among_the_pictures_is_refused_before_anything_is_predicted(bundle, folder, capsys, monkeypatch):
    monkeypatch.setattr(predicting, "read_pixels", None)
    assert main(["sort", bundle, str(folder), "--out", str(folder / "sorted"), "--yes"]) == 1
    assert "lies in the folder of the pictures" in capsys.readouterr().err


def test_nothing_to_undo_is_a_sentence(sort):
    code, _, err = sort("--undo")
    assert code == 1
    assert "Nothing that could be undone" in err


def test_a_folder_that_is_not_there_is_said(bundle, tmp_path, capsys):
    assert main(["sort", bundle, str(tmp_path / "photso"), "--out", str(tmp_path / "sorted"), "--yes"]) == 1
    assert "is not a folder" in capsys.readouterr().err
    assert not (tmp_path / "sorted").exists()
