"""``predict --csv``: every file is in the table, and what was interrupted is continued."""

import csv
import json
from pathlib import Path

import pytest

from cnnstudio.cli.main import main
from cnnstudio.inference.folder import table
from tests.tiny_bundle import tiny_bundle

IN_ORDER = ["img2.png", "img10.png", "IMG_1.HEIC", "scan0001", "notes.txt"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(tiny_bundle(tmp_path_factory.mktemp("bundle") / "model"))


def rows_in(path):
    return list(csv.reader(path.read_text().splitlines()))


def names(rows):
    return [Path(row[0]).name for row in rows]


def test_every_file_is_in_the_table(bundle, folder, capsys, tmp_path):
    assert main(["predict", bundle, str(folder), "--csv", str(tmp_path / "sub" / "a.csv"), "--top", "2"]) == 0
    rows = rows_in(tmp_path / "sub" / "a.csv")
    assert rows[0] == ["path", "rank", "label", "probability", "error"]
    assert list(dict.fromkeys(names(rows[1:]))) == IN_ORDER
    assert {row[1] for row in rows[1:]} == {"", "1", "2"}
    assert "notes.txt is not a picture." in rows[-1][4]
    err = capsys.readouterr().err
    assert "5 pictures: " in err
    assert "2 hidden files or files of the system" in err


def test_no_picture_of_the_folder_is_written_over(bundle, folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    before = Path("img2.png").read_bytes()
    Path("link").symlink_to("img2.png")
    for name in ("img2.png", str(folder / "img2.png"), "link"):
        assert main(["predict", bundle, str(folder), "--csv", name]) == 1
        assert "is one of the pictures" in capsys.readouterr().err
    assert Path("img2.png").read_bytes() == before


@pytest.mark.parametrize("words", [[], ["--resume"]])
def test_the_table_of_a_folder_that_is_gone_stays_as_it_is(bundle, folder, capsys, tmp_path, words):
    """Such as of a drive that is not connected."""
    command = ["predict", bundle, str(folder), "--csv", str(tmp_path / "a.csv")]
    assert main(command) == 0
    before = (tmp_path / "a.csv").read_bytes()
    folder.rename(tmp_path / "away")
    assert main([*command, *words]) == 1
    assert "is not there" in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_bytes() == before


def test_two_files_are_not_one(bundle, folder, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("cnnstudio.jobs.folders.check_parquet", lambda: None)
    name = str(tmp_path / "a.csv")
    assert main(["predict", bundle, str(folder), "--csv", name, "--parquet", name]) == 1
    assert "would be written twice" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_a_folder_is_no_table(bundle, folder, capsys, name):
    assert main(["predict", bundle, str(folder), "--csv", name]) == 1
    assert "is a folder" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "columns"), [(["--wide"], 6), (["--probabilities"], 13)])
def test_a_wide_table_has_a_row_for_each(bundle, folder, tmp_path, words, columns):
    assert main(["predict", bundle, str(folder), "--csv", str(tmp_path / "a.csv"), *words]) == 0
    rows = rows_in(tmp_path / "a.csv")
    assert names(rows[1:]) == IN_ORDER
    assert {len(row) for row in rows} == {columns}


def test_the_json_is_one_document_about_the_table(bundle, folder, capsys, tmp_path):
    assert main(["predict", bundle, str(folder), "--csv", str(tmp_path / "a.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["table"], found["done"], found["total"], found["kept"]) == (str(tmp_path / "a.csv"), 5, 5, 0)
    assert found["counts"]["unreadable"] == 2
    assert sum(found["counts"]["classes"].values()) == 3


def stop_after(monkeypatch, pictures):
    """Ctrl-C after so many answers."""
    controls = []
    monkeypatch.setattr(
        "cnnstudio.cli.main.stop_on_interrupt", lambda control: controls.append(control) or (lambda: None)
    )
    add = table.GrowingTable.add

    def adding(self, *found):
        add(self, *found)
        if self.done >= pictures:
            controls[-1].request_stop()

    monkeypatch.setattr(table.GrowingTable, "add", adding)


def test_a_stop_keeps_what_came_and_says_how_to_continue(bundle, folder, monkeypatch, capsys, tmp_path):
    file = tmp_path / "a.csv"
    with monkeypatch.context() as context:
        stop_after(context, 2)
        assert main(["predict", bundle, str(folder), "--csv", str(file)]) == 130
    assert list(dict.fromkeys(names(rows_in(file)[1:]))) == IN_ORDER[:2]
    err = capsys.readouterr().err
    assert "2 of 5 files" in err
    assert "--resume" in err
    assert main(["predict", bundle, str(folder), "--csv", str(file), "--resume"]) == 0
    assert "2 answers were there already" in capsys.readouterr().err
    assert main(["predict", bundle, str(folder), "--csv", str(tmp_path / "b.csv")]) == 0
    assert file.read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_table_in_its_own_folder_is_no_row(bundle, folder, monkeypatch):
    with monkeypatch.context() as context:
        stop_after(context, 3)
        main(["predict", bundle, str(folder), "--csv", str(folder / "a.csv")])
    assert (folder / "a.csv.state").is_file()
    assert main(["predict", bundle, str(folder), "--csv", str(folder / "a.csv"), "--resume"]) == 0
    assert list(dict.fromkeys(names(rows_in(folder / "a.csv")[1:]))) == IN_ORDER


def test_without_resume_it_begins_again(bundle, folder, monkeypatch, capsys, tmp_path):
    with monkeypatch.context() as context:
        stop_after(context, 2)
        main(["predict", bundle, str(folder), "--csv", str(tmp_path / "a.csv")])
    assert main(["predict", bundle, str(folder), "--csv", str(tmp_path / "a.csv")]) == 0
    assert "there already" not in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.glob("a.*")) == ["a.csv", "a.csv.state"]


def test_a_wrong_name_costs_no_earlier_table(folder, tmp_path):
    (tmp_path / "a.csv").write_text("earlier")
    assert main(["predict", "x", str(folder), "--csv", str(tmp_path / "a.csv")]) == 1
    assert (tmp_path / "a.csv").read_text() == "earlier"


@pytest.mark.parametrize("place", ["the folder", "a picture"])
def test_a_table_that_cannot_be_written_is_a_sentence(bundle, folder, capsys, place):
    target = folder if place == "the folder" else folder / "img2.png"
    before = (folder / "img2.png").read_bytes()
    assert main(["predict", bundle, str(folder), str(folder / "img2.png"), "--csv", str(target)]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert (folder / "img2.png").read_bytes() == before


@pytest.mark.parametrize("words", [["--resume"], ["--wide"], ["--parquet", "a.parquet"]])
def test_what_is_about_a_table_needs_one(folder, capsys, words):
    assert main(["predict", "x", str(folder), *words]) == 1
    assert "--csv FILE" in capsys.readouterr().err


def test_parquet_without_its_package_is_said_before_anything_is_predicted(
    bundle, folder, capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr("cnnstudio.inference.folder.parquet.find_spec", lambda _: None)
    words = ["--csv", str(tmp_path / "a.csv"), "--parquet", str(tmp_path / "a.parquet")]
    assert main(["predict", bundle, str(folder), *words]) == 1
    assert "pip install pyarrow" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_parquet_has_the_rows_and_the_names_as_they_are(bundle, folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    (folder / "notes.txt").rename(folder / "=notes.txt")
    words = ["--csv", str(tmp_path / "a.csv"), "--parquet", str(tmp_path / "a.parquet"), "--wide"]
    assert main(["predict", bundle, str(folder), *words]) == 0
    found = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    assert [Path(path).name for path in found["path"]] == [*IN_ORDER[:-1], "=notes.txt"]
    assert found["probability"][-1] is None
    assert 0 < found["probability"][0] <= 1
    assert found["error"][-1] == "=notes.txt is not a picture."
